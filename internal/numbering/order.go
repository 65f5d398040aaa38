package numbering

import (
	"context"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Keeps tells whether an official works at a body that keeps the numbering plan: one that allocates numbers.
func (n *Numbering) Keeps(actor access.Actor) bool {
	_, err := n.keeper(actor)
	return err == nil
}

// keeper demands an official of a body that keeps the numbering plan, and gives its grounds of withdrawal.
func (n *Numbering) keeper(actor access.Actor) ([]service.Refusal, error) {
	if err := actor.AtWork(); err != nil {
		return nil, err
	}
	var grounds []service.Refusal
	if n.Grounds != nil {
		grounds = n.Grounds(actor.Body)
	}
	if len(grounds) == 0 || actor.OnlyAudits() {
		return nil, fault.New(fault.NotFound, "fault.not-found")
	}
	return grounds, nil
}

// Plan lists the codes whose digits or places a text is found in (empty = all), for officials of the body that keeps them,
// and every order that waits for a second person.
func (n *Numbering) Plan(ctx context.Context, actor access.Actor, text string) (codes []ledger.CodeCount, waiting []ledger.Order, err error) {
	if _, err := n.keeper(actor); err != nil {
		return nil, nil, err
	}
	err = n.Store.View(ctx, func(v port.View) (err error) {
		if codes, err = v.Ledger().Codes(ctx); err != nil {
			return err
		}
		waiting, err = v.Ledger().Orders(ctx, port.OrderSearch{State: ledger.Proposed})
		return err
	})
	folded, digits := lang.Fold(text), strings.NewReplacer(" ", "", "-", "").Replace(text)
	codes = slices.DeleteFunc(codes, func(c ledger.CodeCount) bool {
		found := strings.HasPrefix(string(c.Code), digits)
		for _, l := range lang.All() {
			found = found || strings.Contains(lang.Fold(c.Name.Get(l)), folded)
		}
		return !found
	})
	return codes, waiting, err
}

// Sheet is a code of the plan for its keeper: all its ranges in order, with the orders that wait for a second person.
type Sheet struct {
	Code    ledger.CodeCount
	Ranges  []ledger.Range
	Waiting []ledger.Order
	Grounds []service.Refusal // of a withdrawal
}

// Sheet gives a code; an unknown one is fault.NotFound.
func (n *Numbering) Sheet(ctx context.Context, actor access.Actor, code string) (s Sheet, err error) {
	err = n.Store.View(ctx, func(v port.View) (err error) {
		s, err = n.sheet(ctx, v, actor, code)
		return err
	})
	return s, err
}

func (n *Numbering) sheet(ctx context.Context, v port.View, actor access.Actor, code string) (s Sheet, err error) {
	if s.Grounds, err = n.keeper(actor); err != nil {
		return s, err
	}
	wanted, err := ledger.ParseCode(code)
	if err != nil {
		return s, fault.New(fault.NotFound, "fault.not-found")
	}
	if s.Code, err = counted(ctx, v, wanted); err != nil {
		return s, err
	}
	if s.Ranges, err = v.Ledger().Ranges(ctx, port.RangeSearch{Code: wanted}); err != nil {
		return s, err
	}
	s.Waiting, err = v.Ledger().Orders(ctx, port.OrderSearch{Code: wanted, State: ledger.Proposed})
	return s, err
}

// At finds the range of the sheet that begins with a number; otherwise fault.NotFound.
func (s Sheet) At(first int64) (ledger.Range, error) {
	for _, r := range s.Ranges {
		if r.First == first {
			return r, nil
		}
	}
	return ledger.Range{}, fault.New(fault.NotFound, "fault.not-found")
}

// Proposal is what an official asks another to confirm about numbers of a range.
type Proposal struct {
	Does               ledger.RangeEvent // as the page showed it
	First, Last        int64
	Ground             string // key, of a withdrawal
	ReasonKK, ReasonRU string
	Until              civil.Date // last day of the quarantine that a withdrawal begins
}

// ProposeOrder proposes an order about the range of a code that begins with a number, and gives its id. Faults as of
// ledger.Order.Check; numbers about which another order waits are fault.Conflict "ledger.order-open", and a range that has
// changed since it was shown "ledger.order-stale".
func (n *Numbering) ProposeOrder(ctx context.Context, actor access.Actor, code string, first int64, p Proposal) (string, error) {
	if _, err := n.keeper(actor); err != nil {
		return "", err
	}
	at, id := n.World.Now(), n.World.ID()
	proposed, err := ledger.Doing(actor, at, access.Executor)
	if err != nil {
		return "", err
	}
	err = n.Store.Update(ctx, func(tx port.Tx) error {
		sheet, err := n.sheet(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		// The ranges may change before this is written: whether the order can be done is judged when it is confirmed.
		o, err := p.order(sheet, first, day(at))
		if err != nil {
			return err
		}
		o.ID, o.Proposed = id, proposed
		tx.Write().Ledger().AddOrder(o)
		n.auditOrder(tx, actor, "numbers.order-proposed", o, []ledger.Range{o.Numbers()}, at)
		return nil
	})
	return id, err
}

// order makes the order of a proposal.
func (p Proposal) order(sheet Sheet, first int64, on civil.Date) (ledger.Order, error) {
	r, err := sheet.At(first)
	if err != nil {
		return ledger.Order{}, err
	}
	o, err := r.Order()
	if err == nil && o.Does != p.Does {
		err = fault.New(fault.Conflict, "ledger.order-stale")
	}
	if err != nil {
		return o, err
	}
	o.First, o.Last = p.First, p.Last
	o.Reason.KK, o.Reason.RU = strings.TrimSpace(p.ReasonKK), strings.TrimSpace(p.ReasonRU)
	if o.Does == ledger.Withdraw {
		o.Until = p.Until
		if g, ok := (service.NumberFields{Withdrawal: sheet.Grounds}).Ground(p.Ground); ok {
			o.Reason.Ground, o.Reason.Act = g.Ground, g.Act
		}
	}
	if err := fault.Fields(o.Check(r, on)); err != nil {
		return o, err
	}
	if slices.ContainsFunc(sheet.Waiting, func(w ledger.Order) bool { return w.Numbers().Overlaps(o.Numbers()) }) {
		return o, fault.New(fault.Conflict, "ledger.order-open")
	}
	return o, nil
}

// Order gives an order with the names of those who proposed and closed it, for officials of the body that keeps the plan.
func (n *Numbering) Order(ctx context.Context, actor access.Actor, id string) (o ledger.Order, names map[string]string, err error) {
	if _, err := n.keeper(actor); err != nil {
		return o, nil, err
	}
	names = map[string]string{}
	err = n.Store.View(ctx, func(v port.View) (err error) {
		if o, err = v.Ledger().Order(ctx, id); err != nil {
			return err
		}
		for _, account := range []string{o.Proposed.By, o.Proposed.For, o.Closed.By, o.Closed.For} {
			if account == "" {
				continue
			}
			who, err := v.Office().Officials().Official(ctx, account)
			if err != nil {
				return err
			}
			names[account] = who.Name()
		}
		return nil
	})
	return o, names, err
}

// Confirm does an order that another person proposed. Faults as of ledger.Order.MayConfirm and Apply; numbers that were
// split off or are in another state meanwhile are fault.Conflict.
func (n *Numbering) Confirm(ctx context.Context, actor access.Actor, id string) error {
	return n.closeOrder(ctx, actor, id, ledger.Order.MayConfirm, func(tx port.Tx, o *ledger.Order) error {
		o.State = ledger.Confirmed
		at := o.Closed.At
		p, err := load(ctx, tx, o.Code)
		if err != nil {
			return err
		}
		done, err := p.change([]ledger.Range{o.Numbers()}, func(r ledger.Range) (ledger.Range, error) { return o.Apply(r, day(at)) })
		if err != nil {
			return err
		}
		p.write(tx)
		action := "numbers.withdrawn"
		if o.Does == ledger.Return {
			action = "numbers.returned"
		}
		n.auditOrder(tx, actor, action, *o, done, at)
		if o.Does == ledger.Withdraw && n.Withdrawn != nil {
			return n.Withdrawn(ctx, tx, *o)
		}
		return nil
	})
}

// Drop ends an order without doing it: the one who proposed it takes it back, or whoever may confirm it refuses.
func (n *Numbering) Drop(ctx context.Context, actor access.Actor, id string) error {
	return n.closeOrder(ctx, actor, id, ledger.Order.MayDrop, func(tx port.Tx, o *ledger.Order) error {
		o.State = ledger.Dropped
		n.auditOrder(tx, actor, "numbers.order-dropped", *o, []ledger.Range{o.Numbers()}, o.Closed.At)
		return nil
	})
}

func (n *Numbering) closeOrder(ctx context.Context, actor access.Actor, id string, may func(ledger.Order, access.Actor) error, do func(port.Tx, *ledger.Order) error) error {
	if _, err := n.keeper(actor); err != nil {
		return err
	}
	return n.Store.Update(ctx, func(tx port.Tx) error {
		o, err := tx.Ledger().Order(ctx, id)
		if err != nil {
			return err
		}
		if err := may(o, actor); err != nil {
			return err
		}
		o.Closed, err = ledger.Doing(actor, n.World.Now(), access.Approver, access.Head)
		if err != nil && !fault.Is(err, "office.no-duty") { // who proposed takes it back without the duty
			return err
		}
		if err := do(tx, &o); err != nil {
			return err
		}
		tx.Write().Ledger().CloseOrder(o)
		return nil
	})
}

// auditOrder writes the row of an act on an order: at the permit of the numbers where this system issued it.
func (n *Numbering) auditOrder(tx port.Tx, actor access.Actor, action string, o ledger.Order, ranges []ledger.Range, at time.Time) {
	object := "numbers/" + string(o.Code)
	if o.Grant.Party != "" {
		object = "permit/" + o.Grant.Permit
	}
	details := map[string]string{"order": o.ID, "does": string(o.Does)}
	if done := o.Proposed; done.For != "" && o.State == ledger.Proposed {
		details["for"] = done.For
	}
	if o.Closed.For != "" {
		details["for"] = o.Closed.For
	}
	if o.Does == ledger.Withdraw {
		details["ground"], details["until"] = o.Reason.Act.RU+": "+o.Reason.Ground.RU, o.Until.String()
	}
	n.audit(tx, actor, action, object, ranges, details, at)
}
