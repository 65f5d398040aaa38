// Package casework is what happens to an application at the state body. Where the system decides by itself, registration,
// decision and permit are one unit with the act that sets them off; otherwise officials work on it step by step (Desk).
package casework

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/calendar"
	"elicense/internal/catalogue"
	"elicense/internal/charge"
	"elicense/internal/civil"
	"elicense/internal/docnumber"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/money"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/service"
)

// Casework decides.
type Casework struct {
	World     port.World
	Catalogue *catalogue.Catalogue
	Reference *reference.Library
	Texts     *lang.Catalogue
	MCI       Indices
	Calendar  *calendar.Keeper
	Tasks     map[service.Task]Settler
}

// Indices gives the monthly calculation index of a day; ok is false where none is known.
type Indices interface {
	MCI(day civil.Date) (index money.Tiyn, ok bool)
}

// Form gives the form of an application's revision, as it is for its operation.
func (c *Casework) Form(ctx context.Context, a application.Application) (form.Form, error) {
	rev, err := c.Catalogue.Revision(ctx, a.Service, a.Revision)
	if err != nil {
		return form.Form{}, err
	}
	f, err := c.FormOf(ctx, rev)
	f.Revision = rev.For(a.Operation)
	return f, err
}

// FormOf gives the form of a revision.
func (c *Casework) FormOf(ctx context.Context, rev *service.Revision) (form.Form, error) {
	dirs, err := c.Reference.For(ctx, rev)
	if err != nil {
		return form.Form{}, err
	}
	return form.Form{Revision: rev, Dirs: dirs}, nil
}

// Formats gives the writer of dates and numbers in a language.
func (c *Casework) Formats(l lang.Lang) form.Formats { return c.Texts.In(l) }

// File is an application with everything that showing and judging it needs, as it stood at a moment.
type File struct {
	Application application.Application
	Party       party.Party
	Form        form.Form
	Facts       form.Facts
	Concern     Concern // the permit that the application concerns, as it stood
	Invoice     charge.Invoice
	Invoiced    bool
}

// Open gathers the file of an application.
func (c *Casework) Open(ctx context.Context, v port.View, d port.Dossier, at time.Time) (File, error) {
	f := File{Application: d.Application, Party: d.Party, Invoice: d.Invoice, Invoiced: d.Invoiced}
	var err error
	if f.Form, err = c.Form(ctx, d.Application); err != nil {
		return f, err
	}
	return c.Refresh(ctx, v, f, at)
}

// Refresh gathers the facts anew after the answers changed.
func (c *Casework) Refresh(ctx context.Context, v port.View, f File, at time.Time) (File, error) {
	a, d := f.Application, f.Form.Revision.Definition
	today := civil.Of(at, lang.Almaty())
	operation, _ := d.Operation(a.Operation)
	mci, known := c.MCI.MCI(today)
	body, _ := c.Catalogue.Body(a.Body)
	f.Form.Day = today
	var err error
	if f.Concern, err = ConcernOf(ctx, v, a, at); err != nil {
		return f, err
	}
	facts := form.Facts{
		Today: today, MCI: mci, NoMCI: !known && needsMCI(f.Form.Revision, operation, f.Invoiced), Recipient: f.Party.Recipient(a.Answers["sole_proprietor"] == "yes"), Operation: a.Operation,
		Stamp: body.Stamp, Year2: fmt.Sprintf("%02d", today.Year%100), Found: map[string]form.Found{}, Permit: f.Concern.held(),
	}
	switch {
	case f.Invoiced:
		facts.FeeDue, facts.FeePaid = f.Invoice.Amount, !f.Invoice.PaidAt.IsZero()
	case !facts.NoMCI:
		fee, err := due(f.Form, operation, a.Answers, facts)
		if err != nil {
			return f, err
		}
		facts.FeeDue = fee
	}
	for _, l := range d.Lookups {
		found, err := c.lookUp(ctx, v, f.Form.Revision, l, a.Answers, today)
		if err != nil {
			return f, err
		}
		facts.Found[l.Name] = found
	}
	f.Facts = facts
	return f, nil
}

// needsMCI tells whether the index decides anything about an application: its fee, unless an invoice has fixed it, or what
// another rule says. Fees of other operations do not.
func needsMCI(rev *service.Revision, o service.Operation, invoiced bool) bool {
	return !invoiced && slices.Contains(rev.Program.Mentions(o.Fee), "mci") || rev.Mentions("mci")
}

func (c *Casework) lookUp(ctx context.Context, v port.View, rev *service.Revision, l service.Lookup, answers form.Answers, today civil.Date) (form.Found, error) {
	code := answers[l.Code]
	if code == "" {
		return form.Found{}, nil
	}
	day := today
	if l.On != "" {
		day = form.Date(answers, l.On)
	}
	row, ok, err := c.Reference.Lookup(ctx, rev, l.Directory, code, answers[l.Variant], day)
	if err != nil || !ok {
		return form.Found{}, err
	}
	found := form.Found{Row: row, OK: true}
	dir, _ := rev.Definition.Directory(l.Directory)
	if wanted, limited := reference.QuotaOf(&dir, row); limited {
		q, _, err := v.Ledger().Quota(ctx, wanted.ID)
		if err != nil {
			return found, err
		}
		found.Quota, found.Free = wanted.ID, q.Free()
	}
	return found, nil
}

// KeyNoMCI is the fault of an application whose rules need the monthly calculation index of a year for which the law on the
// budget has not been entered yet. It waits.
const KeyNoMCI = "filing.no-mci"

// WithoutMCI tells whether an application waits for an index, as a problem that stands at no field.
func WithoutMCI(facts form.Facts) (fault.Field, bool) {
	return fault.Field{Key: KeyNoMCI, Args: fault.Args{"year": strconv.Itoa(facts.Today.Year)}}, facts.NoMCI
}

// Receive registers an application that was signed with a good certificate and, where its service decides by itself,
// decides it, or else puts it into the officials' queue: all into the unit of the caller, who has opened the file in it. It
// gives the application as it will be; KeyNoMCI, where its rules need an index that is not known yet.
func (c *Casework) Receive(ctx context.Context, tx port.Tx, numbers *docnumber.Batch, f File, at time.Time) (application.Application, error) {
	a := f.Application
	if problem, waits := WithoutMCI(f.Facts); waits {
		return a, fault.New(fault.Unavailable, problem.Key).With(problem.Args)
	}
	journal, err := numbers.Journal(f.Facts.Stamp, f.Facts.Today.Year)
	if err != nil {
		return a, err
	}
	var done history
	if a, err = done.move(a, application.Sent, a.Account, at); err != nil {
		return a, err
	}
	automatic, err := c.byItself(ctx, tx, f)
	if err != nil {
		return a, err
	}
	a.RegisteredAt, a.Journal = at, journal
	if !automatic {
		a.Work = c.begin(f)
	}
	f.Facts.Journal = fmt.Sprintf("%06d", journal)
	f.Application = a
	if a, err = c.ask(f, &done, system, at); err != nil {
		return a, err
	}
	f.Application = a
	if a, err = c.handOut(ctx, tx, f, &done, at); err != nil {
		return a, err
	}
	f.Application = a
	var result led
	if automatic {
		filled, decision, err := c.judge(f, at)
		if err != nil {
			return a, err
		}
		if a, result, err = c.conclude(numbers, f, filled, decision, system, &done, at); err != nil {
			return a, err
		}
	}
	// The application comes first: what refers to it then finds its row in the hands of this unit.
	tx.Write().Applications().Change(a)
	result.write(tx)
	c.record(tx, done)
	if result.permit != nil {
		return a, c.take(tx, f.Form, a, f.Facts)
	}
	for _, settler := range c.settlers(f) {
		if err := settler.Received(ctx, tx, f, at); err != nil {
			return a, err
		}
	}
	return a, nil
}

// begin is the work of an application that officials decide, from today on.
func (c *Casework) begin(f File) application.Work {
	d := f.Form.Revision.Definition
	operation, _ := d.Operation(f.Application.Operation)
	return application.Begin(d.Process, f.Facts.Today, operation.WorkingDays, c.Calendar.Current())
}

// system is the actor of what the system does by itself.
const system = "system"

// history is what happened to an application within a unit.
type history []moved

type moved struct {
	happening application.Happening
	details   map[string]string
}

// move applies an event of an actor: an account, an official or the system. The audit row says more in pairs of name and
// value.
func (h *history) move(a application.Application, e application.Event, actor string, at time.Time, more ...string) (application.Application, error) {
	next, err := application.Next(a.State, e)
	if err != nil {
		return a, err
	}
	at = a.Moment(at)
	details := map[string]string{"from": string(a.State), "to": string(next), "version": strconv.Itoa(a.Version)}
	if a.Decision != nil {
		details["branch"], details["permit"] = a.Decision.Branch, a.Permit
	}
	for i := 0; i+1 < len(more); i += 2 {
		details[more[i]] = more[i+1]
	}
	*h = append(*h, moved{application.Happening{Application: a.Number, Event: e, From: a.State, To: next, Actor: actor, At: at}, details})
	a.State, a.ChangedAt = next, at
	return a, nil
}

// record writes the rows of the timeline and of the audit.
func (c *Casework) record(tx port.Tx, h history) {
	for _, m := range h {
		m.happening.ID = c.World.ID()
		tx.Write().Applications().Happen(m.happening)
	}
	for _, m := range h {
		x := m.happening
		tx.Write().Records().Audit(audit.Entry{
			ID: c.World.ID(), Salt: c.World.Random(16), At: x.At, Actor: x.Actor, Action: "application." + string(x.Event),
			Object: "application/" + x.Application, Details: m.details,
		})
	}
}

// judge asks the service's rules.
func (c *Casework) judge(f File, at time.Time) (form.Filled, application.Decision, error) {
	filled, err := f.Form.Fill(f.Application.Answers, f.Facts)
	if err != nil {
		return filled, application.Decision{}, err
	}
	decision, err := application.Decide(filled, c.Formats, at)
	return filled, decision, err
}

// conclude gives the application as it will be with its decision, and what it leads to where it is granted.
func (c *Casework) conclude(numbers *docnumber.Batch, f File, x form.Filled, decision application.Decision, actor string, done *history, at time.Time) (application.Application, led, error) {
	a := f.Application
	a.Decision, a.DecidedAt = &decision, a.Moment(at)
	event := application.Refused
	var result led
	if decision.Outcome == application.Grant {
		event = application.Granted
		var err error
		number := func() (string, error) { return numbers.Number(f.Form.Revision.Definition.Numbers.Permit) }
		if result, err = c.effects(f, x.Shown(), number, actor, at); err != nil {
			return a, result, unmade(err, a.Concerns)
		}
		a.Permit = a.Concerns
		if result.permit != nil {
			a.Permit = result.permit.Number
		}
	}
	var said []string
	for _, x := range result.acts {
		said = append(said, x.act.Permit+" "+x.act.Digest())
	}
	if len(said) == 0 {
		a, err := done.move(a, event, actor, at)
		return a, result, err
	}
	a, err := done.move(a, event, actor, at, "acts", strings.Join(said, "\n"))
	return a, result, err
}

// take writes the entries of all quotas that the granted application uses. It is guarded by the store: when others took
// meanwhile, the whole unit runs again with what is left.
func (c *Casework) take(tx port.Tx, f form.Form, a application.Application, facts form.Facts) error {
	if a.Concerns != "" {
		return nil // the permit before it took them
	}
	for _, l := range f.Revision.Definition.Lookups {
		found := facts.Found[l.Name]
		if found.Quota == "" {
			continue
		}
		amount := form.Millionths(a.Answers[l.Quantity])
		entry, err := ledger.Quota{ID: found.Quota, Total: found.Free}.Take(a.Number, amount)
		if err != nil {
			return err
		}
		tx.Write().Ledger().Take(entry)
	}
	return nil
}

// permitOf makes the permit of a granted application from the answers that are shown.
func (c *Casework) permitOf(x form.Filled, a application.Application, p party.Party, number string, at time.Time) (permit.Permit, error) {
	d := x.Form.Revision.Definition
	values := given(x)
	values[permit.ValueOperation] = a.Operation
	second, err := x.Form.Revision.Program.Text(d.Permit.Second.Rule, x.Vars)
	if err != nil {
		return permit.Permit{}, err
	}
	from, to := form.Period(d.Permit, x.Answers, x.Facts.Today)
	return permit.Permit{
		Number: number, Second: second, Check: hex.EncodeToString(c.World.Random(16)), Application: a.Number,
		Service: a.Service, Revision: a.Revision, Subtype: a.Subtype, Body: a.Body, Party: p.ID,
		HolderName: p.Name, HolderNumber: p.Number,
		From: from, To: to, First: form.Date(x.Answers, d.Permit.First), IssuedAt: at, Values: values,
	}, nil
}
