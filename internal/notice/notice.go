// Package notice tells applicants what became of their applications: in the cabinet always, by mail and SMS where the
// installation sends them and the person wants them. The rows are made of events afterwards, each once (Gather), or in the
// unit of what causes them; what leaves the system is sent by a chore (Send), tried five times, then parked with the reason.
package notice

import (
	"context"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// The kinds of notices that are no events of an application.
const (
	KindMessage   = "message"           // an official wrote
	KindWithdrawn = "numbers_withdrawn" // numbers of a permit were withdrawn
	KindAccepted  = "accepted"          // a notification was accepted: application.Granted, in other words
)

// The values of the words. None is a person's.
const (
	ArgNumber  = "number" // of the application, or of the permit
	ArgUntil   = "until"  // last day of a complaint, 2006-01-02
	ArgFirst   = "first"  // of withdrawn numbers
	ArgLast    = "last"
	ArgBody    = "body"    // key of the state body with which it is
	ArgService = "service" // key
	argLink    = "link"    // made when it is shown or sent
)

// Kinds lists the kinds of notices about an application, which a body may write in its own words.
func Kinds() []string {
	return []string{string(application.Sent), string(application.Granted), string(application.Refused), string(application.Withdrawal), string(application.CorrectionAsked),
		string(application.CorrectionLapsed), string(application.HearingCalled), string(application.ReviewUpheld), string(application.Reopened), KindMessage}
}

// Placeholders lists the values that the words of a kind may name.
func Placeholders(kind string) []string {
	names := []string{ArgNumber, ArgBody, ArgService, argLink}
	if kind == string(application.Refused) {
		names = append(names, ArgUntil)
	}
	return names
}

// Of gives the values that every notice about an application has.
func Of(a application.Application) map[string]string {
	return map[string]string{ArgNumber: a.Number, ArgBody: a.Body, ArgService: a.Service}
}

// batch is how many events, and how many letters, one step handles.
const batch = 50

// Notices makes and sends notices.
type Notices struct {
	Store  port.Store
	World  port.World
	Words  Templates
	Origin string // of the external portal
	// Senders are the channels that the installation has besides the cabinet.
	Senders map[port.Channel]port.Sender
}

// Work writes the notices of all events that wait, then sends what is due.
func (n *Notices) Work(ctx context.Context) error {
	for {
		told, err := n.Gather(ctx)
		if err != nil {
			return err
		}
		if told < batch {
			return n.Send(ctx)
		}
	}
}

// Gather writes the notices of events that nobody was told of yet, at most a batch of them, and tells how many events there
// were. None also when another node was faster: the mark of the event is guarded.
func (n *Notices) Gather(ctx context.Context) (int, error) {
	events := 0
	err := n.Store.Update(ctx, func(tx port.Tx) error {
		list, err := tx.Office().Notices().Untold(ctx, batch)
		if err != nil {
			return err
		}
		events = len(list)
		for _, h := range list {
			tx.Write().Office().Notices().Tell(h.ID)
			if h.Event == application.Sent && h.Application.DecidedAt.Equal(h.At) {
				continue // decided in the same moment: the decision is what there is to tell
			}
			args := Of(h.Application)
			if until := h.Application.AppealUntil(); h.Event == application.Refused && !until.IsZero() {
				args[ArgUntil] = until.String()
			}
			if err := n.Tell(ctx, tx, h.Application.Account, Fact{Cause: h.ID, Kind: kindOf(h), Application: h.Application.Number, Args: args}); err != nil {
				return err
			}
			if err := n.succeeded(ctx, tx, h); err != nil {
				return err
			}
		}
		return nil
	})
	if fault.Is(err, "store.race") {
		return 0, nil
	}
	return events, err
}

// succeeded tells the holder of a permit what another, who succeeds them, was granted for it.
func (n *Notices) succeeded(ctx context.Context, tx port.Tx, h port.Happened) error {
	a := h.Application
	if h.Event != application.Granted || a.Concerns == "" {
		return nil
	}
	p, err := tx.Permits().Permit(ctx, a.Concerns)
	if err != nil || p.Party == a.Party {
		return err
	}
	acts, err := tx.Permits().Acts(ctx, a.Concerns)
	for _, act := range acts {
		if act.Application == a.Number && err == nil {
			err = n.Acted(ctx, tx, p, act)
		}
	}
	return err
}

// Fact is what a notice tells.
type Fact struct {
	Cause       string // id: the account is told once of it
	Kind        string
	Application string
	Args        map[string]string
}

// Tell writes the notices of a fact to an account into the unit of the caller, one for each channel.
func (n *Notices) Tell(ctx context.Context, tx port.Tx, account string, f Fact) error {
	holder, err := tx.Accounts().Account(ctx, account)
	if err != nil {
		return err
	}
	choice, err := chosen(ctx, tx, account)
	if err != nil {
		return err
	}
	now := n.World.Now()
	add := func(c port.Channel, state port.NoticeState, next, sent time.Time) {
		tx.Write().Office().Notices().Add(port.Notice{ID: n.World.ID(), Cause: f.Cause, Kind: f.Kind, Account: account, Application: f.Application,
			Args: f.Args, Channel: c, State: state, CreatedAt: now, NextAt: next, SentAt: sent})
	}
	add(port.Cabinet, port.NoticeSent, time.Time{}, now)
	if choice.Mail && holder.Email != "" && n.Senders[port.Mail] != nil {
		add(port.Mail, port.NoticeWaiting, now, time.Time{})
	}
	if choice.SMS && holder.Phone != "" && n.Senders[port.SMS] != nil && weighty(f.Kind) {
		add(port.SMS, port.NoticeWaiting, now, time.Time{})
	}
	return nil
}

// KindDone tells that what was asked for a permit is granted.
const KindDone = "granted_for_permit"

func kindOf(h port.Happened) string {
	switch {
	case h.Event != application.Granted:
	case h.Application.Concerns != "":
		return KindDone
	case permit.IsSlip(h.Application.Permit):
		return KindAccepted
	}
	return string(h.Event)
}

// weighty tells what is worth an SMS: what the person has to act on, and what was decided.
func weighty(kind string) bool { return kind != string(application.Sent) && kind != KindMessage }

// once tells what must not reach a person twice.
func once(kind string) bool {
	return kind == string(application.Granted) || kind == KindAccepted || kind == string(application.Refused) || kind == KindDone
}

// NumbersWithdrawn tells every account of the holder that numbers were withdrawn (numbering.Numbering.Withdrawn).
func (n *Notices) NumbersWithdrawn(ctx context.Context, tx port.Tx, o ledger.Order) error {
	args := map[string]string{ArgNumber: o.Grant.Permit, ArgFirst: o.Code.String() + " " + o.Code.Number(o.First), ArgLast: o.Code.Number(o.Last)}
	return n.holders(ctx, tx, o.Grant.HolderNumber, Fact{Cause: o.ID, Kind: KindWithdrawn, Args: args})
}

// KindAct begins the kinds of notices about acts with a permit: permit_ and the act's kind. KindEnding tells that a permit ends in
// a month, KindEnded that it has ended by time.
const (
	KindAct    = "permit_"
	KindEnding = "permit_ending"
	KindEnded  = "permit_ended"
)

// Acted tells every account of the holder of an act with a permit (acts.Acts.Told): not that a suspension is over where the permit
// itself was over before.
func (n *Notices) Acted(ctx context.Context, tx port.Tx, p permit.Permit, a permit.Act) error {
	if a.Kind == permit.Resumption && p.Standing.State != permit.Valid {
		return nil
	}
	args := map[string]string{ArgNumber: p.Number}
	kind := KindAct + string(a.Kind)
	if a.Kind == permit.Suspension && !a.To.IsZero() {
		kind, args[ArgUntil] = kind+"_until", a.To.String()
	}
	if a.ByTime() {
		kind += "_by_time"
	}
	return n.holders(ctx, tx, p.HolderNumber, Fact{Cause: "permit/" + a.Permit + "/" + strconv.Itoa(a.Seq), Kind: kind, Args: args})
}

// Ends tells every account of the holder, once, that a permit ends soon, or that it is over (acts.Acts.Remind).
func (n *Notices) Ends(ctx context.Context, tx port.Tx, p permit.Permit, over bool) error {
	kind := KindEnding
	if over {
		kind = KindEnded
	}
	last := p.Standing.To.String()
	return n.holders(ctx, tx, p.HolderNumber, Fact{Cause: kind + "/" + p.Number + "/" + last, Kind: kind, Args: map[string]string{ArgNumber: p.Number, ArgUntil: last}})
}

// holders tells every account of a holder.
func (n *Notices) holders(ctx context.Context, tx port.Tx, number string, f Fact) error {
	holders, err := tx.Accounts().ByNumber(ctx, number)
	if err != nil {
		return err
	}
	for _, h := range holders {
		if err := n.Tell(ctx, tx, h.ID, f); err != nil {
			return err
		}
	}
	return nil
}

// chosen is by which channels an account wants notices: by all, until it says otherwise.
func chosen(ctx context.Context, v port.View, account string) (port.NoticeChoice, error) {
	c, ok, err := v.Office().Notices().Choice(ctx, account)
	if err == nil && !ok {
		c = port.NoticeChoice{Mail: true, SMS: true}
	}
	return c, err
}

// Choice is what the actor has chosen.
func (n *Notices) Choice(ctx context.Context, actor access.Actor) (c port.NoticeChoice, err error) {
	if err := actor.LoggedIn(); err != nil {
		return c, err
	}
	err = n.Store.View(ctx, func(v port.View) (err error) {
		c, err = chosen(ctx, v, actor.Account)
		return err
	})
	return c, err
}

// Choose keeps by which channels the actor wants notices. The cabinet cannot be left out.
func (n *Notices) Choose(ctx context.Context, actor access.Actor, c port.NoticeChoice) error {
	if err := actor.LoggedIn(); err != nil {
		return err
	}
	return n.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Notices().Choose(actor.Account, c)
		n.audit(tx, actor, "notice.chosen", map[string]string{"mail": yes(c.Mail), "sms": yes(c.SMS)})
		return nil
	})
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (n *Notices) audit(tx port.Tx, actor access.Actor, action string, details map[string]string) {
	tx.Write().Records().Audit(audit.Entry{ID: n.World.ID(), Salt: n.World.Random(16), At: n.World.Now(), Actor: actor.Name(),
		Action: action, Object: "account/" + actor.Account, Details: details})
}

// Offers tells whether the installation sends notices by a channel.
func (n *Notices) Offers(c port.Channel) bool { return n.Senders[c] != nil }

// Unread counts the actor's notices that were not read.
func (n *Notices) Unread(ctx context.Context, actor access.Actor) (count int, err error) {
	err = n.Store.View(ctx, func(v port.View) (err error) {
		count, err = v.Office().Notices().Unread(ctx, actor.Account)
		return err
	})
	return count, err
}

// Shown is a notice in the reader's words.
type Shown struct {
	port.Notice
	Subject, Text string
}

// Cabinet lists the actor's notices, newest first, in a language, and marks those of the first page as read: from now on
// they count as known to the person. before and id are a cursor.
func (n *Notices) Cabinet(ctx context.Context, actor access.Actor, l lang.Lang, before time.Time, id string, limit int) ([]Shown, error) {
	if err := actor.LoggedIn(); err != nil {
		return nil, err
	}
	var list []port.Notice
	err := n.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Notices().Cabinet(ctx, actor.Account, before, id, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	var shown []Shown
	unread := false
	for _, x := range list {
		subject, text, _, err := n.Words.Notice(ctx, l, x, n.args(x, l))
		if err != nil {
			return nil, err
		}
		shown = append(shown, Shown{x, subject, text})
		unread = unread || x.ReadAt.IsZero()
	}
	if !unread || !before.IsZero() {
		return shown, nil
	}
	return shown, n.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Notices().Read(actor.Account, list[0].CreatedAt, n.World.Now())
		n.audit(tx, actor, "notice.read", map[string]string{"up_to": list[0].ID})
		return nil
	})
}

// args are the values of a notice's words, with the address of what it is about.
func (n *Notices) args(x port.Notice, l lang.Lang) map[string]string {
	args := map[string]string{argLink: n.Origin + Path(x, l)}
	for name, value := range x.Args {
		args[name] = value
	}
	return args
}

// Path is where a notice leads on the external portal.
func Path(x port.Notice, l lang.Lang) string {
	switch {
	case x.Kind == KindMessage:
		return "/" + string(l) + "/applications/" + x.Application + "/messages"
	case x.Application != "":
		return "/" + string(l) + "/applications/" + x.Application
	case x.Args[ArgNumber] != "":
		return "/" + string(l) + "/permits/" + x.Args[ArgNumber]
	}
	return "/" + string(l) + "/notices"
}

// langOf is the language of an account.
func langOf(a party.Account) lang.Lang {
	if l, ok := lang.Parse(a.Lang); ok {
		return l
	}
	return lang.KK
}
