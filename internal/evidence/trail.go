package evidence

import (
	"context"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// Longest is how many days a search may span: rows of that time are sorted.
const Longest = 92 * 24 * time.Hour

// The kinds of things that auditors search by number.
const (
	ofApplication = "application/"
	ofPermit      = "permit/"
)

// Search is what an auditor asks: what officials of the auditor's body did, or everything that happened to an application
// or a permit of that body.
type Search struct {
	Number   string // of an application or a permit; empty: what officials did
	Official string // account id
	Action   string
	From     time.Time // needed where there is no number
	Until    time.Time // the first moment after
	BeforeAt time.Time // cursor: the last row of the page before
	Before   int64
	Limit    int
}

// Listed are rows that were found, with the officials among those who did it.
type Listed struct {
	Rows      []port.Numbered
	Officials map[string]access.Official // by account id
	Standing  Standing
}

// Trail lists numbered rows for an auditor, the newest first. The reading is a row itself. A number of another body, or that
// does not exist, is fault.NotFound; days that are missing or too many are a field fault.
func (e *Evidence) Trail(ctx context.Context, actor access.Actor, s Search) (Listed, error) {
	l := Listed{Officials: map[string]access.Official{}}
	if err := actor.MayAudit(); err != nil {
		return l, err
	}
	q := port.TrailQuery{Body: actor.Body, Actor: s.Official, Action: s.Action, From: s.From, Until: s.Until, BeforeAt: s.BeforeAt, BeforeSeq: s.Before, Limit: s.Limit}
	if s.Number == "" && (s.From.IsZero() || !s.Until.After(s.From) || s.Until.Sub(s.From) > Longest) {
		return l, fault.At("from", "audit.days")
	}
	err := e.Store.View(ctx, func(v port.View) (err error) {
		if s.Number != "" {
			q.Body = ""
			if q.Object, err = object(ctx, v, actor.Body, s.Number); err != nil {
				return err
			}
		}
		if l.Rows, err = v.Office().Trail().List(ctx, q); err != nil {
			return err
		}
		if l.Standing, err = standing(ctx, v, e.Key.Public, e.World.Now()); err != nil {
			return err
		}
		return officials(ctx, v, l.Rows, l.Officials)
	})
	if err != nil {
		return Listed{}, err
	}
	sight := port.Sight{Action: "audit.seen", Object: "audit/" + actor.Body, Details: map[string]string{"official": s.Official, "action": s.Action}}
	if q.Object != "" {
		sight.Object, sight.Details = q.Object, nil
	}
	return l, e.Witness.Saw(ctx, actor, sight)
}

// officials adds the officials among those who did something.
func officials(ctx context.Context, v port.View, rows []port.Numbered, known map[string]access.Official) error {
	for _, n := range rows {
		if _, ok := known[n.Actor]; ok {
			continue
		}
		o, err := v.Office().Officials().Official(ctx, n.Actor)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		known[n.Actor] = o
	}
	return nil
}

// Staff lists the officials of the auditor's body.
func (e *Evidence) Staff(ctx context.Context, actor access.Actor) (list []access.Official, err error) {
	if err := actor.MayAudit(); err != nil {
		return nil, err
	}
	err = e.Store.View(ctx, func(v port.View) error {
		list, err = v.Office().Officials().List(ctx, actor.Body)
		return err
	})
	return list, err
}

// object is the audit's name of an application or permit of the body.
func object(ctx context.Context, v port.View, body, number string) (string, error) {
	p, err := v.Permits().Permit(ctx, number)
	if err == nil && p.Body == body {
		return ofPermit + number, nil
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	a, err := v.Applications().Application(ctx, number)
	if err != nil {
		return "", err
	}
	if a.Body != body || a.State.Open() {
		return "", fault.New(fault.NotFound, "fault.not-found")
	}
	return ofApplication + number, nil
}

// Proof shows that a row stands in the log that was signed.
type Proof struct {
	Row        port.Numbered
	Entry      audit.Entry
	Checkpoint audit.Checkpoint // the first that covers the row
	Note       []byte           // as it was signed
	Hashes     []audit.Hash     // from the row to the root
	Official   access.Official  // who did it, where an official did
}

// Row gives a numbered row with its proof to an auditor who may see it in a list.
func (e *Evidence) Row(ctx context.Context, actor access.Actor, id string) (Proof, error) {
	if err := actor.MayAudit(); err != nil {
		return Proof{}, err
	}
	var p Proof
	err := e.Store.View(ctx, func(v port.View) (err error) {
		if p, err = Prove(ctx, v, e.Key.Public, id); err != nil {
			return err
		}
		known := map[string]access.Official{}
		if err := officials(ctx, v, []port.Numbered{p.Row}, known); err != nil {
			return err
		}
		p.Official = known[p.Row.Actor]
		return visible(ctx, v, actor.Body, p)
	})
	if err != nil {
		return Proof{}, err
	}
	return p, e.Witness.Saw(ctx, actor, port.Sight{Action: "audit.seen", Object: "audit/" + id})
}

// visible tells whether a row is one of the body's officials or about one of its applications or permits.
func visible(ctx context.Context, v port.View, body string, p Proof) error {
	if p.Official.Body == body {
		return nil
	}
	for _, kind := range []string{ofApplication, ofPermit} {
		if number, ok := strings.CutPrefix(p.Row.Object, kind); ok {
			found, err := object(ctx, v, body, number)
			if err == nil && found == p.Row.Object {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
	return fault.New(fault.NotFound, "fault.not-found")
}

// Prove gives a row with its proof; a row that is not covered yet is fault.NotFound. The proof is checked before it is given:
// a row that was changed is fault.Internal "audit.changed".
func Prove(ctx context.Context, v port.View, keys audit.PublicKeys, id string) (p Proof, err error) {
	log := v.Office().Trail()
	row, ok, err := log.Numbered(ctx, id)
	if err != nil {
		return p, err
	}
	if !ok {
		return p, fault.New(fault.NotFound, "fault.not-found")
	}
	stored, ok, err := log.Covering(ctx, row.Seq)
	if err != nil {
		return p, err
	}
	changed := func(cause error) error { return fault.New(fault.Internal, "audit.changed").Because(cause) }
	if !ok {
		return p, changed(nil)
	}
	p.Row, p.Note = row, slices.Clone(stored.Note)
	if p.Checkpoint, err = keys.Open(stored.Note); err != nil {
		return p, changed(err)
	}
	if p.Entry, err = audit.Parse(row.Record.Bytes); err != nil {
		return p, changed(err)
	}
	if p.Hashes, err = audit.Prove(p.Checkpoint.Size, row.Seq, reader(ctx, log)); err != nil {
		return p, err
	}
	if err := audit.CheckProof(p.Hashes, p.Checkpoint, row.Seq, row.Record.Bytes); err != nil {
		return p, changed(err)
	}
	return p, nil
}

// History lists all that happened to an object, the oldest first, for the operator.
func History(ctx context.Context, v port.View, object string, each func(port.Numbered, audit.Entry)) error {
	q := port.TrailQuery{Object: object, Limit: page}
	var all []port.Numbered
	for {
		list, err := v.Office().Trail().List(ctx, q)
		if err != nil {
			return err
		}
		all = append(all, list...)
		if len(list) < page {
			break
		}
		last := list[len(list)-1]
		q.BeforeAt, q.BeforeSeq = time.UnixMicro(last.At).UTC(), last.Seq
	}
	slices.Reverse(all)
	for _, n := range all {
		full, ok, err := v.Office().Trail().Numbered(ctx, n.ID)
		if err != nil {
			return err
		}
		if e, err := audit.Parse(full.Record.Bytes); ok && err == nil {
			each(full, e)
		}
	}
	return nil
}
