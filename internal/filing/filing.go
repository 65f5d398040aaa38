// Package filing is everything an applicant does to file an application: start a draft, fill it in, attach documents,
// sign and submit.
package filing

import (
	"context"
	"slices"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/billing"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/docnumber"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Filing files applications.
type Filing struct {
	Store     port.Store
	World     port.World
	Verifier  port.Verifier
	Stamper   port.Stamper // nil = no time-stamping authority is configured
	Catalogue *catalogue.Catalogue
	Casework  *casework.Casework
	Numbers   *docnumber.Allocator
	Registers port.Registers
	Jobs      port.Jobs
	Glyphs    port.Glyphs // what the papers can print; nil = everything
	// Origin and Environment are bound into everything that is signed.
	Origin, Environment string
}

// Start says what is ordered.
type Start struct {
	Service, Subtype, Body string
	Operation              string // key; empty = the only one that can be ordered
	// Permit is the number of the permit that the operation concerns; its body and subtype count then.
	Permit string
	// Holder is the BIN of that permit's holder, for an operation whose applicant succeeds the holder.
	Holder string
	// Paper is the id of the paper licence that is restored: what the register says of it is filled in.
	Paper string
}

// Draft is an application with everything that its pages show.
type Draft struct {
	casework.File
	Visible map[string]bool
	// Obstacles speak against filing although the form is filled in well: what another application has taken.
	Obstacles []fault.Field
	// Moves are how a draft came from older revisions of its service; Open and Save read them.
	Moves []application.Move
	// Bundled is the id of the bundle whose parts, all drafts, are to be filed together; "" where it is filed by itself.
	Bundled string
	// Elsewhere are the fields of the page saved just now that somebody else changed meanwhile; see Save.
	Elsewhere []string
}

// Definition is the service of the draft.
func (d Draft) Definition() *service.Definition { return d.Form.Revision.Definition }

// Shows tells whether anything of a page is shown for the draft's answers.
func (d Draft) Shows(p service.Page) bool {
	return slices.ContainsFunc(p.Fields, func(f service.Field) bool { return d.Visible[f.Key] })
}

// Begin makes a draft, numbered and prefilled. A draft of the same service at the same body is fault.Conflict
// "filing.draft-exists" with its number.
func (f *Filing) Begin(ctx context.Context, actor access.Actor, in Start) (string, error) {
	if err := actor.LoggedIn(); err != nil {
		return "", err
	}
	return f.begin(ctx, actor, in, nil)
}

// begin makes a draft, with what an old application holds where one is given.
func (f *Filing) begin(ctx context.Context, actor access.Actor, in Start, old *application.Application) (string, error) {
	rev, err := f.Catalogue.Service(in.Service)
	if err != nil {
		return "", err
	}
	d := rev.Definition
	if d.Status != service.Open {
		return "", fault.New(fault.Conflict, "filing.not-open")
	}
	operation, ok := d.Order(in.Operation)
	if !ok {
		return "", fault.At("operation", "field.choose")
	}
	in.Operation = operation.Key
	if in, err = f.about(ctx, actor, operation, in); err != nil {
		return "", err
	}
	if !slices.Contains(d.Bodies, in.Body) {
		return "", fault.At("body", "field.choose")
	}
	if in.Permit == "" && in.Subtype != "" && !slices.ContainsFunc(d.Subtypes, func(s service.Subtype) bool { return s.Key == in.Subtype && s.IssuedBy(in.Body) }) {
		return "", fault.At("subtype", "field.choose")
	}
	account, open, err := f.starter(ctx, actor, in)
	if err != nil {
		return "", err
	}
	if open != "" {
		return "", draftExists(open)
	}
	if !d.Serves(account.Party.Recipient(false)) && !d.Serves(account.Party.Recipient(true)) {
		return "", fault.New(fault.Denied, "filing.not-for-you")
	}
	a := f.fresh(ctx, rev, account, in)
	if err := f.fromPaper(ctx, d, account.Party, in.Paper, &a); err != nil {
		return "", err
	}
	if old != nil {
		copyAnswers(d, &a, *old)
	}
	if err := f.carryOver(ctx, rev, account.Party, &a, old != nil); err != nil {
		return "", err
	}
	if a.Number, err = f.Numbers.Number(ctx, d.Numbers.Application); err != nil {
		return "", err
	}
	err = f.Store.Update(ctx, func(tx port.Tx) (err error) {
		if old != nil {
			if a.Attached, err = reattached(ctx, tx, actor, d, *old); err != nil {
				return err
			}
			f.audit(tx, actor, "application.copied", "application/"+a.Number, map[string]string{"from": old.Number}, a.CreatedAt)
		}
		tx.Write().Applications().Add(a)
		f.happen(tx, actor, a, application.Created, "", application.Draft)
		return nil
	})
	if fault.KindOf(err) == fault.Conflict && err != nil {
		f.Numbers.Unused(a.Number)
	}
	if fault.Is(err, "store.draft-exists") {
		if _, open, again := f.starter(ctx, actor, in); again == nil && open != "" {
			return "", draftExists(open)
		}
	}
	if err != nil {
		return "", err
	}
	return a.Number, nil
}

func draftExists(number string) error {
	return fault.New(fault.Conflict, "filing.draft-exists").With(fault.Args{"number": number})
}

// starter reads who starts, and the number of the draft that stands in the way, if any.
func (f *Filing) starter(ctx context.Context, actor access.Actor, in Start) (account party.Account, open string, err error) {
	err = f.Store.View(ctx, func(v port.View) error {
		if account, err = v.Accounts().Account(ctx, actor.Account); err != nil {
			return err
		}
		a, ok, err := v.Applications().OpenOf(ctx, actor.Party, in.Service, in.Body)
		if ok {
			open = a.Number
		}
		return err
	})
	return account, open, err
}

// fresh is a new draft with its presets and prefilled answers.
func (f *Filing) fresh(ctx context.Context, rev *service.Revision, account party.Account, in Start) application.Application {
	values, silent := f.sources(ctx, account)
	return f.prefilled(rev, account, in, values, silent)
}

// prefilled is a new draft, answered from what is known of the applicant.
func (f *Filing) prefilled(rev *service.Revision, account party.Account, in Start, values map[string]sourced, silent bool) application.Application {
	now := f.World.Now()
	a := application.Application{
		Service: in.Service, Revision: rev.Number, Operation: in.Operation, Subtype: in.Subtype, Body: in.Body,
		Party: account.Party.ID, Account: account.ID, State: application.Draft, Version: 1, Concerns: in.Permit,
		Answers: map[string]string{}, Sources: map[string]application.Source{}, CreatedAt: now, ChangedAt: now,
	}
	for _, page := range rev.Definition.Pages {
		for _, field := range page.Fields {
			prefill(field, values, silent, now, a.Answers, a.Sources)
		}
	}
	for key, value := range rev.Definition.Preset(in.Subtype) {
		if in.Permit == "" {
			a.Answers[key] = value
		}
	}
	return a
}

type sourced struct {
	value, from string
	at          time.Time
}

// sources gathers what is known about the applicant, under the names that prefill lists use. A register that does not
// answer leaves its values out (silent): the person fills them in.
func (f *Filing) sources(ctx context.Context, account party.Account) (values map[string]sourced, silent bool) {
	p := account.Party
	values = map[string]sourced{}
	put := func(prefix, from string, at time.Time, pairs map[string]string) {
		for key, value := range pairs {
			values[prefix+"."+key] = sourced{value, from, at}
		}
	}
	put("profile", "profile", account.CreatedAt, p.Profile)
	put("account", "certificate", account.CreatedAt, map[string]string{
		"name": account.PersonName(), "surname": account.Surname, "given_name": account.GivenName, "patronymic": account.Patronymic,
		"phone": account.Phone, "email": account.Email,
	})
	put("applicant", "certificate", p.CreatedAt, map[string]string{
		"name": p.Name, "surname": account.Surname, "given_name": account.GivenName, "patronymic": account.Patronymic,
	})
	if f.Registers == nil {
		return values, false
	}
	if p.Kind != party.Organisation {
		person, err := f.Registers.Person(ctx, p.Number)
		put("registry", "registry-person", person.FetchedAt, person.Values)
		return values, err != nil && fault.KindOf(err) != fault.NotFound
	}
	entity, err := f.Registers.LegalEntity(ctx, p.Number)
	if err != nil {
		return values, fault.KindOf(err) != fault.NotFound
	}
	put("registry", "registry", entity.FetchedAt, entity.Values)
	put("registry", "registry", entity.FetchedAt, map[string]string{
		"name": entity.Name.KK, "representative_name": entity.Head, "representative_position": entity.Position.KK,
	})
	return values, false
}

// Open gives a draft (or an application that was sent, for reading) with everything its pages show. A draft of an older
// revision of its service is moved to the newest one first.
func (f *Filing) Open(ctx context.Context, actor access.Actor, number string) (Draft, error) {
	d, err := f.read(ctx, actor, number)
	if err != nil || f.newer(d.Application) == nil {
		return d, err
	}
	if err := f.move(ctx, actor, number); err != nil {
		return d, err
	}
	return f.read(ctx, actor, number)
}

func (f *Filing) read(ctx context.Context, actor access.Actor, number string) (Draft, error) {
	var d Draft
	err := f.Store.View(ctx, func(v port.View) (err error) {
		if d, err = f.load(ctx, v, actor, number); err != nil {
			return err
		}
		d.Moves, err = moves(ctx, v, d.Application)
		return err
	})
	return d, err
}

// moves reads the moves of a draft; one that stands on the first revision has none.
func moves(ctx context.Context, v port.View, a application.Application) ([]application.Move, error) {
	if a.State != application.Draft || a.Revision <= 1 {
		return nil, nil
	}
	return v.Services().Moves(ctx, a.Number)
}

// load gives an application of the actor's party, with the facts as they stood when it was sent, or as they stand now.
func (f *Filing) load(ctx context.Context, v port.View, actor access.Actor, number string) (Draft, error) {
	var d Draft
	if err := actor.LoggedIn(); err != nil {
		return d, err
	}
	dossier, err := v.Applications().Dossier(ctx, number)
	if err != nil {
		return d, err
	}
	return f.open(ctx, v, actor, dossier)
}

// open lays out a dossier that was read.
func (f *Filing) open(ctx context.Context, v port.View, actor access.Actor, dossier port.Dossier) (Draft, error) {
	var d Draft
	var err error
	a := dossier.Application
	if err := access.May(actor, access.View, a.Party); err != nil {
		return d, err
	}
	at := f.World.Now()
	if !a.SentAt.IsZero() {
		at = a.SentAt
	}
	if d.File, err = f.Casework.Open(ctx, v, dossier, at); err != nil {
		return d, err
	}
	if a.State == application.Draft { // what was worked out follows the day and the directories
		if a.Answers, err = d.Form.Complete(a.Answers, d.Facts); err != nil {
			return d, err
		}
		d.Application = a
	}
	if d.Visible, err = d.Form.Visible(a.Answers, d.Facts); err != nil || a.State != application.Draft {
		return d, err
	}
	if d.Bundled, err = bundledIn(ctx, v, a); err != nil {
		return d, err
	}
	d.Obstacles, err = f.Casework.Obstacles(ctx, v, d.File)
	return d, err
}

// editable loads a draft that may be changed. One of an older revision is keyBehind: updateDraft moves it first.
func (f *Filing) editable(ctx context.Context, v port.View, actor access.Actor, number string) (Draft, error) {
	d, err := f.load(ctx, v, actor, number)
	if err != nil {
		return d, err
	}
	if err := stillDraft(d); err != nil {
		return d, err
	}
	if f.newer(d.Application) != nil {
		return d, fault.New(fault.Conflict, keyBehind)
	}
	d.Moves, err = moves(ctx, v, d.Application)
	return d, err
}

func stillDraft(d Draft) error {
	if d.Application.State != application.Draft {
		return fault.New(fault.Conflict, "filing.sent-already")
	}
	return nil
}

// Delete deletes a draft. Its number stays as a tombstone; an unpaid invoice is void, a paid one returnable.
func (f *Filing) Delete(ctx context.Context, actor access.Actor, number string) error {
	return f.Store.Update(ctx, func(tx port.Tx) error {
		d, err := f.load(ctx, tx, actor, number) // of whichever revision
		if err != nil {
			return err
		}
		if err := stillDraft(d); err != nil {
			return err
		}
		if err := apart(ctx, tx, d.Application); err != nil {
			return err
		}
		return f.delete(ctx, tx, actor, d.Application)
	})
}

// delete lists the writes by which a draft is deleted.
func (f *Filing) delete(ctx context.Context, tx port.Tx, actor access.Actor, a application.Application) error {
	now := f.World.Now()
	a.State, a.ChangedAt = application.Deleted, a.Moment(now)
	a.Answers, a.Sources = map[string]string{}, map[string]application.Source{}
	for _, at := range a.Attached {
		tx.Write().Applications().Detach(a.Number, at.Key)
	}
	tx.Write().Services().ForgetMoves(a.Number)
	tx.Write().Applications().Change(a)
	tx.Write().Keys().Bury(a.Number, "draft-deleted", now)
	if err := billing.CancelIn(ctx, tx, f.World, actor, a.Number); err != nil {
		return err
	}
	f.happen(tx, actor, a, application.Removed, application.Draft, application.Deleted)
	return nil
}

// Attach attaches a document of the personal store to a row of the service's list.
func (f *Filing) Attach(ctx context.Context, actor access.Actor, number, key, document string) error {
	return f.updateDraft(ctx, actor, number, func(tx port.Tx) error {
		d, err := f.editable(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		if !asksFor(d.Definition(), d.Application.Operation, key) {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		doc, err := tx.Documents().Document(ctx, document)
		if err != nil {
			return err
		}
		if err := access.May(actor, access.View, doc.Party); err != nil {
			return err
		}
		if !doc.DeletedAt.IsZero() {
			return fault.New(fault.NotFound, "fault.not-found")
		}
		return f.touch(tx, d.Application, func(w port.ApplicationWrites) {
			w.Attach(number, attachment(key, doc))
		})
	})
}

// asksFor tells whether a service has a row of this key in the list of documents of an operation.
func asksFor(d *service.Definition, operation, key string) bool {
	return slices.ContainsFunc(d.Documents, func(doc service.Document) bool { return doc.Key == key && doc.For(operation) })
}

func attachment(key string, doc port.StoredDocument) application.Attachment {
	return application.Attachment{Key: key, Document: doc.ID, Name: doc.Name, File: doc.File, Digest: doc.Digest, Size: doc.Size}
}

// Detach takes an attachment off.
func (f *Filing) Detach(ctx context.Context, actor access.Actor, number, key string) error {
	return f.updateDraft(ctx, actor, number, func(tx port.Tx) error {
		d, err := f.editable(ctx, tx, actor, number)
		if err != nil {
			return err
		}
		return f.touch(tx, d.Application, func(w port.ApplicationWrites) { w.Detach(number, key) })
	})
}

// touch changes attachments together with the application's version, so that what is being signed grows stale.
func (f *Filing) touch(tx port.Tx, a application.Application, change func(port.ApplicationWrites)) error {
	change(tx.Write().Applications())
	a.ChangedAt = a.Moment(f.World.Now())
	tx.Write().Applications().Change(a)
	return nil
}

// happen writes the event that changed an application, of the moment of the change, and its audit row.
func (f *Filing) happen(tx port.Tx, actor access.Actor, a application.Application, e application.Event, from, to application.State) {
	tx.Write().Applications().Happen(application.Happening{ID: f.World.ID(), Application: a.Number, Event: e, From: from, To: to, Actor: actor.Name(), At: a.ChangedAt})
	f.audit(tx, actor, "application."+string(e), "application/"+a.Number,
		map[string]string{"from": string(from), "to": string(to), "version": strconv.Itoa(a.Version)}, a.ChangedAt)
}

func (f *Filing) audit(tx port.Tx, actor access.Actor, action, object string, details map[string]string, at time.Time) {
	tx.Write().Records().Audit(audit.Entry{ID: f.World.ID(), Salt: f.World.Random(16), At: at, Actor: actor.Name(), Action: action, Object: object, Details: details})
}
