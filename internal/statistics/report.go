package statistics

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"elicense/internal/port"
)

// Tally is what became of applications of one kind.
type Tally struct {
	Received, Granted, Refused, Withdrawn int
	Took                                  Histogram // from registration to decision
}

// Line is the tally of a state body, a service or a subtype. Names that do not tell lines of one table apart are empty.
type Line struct {
	Body, Service, Subtype string
	Tally
}

// Reason is how often refusals stated a ground; one refusal may state several.
type Reason struct {
	Service, Ground string
	N               int
}

// Report is the figures of one year.
type Report struct {
	Year     int
	Years    []int     // that can be asked for, the newest first
	At       time.Time // when the figures were read
	Total    Tally
	Months   [12]Tally
	Bodies   []Line // the most applications first, as are all lists
	Services []Line
	Subtypes []Line
	Reasons  []Reason
}

func reportOf(year int, figures []port.Figure) Report {
	r := Report{Year: year}
	bodies, services, subtypes, reasons := lines{}, lines{}, lines{}, map[Reason]int{}
	for _, f := range figures {
		if f.Measure == port.Ground {
			reasons[Reason{Service: f.Service, Ground: f.Detail}] += f.N
			continue
		}
		month, _ := strconv.Atoi(f.Month[5:]) // written by monthOf
		r.Total.add(f)
		r.Months[month-1].add(f)
		bodies.of(Line{Body: f.Body}).add(f)
		services.of(Line{Service: f.Service}).add(f)
		if f.Subtype != "" {
			subtypes.of(Line{Service: f.Service, Subtype: f.Subtype}).add(f)
		}
	}
	r.Bodies, r.Services, r.Subtypes = bodies.sorted(), services.sorted(), subtypes.sorted()
	for reason, n := range reasons {
		reason.N = n
		r.Reasons = append(r.Reasons, reason)
	}
	slices.SortFunc(r.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Ground, b.Ground))
	})
	return r
}

func (t *Tally) add(f port.Figure) {
	switch f.Measure {
	case port.Received:
		t.Received += f.N
	case port.Granted:
		t.Granted += f.N
	case port.Refused:
		t.Refused += f.N
	case port.Withdrawn:
		t.Withdrawn += f.N
	case port.Took:
		bucket, _ := strconv.Atoi(f.Detail) // written by count
		if t.Took == nil {
			t.Took = Histogram{}
		}
		t.Took[bucket] += f.N
	}
}

// lines are found by their names.
type lines map[[3]string]*Line

func (l lines) of(name Line) *Line {
	key := [3]string{name.Body, name.Service, name.Subtype}
	if l[key] == nil {
		l[key] = &name
	}
	return l[key]
}

func (l lines) sorted() []Line {
	list := make([]Line, 0, len(l))
	for _, line := range l {
		list = append(list, *line)
	}
	slices.SortFunc(list, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Received, a.Received), cmp.Compare(b.Granted, a.Granted),
			cmp.Compare(a.Body, b.Body), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Subtype, b.Subtype))
	})
	return list
}
