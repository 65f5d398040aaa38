// Package statistics counts what became of applications. Nothing is counted while somebody waits: events are folded into
// figures by month afterwards, each once, in batches, and pages read the figures alone. A recount of every event shows that
// the figures are right, and mends them where they are not.
package statistics

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// Statistics counts and reports.
type Statistics struct {
	Store port.Store
	World port.World

	mu   sync.Mutex
	kept map[int]kept // reports by year
}

// batch is how many events one unit counts. It is small, so that those who submit hardly wait behind it.
const batch = 200

// page is how many events a recount reads at once.
const page = 1000

// Fold counts events that no one has counted yet, at most a batch of them, and tells how many there were: none also when
// another node was faster again and again, which then counts them.
func (s *Statistics) Fold(ctx context.Context) (int, error) {
	n := 0
	err := s.Store.Update(ctx, func(tx port.Tx) error {
		n = 0
		done, err := tx.Records().Counting(ctx)
		if err != nil {
			return err
		}
		waiting, err := tx.Records().Uncounted(ctx, batch)
		if err != nil || len(waiting) == 0 {
			return err
		}
		sums, ids := sums{}, make([]string, len(waiting))
		for i, o := range waiting {
			sums.count(o)
			ids[i] = o.ID
		}
		n = len(waiting)
		tx.Write().Records().Fold(done.Folds+1, ids, sums.figures())
		return nil
	})
	if fault.Is(err, "store.race") {
		return 0, nil
	}
	return n, err
}

// CatchUp folds until nothing waits.
func (s *Statistics) CatchUp(ctx context.Context) error {
	for {
		n, err := s.Fold(ctx)
		if err != nil || n < batch {
			return err
		}
	}
}

// sums are figures by all of their names; N of the key is 0.
type sums map[port.Figure]int

// count adds an event to the figures of its month, which is the one of the moment in Kazakhstan.
func (s sums) count(o port.Occurrence) {
	a := o.Application
	f := port.Figure{Month: monthOf(civil.Of(o.At, lang.Almaty())), Service: a.Service, Operation: a.Operation, Subtype: a.Subtype, Body: a.Body}
	add := func(m port.Measure, detail string) {
		f.Measure, f.Detail = m, detail
		s[f]++
	}
	switch o.Event {
	case application.Sent: // which registers
		add(port.Received, "")
		return
	case application.Withdrawal:
		add(port.Withdrawn, "")
		return
	case application.Granted:
		add(port.Granted, "")
	case application.Refused:
		add(port.Refused, "")
		if a.Decision != nil {
			for _, g := range a.Decision.Grounds {
				add(port.Ground, g.Key)
			}
		}
	}
	add(port.Took, strconv.Itoa(Bucket(o.At.Sub(a.RegisteredAt))))
}

func monthOf(d civil.Date) string { return d.String()[:len("2026-11")] }

// figures are the sums that are not zero, in one order everywhere: units that add to the same rows never wait crosswise.
func (s sums) figures() []port.Figure {
	list := make([]port.Figure, 0, len(s))
	for f, n := range s {
		if f.N = n; n != 0 {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b port.Figure) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation),
			cmp.Compare(a.Subtype, b.Subtype), cmp.Compare(a.Body, b.Body), cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Detail, b.Detail))
	})
	return list
}

// Recounted is what a recount found.
type Recounted struct {
	Events  int           `json:"events"`
	Figures int           `json:"figures"`
	Wrong   []port.Figure `json:"wrong"` // what has to be added to figures to make them right
	Mended  bool          `json:"mended"`
}

// Recount counts every event again that was counted, compares the figures and, with mend, corrects them. Work goes on
// meanwhile: what is folded during a recount belongs to neither side of the comparison.
func (s *Statistics) Recount(ctx context.Context, mend bool) (Recounted, error) {
	var r Recounted
	err := s.Store.Update(ctx, func(tx port.Tx) error {
		r = Recounted{}
		at, have, err := asOf(ctx, tx.Records())
		if err != nil {
			return err
		}
		right := sums{}
		if r.Events, err = right.countAll(ctx, tx.Records(), at.Folds); err != nil {
			return err
		}
		for _, f := range have {
			n := f.N
			f.N = 0
			right[f] -= n
		}
		r.Figures, r.Wrong = len(have), right.figures()
		if r.Mended = mend && len(r.Wrong) > 0; r.Mended {
			tx.Write().Records().Correct(at.Corrections+1, r.Wrong)
			tx.Write().Records().Audit(audit.Entry{ID: s.World.ID(), Salt: s.World.Random(16), At: s.World.Now(), Actor: "recount",
				Action: "statistics.corrected", Object: "statistics", Details: map[string]string{"figures": strconv.Itoa(len(r.Wrong))}})
		}
		return nil
	})
	if r.Mended && err == nil {
		s.mu.Lock()
		clear(s.kept)
		s.mu.Unlock()
	}
	return r, err
}

// asOf reads the figures as they stood after one fold: the number of the last fold must be the same before and after.
func asOf(ctx context.Context, r port.Records) (port.Counting, []port.Figure, error) {
	for {
		before, err := r.Counting(ctx)
		if err != nil {
			return before, nil, err
		}
		have, err := r.Figures(ctx, before.First, before.Last)
		if err != nil {
			return before, nil, err
		}
		after, err := r.Counting(ctx)
		if err != nil || after == before {
			return after, have, err
		}
	}
}

func (s sums) countAll(ctx context.Context, r port.Records, folds int) (int, error) {
	events, after := 0, ""
	for {
		list, err := r.Counted(ctx, folds, after, page)
		if err != nil || len(list) == 0 {
			return events, err
		}
		for _, o := range list {
			s.count(o)
		}
		events, after = events+len(list), list[len(list)-1].ID
	}
}

// kept is a report with the moment until which it is shown again.
type kept struct {
	report Report
	until  time.Time
}

// fresh is how long a report is shown before the figures are read again.
const fresh = time.Minute

// Year gives the report of a year, at most a minute old. ok is false for a year without figures that is not the present
// one.
func (s *Statistics) Year(ctx context.Context, year int) (r Report, ok bool, err error) {
	now := s.World.Now()
	s.mu.Lock()
	k, known := s.kept[year]
	s.mu.Unlock()
	if known && now.Before(k.until) {
		return k.report, true, nil
	}
	var at port.Counting
	var figures []port.Figure
	err = s.Store.View(ctx, func(v port.View) error {
		if at, err = v.Records().Counting(ctx); err != nil {
			return err
		}
		figures, err = v.Records().Figures(ctx, monthOf(civil.New(year, time.January, 1)), monthOf(civil.New(year, time.December, 1)))
		return err
	})
	if err != nil {
		return r, false, err
	}
	r = reportOf(year, figures)
	r.Years = years(at, civil.Of(now, lang.Almaty()).Year)
	r.At = now
	if !slices.Contains(r.Years, year) {
		return r, false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[int]kept{}
	}
	maps.DeleteFunc(s.kept, func(_ int, k kept) bool { return !now.Before(k.until) })
	s.kept[year] = kept{r, now.Add(fresh)}
	return r, true, nil
}

// years lists the years with figures and the present one, the newest first.
func years(at port.Counting, present int) []int {
	first, last := present, present
	if at.First != "" {
		first, last = min(first, yearOf(at.First)), max(last, yearOf(at.Last))
	}
	var list []int
	for y := last; y >= first; y-- {
		list = append(list, y)
	}
	return list
}

func yearOf(month string) int {
	n, _ := strconv.Atoi(month[:4]) // written by monthOf
	return n
}
