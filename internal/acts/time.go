package acts

import (
	"context"
	"strconv"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// batch is how many permits one reading gives.
const batch = 200

// Resume notes for every suspension whose last day is over that the permit holds again, from the day after.
func (s *Acts) Resume(ctx context.Context) error {
	yesterday := s.Register.Today().AddDays(-1)
	return s.each(ctx, port.EndingSearch{Suspended: true, To: yesterday}, func(p permit.Permit) error {
		return s.resume(ctx, p.Number, yesterday)
	})
}

// resume makes one act, unless somebody was faster.
func (s *Acts) resume(ctx context.Context, number string, yesterday civil.Date) error {
	err := s.Store.Update(ctx, func(tx port.Tx) error {
		p, err := tx.Permits().Permit(ctx, number)
		last := p.Standing.Until
		if err != nil || p.Standing.Ended() != "" || last.IsZero() || last.After(yesterday) {
			return err
		}
		at := s.World.Now()
		a, _, err := s.make(ctx, tx, permit.Act{Permit: number, Kind: permit.Resumption, From: last.AddDays(1), By: permit.System, At: at})
		if err != nil {
			return err
		}
		s.audit(tx, access.TheSystem(), "permit.act", a, "", at)
		return nil
	})
	if fault.Is(err, "store.race") {
		return nil
	}
	return err
}

// Notice is how long before its last day the holder is told that a permit ends, in days.
const Notice = 30

// missed is how many days later a notice is still sent that a standstill has delayed.
const missed = 2

// Remind tells holders that a permit ends in Notice days, and that it has ended; tell is told each time, and tells once.
func (s *Acts) Remind(ctx context.Context, tell func(ctx context.Context, tx port.Tx, p permit.Permit, over bool) error) error {
	today := s.Register.Today()
	for _, w := range []struct {
		from, to civil.Date
		over     bool
	}{{today.AddDays(Notice - missed), today.AddDays(Notice), false}, {today.AddDays(-1 - missed), today.AddDays(-1), true}} {
		err := s.each(ctx, port.EndingSearch{From: w.from, To: w.to}, func(p permit.Permit) error {
			return s.Store.Update(ctx, func(tx port.Tx) error { return tell(ctx, tx, p, w.over) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// each visits what ends.
func (s *Acts) each(ctx context.Context, q port.EndingSearch, do func(permit.Permit) error) error {
	q.Limit = batch
	for {
		var list []permit.Permit
		err := s.Store.View(ctx, func(v port.View) (err error) {
			list, err = v.Permits().Ending(ctx, q)
			return err
		})
		if err != nil {
			return err
		}
		for _, p := range list {
			if err := do(p); err != nil {
				return err
			}
			q.After, q.AfterDay = p.Number, p.Standing.To
			if q.Suspended {
				q.AfterDay = p.Standing.Until
			}
		}
		if len(list) < batch {
			return nil
		}
	}
}

// Cause is the id under which a holder is told once of an act.
func Cause(a permit.Act) string { return "permit/" + a.Permit + "/" + strconv.Itoa(a.Seq) }

// EveryResume and EveryReminder are how often the chores look.
const (
	EveryResume   = 10 * time.Minute
	EveryReminder = 6 * time.Hour
)
