// Package wording keeps the words that a state body gives its own refusals and letters: templates with placeholders. An
// administrator of the body writes one, another confirms it; until then nothing of it is used. A template is never changed: a
// newer one takes its place from its first day on, and the older ones stay.
package wording

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/notice"
	"elicense/internal/port"
	"elicense/internal/service"
)

// The fields of a template; faults stand at them.
const (
	FieldOf   = "of"
	FieldName = "name"
	FieldKK   = "text_kk"
	FieldRU   = "text_ru"
	FieldEN   = "text_en"
	FieldFrom = "from"
	FieldTo   = "to"
)

// Bounds, in characters. A text is the beginning of a reason, which has the same bound.
const (
	maxName = 200
	maxText = 2000
)

// stale is how long another node's confirmation may be unseen.
const stale = 5 * time.Second

// Wording is safe for many goroutines.
type Wording struct {
	store     port.Store
	world     port.World
	catalogue *catalogue.Catalogue

	mu    sync.Mutex
	known map[string]known // by body
}

type known struct {
	rows []service.Row
	at   time.Time
}

// New makes the keeper of the bodies' templates.
func New(store port.Store, world port.World, c *catalogue.Catalogue) *Wording {
	return &Wording{store: store, world: world, catalogue: c, known: map[string]known{}}
}

// The templates of a body are rows of one directory, a row for every version, its code naming what it is for; what waits
// for the second person is an amendment of the directory and the code, so that one waits for each.
func directory(body string) string        { return port.TemplateDirectory + body }
func proposalOf(body, code string) string { return directory(body) + ":" + code }

// bodyOf is whose template an amendment proposes; ok is false for amendments of directories.
func bodyOf(a port.Amendment) (body string, ok bool) {
	rest, ok := strings.CutPrefix(a.Directory, port.TemplateDirectory)
	body, _, _ = strings.Cut(rest, ":")
	return body, ok
}

// Subject is what a template can be for.
type Subject struct {
	Code string
	// Of a refusal: the service and its legal ground. Without a service it begins every refusal of the body for which there
	// is none of its own.
	Refusal bool
	Service *service.Revision
	Ground  service.Refusal
	Letter  string // kind of the notice
}

// anyRefusal is the code of the template for all refusals of a body.
const anyRefusal = "refusal"

func refusalCode(service, ground string) string { return anyRefusal + "/" + service + "/" + ground }
func letterCode(kind string) string             { return "letter/" + kind }

// Placeholders lists what its text may leave to be filled in.
func (s Subject) Placeholders() []string {
	if s.Refusal {
		return casework.Placeholders()
	}
	return notice.Placeholders(s.Letter)
}

// subjects lists what a body may write templates for.
func (w *Wording) subjects(body string) []Subject {
	list := []Subject{{Code: anyRefusal, Refusal: true}}
	for _, rev := range w.catalogue.Newest() {
		p := rev.Definition.Process
		if len(p.Steps) == 0 || !slices.Contains(rev.Definition.Bodies, body) {
			continue
		}
		for _, g := range slices.Concat(p.Grounds, p.Incompleteness()) {
			list = append(list, Subject{Code: refusalCode(rev.Service, g.Key), Refusal: true, Service: rev, Ground: g})
		}
	}
	for _, kind := range notice.Kinds() {
		list = append(list, Subject{Code: letterCode(kind), Letter: kind})
	}
	return list
}

func (w *Wording) subject(body, code string) (Subject, bool) {
	list := w.subjects(body)
	i := slices.IndexFunc(list, func(s Subject) bool { return s.Code == code })
	if i < 0 {
		return Subject{Code: code, Refusal: !strings.HasPrefix(code, letterCode(""))}, false
	}
	return list[i], true
}

// May demands an administrator of a body.
func (w *Wording) May(actor access.Actor) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	return access.Can(actor, access.Administer, access.Thing{Body: actor.Body})
}

// Subjects lists what the actor's body may write templates for.
func (w *Wording) Subjects(actor access.Actor) ([]Subject, error) {
	if err := w.May(actor); err != nil {
		return nil, err
	}
	return w.subjects(actor.Body), nil
}

// Template is a text of a body for its refusals or letters.
type Template struct {
	Subject
	Name     string // by which the body's administrators know it
	Text     lang.Text
	From, To civil.Date // To zero = until the next one
}

func (t Template) row(body string) service.Row {
	return service.Row{Directory: directory(body), Code: t.Code, Name: lang.Text{KK: t.Name}, From: t.From, To: t.To,
		Values: map[string]string{FieldKK: t.Text.KK, FieldRU: t.Text.RU, FieldEN: t.Text.EN}}
}

func (w *Wording) read(body string, r service.Row) Template {
	s, _ := w.subject(body, r.Code)
	return Template{Subject: s, Name: r.Name.KK, Text: lang.Text{KK: r.Values[FieldKK], RU: r.Values[FieldRU], EN: r.Values[FieldEN]}, From: r.From, To: r.To}
}

// Version is a template that was confirmed.
type Version struct {
	Template
	// State tells whether it is used today, later, or no more.
	State VersionState
}

// VersionState is how a version stands on a day.
type VersionState string

// The states.
const (
	Used  VersionState = "used"
	Later VersionState = "later"
	Ended VersionState = "ended"
)

// List is the templates of a body, by what they are for, the newest first, and those that wait for the second person.
type List struct {
	Versions []Version
	Waiting  []Proposal
}

// Proposal is a template that is proposed, or was, as the second person reads it.
type Proposal struct {
	port.Amendment
	Template
	Names map[string]string // of the officials of the body, by account
	Mine  bool              // the reader proposed it
	// Before is what it takes the place of; nil = nothing, or it is decided.
	Before *Template
}

// List gives the templates of the actor's body.
func (w *Wording) List(ctx context.Context, actor access.Actor) (List, error) {
	var l List
	if err := w.May(actor); err != nil {
		return l, err
	}
	var rows []service.Row
	var waiting []port.Amendment
	err := w.store.View(ctx, func(v port.View) (err error) {
		if rows, err = v.Directories().Rows(ctx, directory(actor.Body)); err != nil {
			return err
		}
		waiting, err = v.Office().Amendments().Amendments(ctx, "", 1000)
		return err
	})
	today := w.today()
	for _, r := range rows {
		state := Ended
		if used, ok := newest(rows, r.Code, today); ok && used.From == r.From {
			state = Used
		} else if r.From.After(today) {
			state = Later
		}
		l.Versions = append(l.Versions, Version{w.read(actor.Body, r), state})
	}
	slices.SortStableFunc(l.Versions, func(a, b Version) int { return cmp.Or(cmp.Compare(a.Code, b.Code), b.From.Compare(a.From)) })
	for _, a := range waiting {
		if body, ok := bodyOf(a); ok && body == actor.Body {
			s, _ := w.subject(body, strings.TrimPrefix(a.Directory, proposalOf(body, "")))
			l.Waiting = append(l.Waiting, Proposal{Amendment: a, Template: Template{Subject: s}})
		}
	}
	return l, err
}

// newest is the version of a code that counts on a day: the last that has begun, unless it has ended.
func newest(rows []service.Row, code string, day civil.Date) (r service.Row, ok bool) {
	for _, x := range rows {
		if x.Code == code && !x.From.After(day) && (!ok || x.From.After(r.From)) {
			r, ok = x, true
		}
	}
	return r, ok && (r.To.IsZero() || !r.To.Before(day))
}

// Propose proposes a template. What is wrong comes as field faults; a second one that waits for the same purpose is
// fault.Conflict "store.amendment-waits".
func (w *Wording) Propose(ctx context.Context, actor access.Actor, t Template) (string, error) {
	if err := w.May(actor); err != nil {
		return "", err
	}
	t, err := w.Check(actor, t)
	if err != nil {
		return "", err
	}
	a := port.Amendment{ID: w.world.ID(), Directory: proposalOf(actor.Body, t.Code), Rows: []service.Row{t.row(actor.Body)}, State: port.AmendmentProposed,
		Proposed: port.Signed{By: actor.Account, Person: actor.Person, At: w.world.Now()}}
	err = w.store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Amendments().Add(a)
		w.record(tx, actor, "template.proposed", a)
		return nil
	})
	if fault.Is(err, "store.amendment-waits") {
		return "", fault.New(fault.Conflict, "template.waits")
	}
	return a.ID, err
}

// Check holds a template against the rules; its texts come back without what surrounds them.
func (w *Wording) Check(actor access.Actor, t Template) (Template, error) {
	s, ok := w.subject(actor.Body, t.Code)
	t.Subject, t.Name = s, strings.TrimSpace(t.Name)
	var wrong []fault.Field
	add := func(path, key string, args fault.Args) {
		wrong = append(wrong, fault.Field{Path: path, Key: key, Args: args})
	}
	if !ok {
		add(FieldOf, "template.of-required", nil)
	}
	switch {
	case t.Name == "":
		add(FieldName, "template.name-required", nil)
	case utf8.RuneCountInString(t.Name) > maxName || strings.ContainsFunc(t.Name, unicode.IsControl):
		add(FieldName, "work.too-long", nil)
	}
	if s.Refusal {
		t.Text.EN = "" // decisions are written in Kazakh and in Russian
	}
	for _, f := range []struct {
		path     string
		text     *string
		required bool
	}{{FieldKK, &t.Text.KK, true}, {FieldRU, &t.Text.RU, true}, {FieldEN, &t.Text.EN, false}} {
		*f.text = strings.TrimSpace(strings.ReplaceAll(*f.text, "\r\n", "\n"))
		switch {
		case *f.text == "" && f.required:
			add(f.path, "template.text-required", nil)
		case utf8.RuneCountInString(*f.text) > maxText:
			add(f.path, "work.too-long", nil)
		case strings.ContainsFunc(*f.text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
			add(f.path, "template.control", nil)
		case ok:
			if left := unknown(*f.text, s.Placeholders()); left != "" {
				add(f.path, "template.placeholder", fault.Args{"name": left, "known": "{" + strings.Join(s.Placeholders(), "}, {") + "}"})
			}
		}
	}
	switch {
	case t.From.IsZero():
		add(FieldFrom, "template.from-required", nil)
	case t.From.Before(w.today()):
		add(FieldFrom, "template.from-past", nil)
	}
	if !t.To.IsZero() && t.To.Before(t.From) {
		add(FieldTo, "template.to-early", nil)
	}
	return t, fault.Fields(wrong)
}

// unknown is the first placeholder of a text that is none of the known ones, or a brace that begins or ends nothing.
func unknown(text string, known []string) string {
	values := map[string]string{}
	for _, name := range known {
		values[name] = ""
	}
	rest := application.FillTemplate(text, values)
	if left := application.Placeholders(rest); len(left) > 0 {
		return left[0]
	}
	if i := strings.IndexAny(rest, "{}"); i >= 0 {
		return rest[i : i+1]
	}
	return ""
}

// Look gives a proposal of the actor's body; another's, and an amendment of a directory, is fault.NotFound.
func (w *Wording) Look(ctx context.Context, actor access.Actor, id string) (Proposal, error) {
	if err := w.May(actor); err != nil {
		return Proposal{}, err
	}
	p := Proposal{Names: map[string]string{}}
	err := w.store.View(ctx, func(v port.View) (err error) {
		if p.Amendment, err = w.proposal(ctx, v, actor, id); err != nil {
			return err
		}
		list, err := v.Office().Officials().List(ctx, actor.Body)
		if err != nil {
			return err
		}
		for _, o := range list {
			p.Names[o.ID] = o.Name()
		}
		p.Template, p.Mine = w.read(actor.Body, p.Rows[0]), p.Proposed.Person == actor.Person
		if p.State != port.AmendmentProposed {
			return nil
		}
		rows, err := v.Directories().Rows(ctx, directory(actor.Body))
		if before, ok := newest(rows, p.Code, p.From); ok {
			t := w.read(actor.Body, before)
			p.Before = &t
		}
		return err
	})
	return p, err
}

func (w *Wording) proposal(ctx context.Context, v port.View, actor access.Actor, id string) (port.Amendment, error) {
	a, err := v.Office().Amendments().Amendment(ctx, id)
	if err != nil {
		return a, err
	}
	if body, ok := bodyOf(a); !ok || body != actor.Body || len(a.Rows) != 1 {
		return a, fault.New(fault.NotFound, "fault.not-found")
	}
	return a, nil
}

// Confirm puts a template into force, from its first day or from today, whichever is later. The person who proposed it
// cannot (fault.Conflict "publication.same-person"), by whichever account; one that is decided is fault.Conflict
// "template.closed", one whose last day is over "template.over".
func (w *Wording) Confirm(ctx context.Context, actor access.Actor, id string) error {
	err := w.close(ctx, actor, id, func(tx port.Tx, a *port.Amendment) error {
		if a.Proposed.Person == actor.Person {
			return fault.New(fault.Conflict, "publication.same-person")
		}
		r, today := a.Rows[0], w.today()
		if r.From.Before(today) {
			r.From = today
		}
		if !r.To.IsZero() && r.To.Before(r.From) {
			return fault.New(fault.Conflict, "template.over")
		}
		a.State = port.AmendmentApproved
		tx.Write().Directories().Put(directory(actor.Body), []service.Row{r})
		return nil
	})
	if err == nil {
		w.mu.Lock()
		delete(w.known, actor.Body)
		w.mu.Unlock()
	}
	return err
}

// Reject closes a proposal with a reason; the person who made it takes it back so.
func (w *Wording) Reject(ctx context.Context, actor access.Actor, id, reason string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return fault.At("reason", "directory.reason")
	case utf8.RuneCountInString(reason) > maxText:
		return fault.At("reason", "work.too-long")
	}
	return w.close(ctx, actor, id, func(_ port.Tx, a *port.Amendment) error {
		a.State, a.Reason = port.AmendmentRejected, reason
		return nil
	})
}

func (w *Wording) close(ctx context.Context, actor access.Actor, id string, f func(tx port.Tx, a *port.Amendment) error) error {
	if err := w.May(actor); err != nil {
		return err
	}
	return w.store.Update(ctx, func(tx port.Tx) error {
		a, err := w.proposal(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if a.State != port.AmendmentProposed {
			return fault.New(fault.Conflict, "template.closed")
		}
		a.Closed = port.Signed{By: actor.Account, Person: actor.Person, At: w.world.Now()}
		if err := f(tx, &a); err != nil {
			return err
		}
		tx.Write().Office().Amendments().Close(a)
		w.record(tx, actor, "template."+string(a.State), a)
		return nil
	})
}

func (w *Wording) record(tx port.Tx, actor access.Actor, action string, a port.Amendment) {
	tx.Write().Records().Audit(audit.Entry{ID: w.world.ID(), Salt: w.world.Random(16), At: w.world.Now(), Actor: actor.Name(), Action: action, Object: "template/" + a.ID,
		Details: map[string]string{"body": actor.Body, "code": a.Rows[0].Code}})
}

func (w *Wording) today() civil.Date { return civil.Of(w.world.Now(), lang.Almaty()) }
