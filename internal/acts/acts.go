// Package acts is what happens to a permit after its issue: officials of the body that issued it suspend, resume, end or correct
// it, one person proposing and another confirming; time ends suspensions. A permit stays as it was issued, acts are rows.
package acts

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/register"
	"elicense/internal/service"
)

// Acts changes what holds of issued permits.
type Acts struct {
	Store     port.Store
	World     port.World
	Register  *register.Register
	Catalogue *catalogue.Catalogue
	Signing   casework.Signing
	// Told tells the holder of an act, in the unit that makes it; nil = nobody is told.
	Told func(ctx context.Context, tx port.Tx, p permit.Permit, a permit.Act) error
	// Made is called after officials made an act: its documents can be drawn. nil = that is somebody else's matter.
	Made func(ctx context.Context)
}

// The faults of this package, besides those of permit.Permit.Next and permit.Order.
const (
	KeyGround  = "acts.ground"     // at ground: no legal ground was chosen
	KeyReason  = "acts.reason"     // at reason_kk, reason_ru: empty
	KeyNumbers = "acts.numbers"    // fault.Conflict: the permit still holds numbers, which the numbering plan takes back
	KeyQuota   = "acts.quota"      // fault.Conflict: the quota no longer holds what the annulled permit had taken
	KeySign    = "acts.sign-first" // fault.Conflict: the act is confirmed with a signature
)

// maxReason bounds a reason, in characters.
const maxReason = 2000

// Proposal is an act as an official typed it.
type Proposal struct {
	Kind               permit.Kind
	From, To           civil.Date
	Ground             string // key
	ReasonKK, ReasonRU string
	Reverses           int
	Values             map[string]string // of a correction: every value that the form showed, as typed
}

// Propose asks another person to confirm an act, and gives the order's id. While another proposal waits with the permit it is
// fault.Conflict "permit.order-waits".
func (s *Acts) Propose(ctx context.Context, actor access.Actor, number string, p Proposal) (string, error) {
	card, err := s.Register.Desk(ctx, actor, number)
	if err != nil {
		return "", err
	}
	if err := permit.MayPropose(actor); err != nil {
		return "", err
	}
	a, err := s.act(card, p)
	if err != nil {
		return "", err
	}
	at, id := s.World.Now(), s.World.ID()
	o := permit.Order{ID: id, Body: card.Permit.Body, Act: a, State: permit.Proposed, Proposed: permit.Done{By: actor.Account, Person: actor.Person, At: at}}
	return id, s.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Permits().AddOrder(o)
		s.audit(tx, actor, "permit.act-proposed", a, id, at)
		return nil
	})
}

// act makes the act of a proposal, without number, author and time.
func (s *Acts) act(card register.Card, p Proposal) (permit.Act, error) {
	a := permit.Act{Permit: card.Permit.Number, Kind: p.Kind, From: p.From, To: p.To}
	if !slices.Contains(permit.Ordered(), p.Kind) {
		return a, fault.New(fault.NotFound, "fault.not-found")
	}
	if p.Kind != permit.Suspension {
		a.To = civil.Date{}
	}
	if p.Kind == permit.Reversal {
		a.Reverses = p.Reverses
	}
	a.Ground.KK, a.Ground.RU = strings.TrimSpace(p.ReasonKK), strings.TrimSpace(p.ReasonRU)
	var wrong []fault.Field
	for _, g := range s.Catalogue.ActGrounds(card.Permit.Service, string(p.Kind)) {
		if g.Key == p.Ground {
			a.Ground.Key, a.Ground.Text, a.Ground.Act = g.Key, g.Ground, g.Act
		}
	}
	if a.Ground.Key == "" {
		wrong = append(wrong, fault.Field{Path: "ground", Key: KeyGround})
	}
	for _, r := range []struct{ path, text string }{{"reason_kk", a.Ground.KK}, {"reason_ru", a.Ground.RU}} {
		switch {
		case r.text == "":
			wrong = append(wrong, fault.Field{Path: r.path, Key: KeyReason})
		case utf8.RuneCountInString(r.text) > maxReason:
			wrong = append(wrong, fault.Field{Path: r.path, Key: "work.too-long"})
		}
	}
	if p.Kind == permit.Correction {
		var bad []fault.Field
		a.Values, bad = corrected(card, p.Values)
		wrong = append(wrong, bad...)
	}
	_, err := card.Permit.Next(card.Acts, a, card.Today)
	if f, ok := fault.As(err); ok && len(f.Fields) > 0 {
		wrong, err = append(wrong, f.Fields...), nil
	}
	if err != nil {
		return a, err
	}
	return a, fault.Fields(wrong)
}

// FieldValue begins the path of a fault at a value of the permit, before its name: forms of services have fields of any name.
const FieldValue = "value."

// corrected gives the values that differ from what the permit says, in their canonical form, and what is wrong with them.
func corrected(card register.Card, typed map[string]string) (map[string]string, []fault.Field) {
	values := map[string]string{}
	var wrong []fault.Field
	for _, f := range card.Correctable() {
		said := card.Permit.Standing.Values[f.Key]
		text, given := typed[f.Key]
		if !given {
			continue
		}
		value := card.Form.Normalise(f, text)
		switch problem := card.Form.Problem(f, value); {
		case value == said:
		case problem != "":
			wrong = append(wrong, fault.Field{Path: FieldValue + f.Key, Key: problem})
		case value == "" && f.Required:
			wrong = append(wrong, fault.Field{Path: FieldValue + f.Key, Key: "form.required"})
		default:
			values[f.Key] = value
		}
	}
	return values, wrong
}

// Ordered is a proposed act with its permit, for the officials of the body that issued it.
type Ordered struct {
	Card   register.Card
	Order  permit.Order
	Names  map[string]string // of officials, by account
	Signed bool              // it is confirmed with a signature
}

// Order gives an order. Another body's is fault.NotFound.
func (s *Acts) Order(ctx context.Context, actor access.Actor, id string) (o Ordered, err error) {
	if err := actor.AtWork(); err != nil {
		return o, err
	}
	err = s.Store.View(ctx, func(v port.View) (err error) {
		if o.Order, err = order(ctx, v, id); err != nil {
			return err
		}
		o.Names, err = names(ctx, v, o.Order.Proposed.By, o.Order.Closed.By)
		return err
	})
	if err != nil {
		return o, err
	}
	if o.Card, err = s.Register.Desk(ctx, actor, o.Order.Act.Permit); err != nil {
		return o, err
	}
	o.Signed = s.signs(o.Card.Revision)
	return o, nil
}

// Before are the acts that were known before the order became one: all, where it did not.
func (o Ordered) Before() []permit.Act {
	i := slices.IndexFunc(o.Card.Acts, func(a permit.Act) bool { return a.Order == o.Order.ID })
	if i < 0 {
		return o.Card.Acts
	}
	return o.Card.Acts[:i]
}

// Names gives the names of the officials who made acts, by account.
func (s *Acts) Names(ctx context.Context, acts []permit.Act) (all map[string]string, err error) {
	var accounts []string
	for _, a := range acts {
		if a.Order != "" {
			accounts = append(accounts, a.By)
		}
	}
	err = s.Store.View(ctx, func(v port.View) (err error) {
		all, err = names(ctx, v, accounts...)
		return err
	})
	return all, err
}

func names(ctx context.Context, v port.View, accounts ...string) (map[string]string, error) {
	all := map[string]string{}
	for _, account := range accounts {
		if account == "" || all[account] != "" {
			continue
		}
		who, err := v.Office().Officials().Official(ctx, account)
		if err != nil {
			return nil, err
		}
		all[account] = who.Name()
	}
	return all, nil
}

func order(ctx context.Context, v port.View, id string) (permit.Order, error) {
	list, err := v.Permits().Orders(ctx, port.PermitOrderSearch{ID: id})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not-found")
	}
	if err != nil {
		return permit.Order{}, err
	}
	return list[0], nil
}

// signs tells whether acts with permits of a service are signed: where its decisions are, or where the installation says so.
func (s *Acts) signs(rev *service.Revision) bool {
	p := rev.Definition.Process
	return p.Signed == service.SignedRequired || p.Signed == "" && s.Signing.Required
}

// Confirm makes the act that another person proposed. Where acts are signed it is fault.Conflict KeySign: see ConfirmSigned.
func (s *Acts) Confirm(ctx context.Context, actor access.Actor, id string) error {
	o, err := s.Order(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := o.Order.MayConfirm(actor); err != nil {
		return err
	}
	if o.Signed {
		return fault.New(fault.Conflict, KeySign)
	}
	return s.confirm(ctx, actor, id, nil)
}

// confirm makes the act in one unit. What became known meanwhile counts: the act is checked again.
func (s *Acts) confirm(ctx context.Context, actor access.Actor, id string, signed *casework.Signed) error {
	err := s.Store.Update(ctx, func(tx port.Tx) error {
		o, err := order(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := o.MayConfirm(actor); err != nil {
			return err
		}
		at := s.World.Now()
		o.State, o.Closed = permit.Confirmed, permit.Done{By: actor.Account, Person: actor.Person, At: at}
		tx.Write().Permits().CloseOrder(o)
		o.Act.Order, o.Act.By, o.Act.At = o.ID, actor.Account, at
		a, p, err := s.make(ctx, tx, o.Act)
		if err != nil {
			return err
		}
		if err := s.keep(tx, signed, p, a, actor.Person); err != nil {
			return err
		}
		s.audit(tx, actor, "permit.act", a, id, at)
		return nil
	})
	if err == nil && s.Made != nil {
		s.Made(ctx)
	}
	return err
}

// make adds the act to what is known of its permit, with what it releases, and tells the holder.
func (s *Acts) make(ctx context.Context, tx port.Tx, a permit.Act) (permit.Act, permit.Permit, error) {
	p, err := tx.Permits().Permit(ctx, a.Permit)
	if err != nil {
		return a, p, err
	}
	known, err := tx.Permits().Acts(ctx, a.Permit)
	if err != nil {
		return a, p, err
	}
	before := p.Standing
	if a, err = p.Next(known, a, civil.Of(a.At, lang.Almaty())); err != nil {
		return a, p, err
	}
	p.Standing = p.After(append(known, a))
	if err := s.release(ctx, tx, p, before); err != nil {
		return a, p, err
	}
	tx.Write().Permits().Act(p, a)
	if s.Told == nil {
		return a, p, nil
	}
	return a, p, s.Told(ctx, tx, p, a)
}

// release gives back what an ended permit held. Numbers are withdrawn by orders of the numbering plan, with a quarantine of their
// own; a quota is free again when the decision is cancelled, and taken again when that is.
func (s *Acts) release(ctx context.Context, tx port.Tx, p permit.Permit, before permit.Standing) error {
	if p.Standing.Ended() != "" && before.Ended() == "" {
		ranges, err := tx.Ledger().Ranges(ctx, port.RangeSearch{Permit: p.Number, State: ledger.Allocated, Limit: 1})
		if err != nil {
			return err
		}
		if len(ranges) > 0 {
			return fault.New(fault.Conflict, KeyNumbers)
		}
	}
	annulled, was := p.Standing.State == permit.Annulled, before.State == permit.Annulled
	switch {
	case annulled && !was:
		entries, err := tx.Ledger().Granted(ctx, p.Application)
		for _, e := range entries {
			tx.Write().Ledger().Release(e)
		}
		return err
	case was && !annulled:
		return s.retake(ctx, tx, p)
	}
	return nil
}

// retake takes again what an annulled permit had.
func (s *Acts) retake(ctx context.Context, tx port.Tx, p permit.Permit) error {
	entries, err := s.Register.Casework.Uses(ctx, tx, p.Application)
	for _, e := range entries {
		q, _, err := tx.Ledger().Quota(ctx, e.Quota)
		if err != nil {
			return err
		}
		if q.Free() < e.Amount {
			return fault.New(fault.Conflict, KeyQuota)
		}
		tx.Write().Ledger().Take(e)
	}
	return err
}

// Drop ends an order without doing it: the one who proposed it takes it back, or whoever may confirm it refuses.
func (s *Acts) Drop(ctx context.Context, actor access.Actor, id string) error {
	if _, err := s.Order(ctx, actor, id); err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx port.Tx) error {
		o, err := order(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := o.MayDrop(actor); err != nil {
			return err
		}
		o.State, o.Closed = permit.Dropped, permit.Done{By: actor.Account, Person: actor.Person, At: s.World.Now()}
		tx.Write().Permits().CloseOrder(o)
		s.audit(tx, actor, "permit.act-dropped", o.Act, id, o.Closed.At)
		return nil
	})
}

// audit writes the row of a step. What a correction says stays out of it: it is in the act.
func (s *Acts) audit(tx port.Tx, actor access.Actor, action string, a permit.Act, order string, at time.Time) {
	details := map[string]string{"kind": string(a.Kind), "from": a.From.String()}
	for name, value := range map[string]string{"to": a.To.String(), "order": order, "ground": a.Ground.Key} {
		if value != "" {
			details[name] = value
		}
	}
	if a.Seq > 0 {
		details["act"], details["digest"] = strconv.Itoa(a.Seq), a.Digest()
	}
	tx.Write().Records().Audit(audit.Entry{ID: s.World.ID(), Salt: s.World.Random(16), At: at, Actor: actor.Name(), Action: action, Object: "permit/" + a.Permit, Details: details})
}
