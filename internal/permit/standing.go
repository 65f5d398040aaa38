package permit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"elicense/internal/civil"
	"elicense/internal/lang"
)

// Standing is what holds of a permit on a day: the permit as it was issued, and the acts since.
type Standing struct {
	State State      `json:"state"`
	Since civil.Date `json:"since"` // first day of a suspension or of what ended the permit; else zero
	Until civil.Date `json:"until"` // last day of a suspension, zero = until it is resumed
	From  civil.Date `json:"from"`
	To    civil.Date `json:"to"` // last day on which it is valid, zero = without end
	// Edition counts what the document said: 1 as issued. What a cancelled act made it say keeps its number, and what it says since
	// has another. Duplicate tells that the last one is a duplicate.
	Edition    int               `json:"edition"`
	Duplicate  bool              `json:"duplicate,omitempty"`
	Values     map[string]string `json:"values"`
	Appendices []Appendix        `json:"appendices,omitempty"`
	Withdrawn  int               `json:"withdrawn,omitempty"` // appendices whose act was cancelled: their numbers are not given again
	Successor  string            `json:"successor,omitempty"` // number of the permit that took its place
	Acts       int               `json:"acts"`                // how many are known; the next one is numbered after them
}

// Appendix is an appendix to a licence, with a number of its own within it (001, 002 …).
type Appendix struct {
	Number      string            `json:"number"`
	Application string            `json:"application,omitempty"`
	From        civil.Date        `json:"from"`
	Ended       civil.Date        `json:"ended"` // first day on which it holds no more, zero = it holds
	Values      map[string]string `json:"values"`
}

// AsOf answers what held of the permit on a day, as it was known at a moment: acts that became known later count as little as
// those that hold later. Content is a matter of knowledge alone: a correction says what the document should have said.
func (p Permit) AsOf(acts []Act, day civil.Date, known time.Time) Standing {
	return p.Stand(slices.DeleteFunc(slices.Clone(acts), func(a Act) bool { return a.At.After(known) }), day)
}

// Stand gives what holds of the permit on a day, by all the acts that are given.
func (p Permit) Stand(acts []Act, day civil.Date) Standing {
	s := Standing{From: p.From, To: p.To, Edition: 1, Values: said(p.Values, nil), Acts: len(acts)}
	left := standing(acts)
	for _, a := range acts {
		if a.rewrites(acts) {
			s.Edition++
		}
	}
	for _, a := range left {
		switch a.Kind {
		case Correction:
			s.correct(a.Values)
		case Duplication:
			s.Duplicate = true
		case Addition:
			s.Appendices = append(s.Appendices, Appendix{Number: a.Appendix, Application: a.Application, From: a.From, Values: said(a.Values, nil)})
		}
	}
	for _, a := range acts {
		if a.Kind == Addition {
			s.Withdrawn++
		}
	}
	s.Withdrawn -= len(s.Appendices)
	slices.SortStableFunc(left, func(x, y Act) int { return cmp.Or(x.From.Compare(y.From), cmp.Compare(x.Seq, y.Seq)) })
	for _, a := range left {
		if a.From.After(day) || s.Ended() != "" {
			break
		}
		s.apply(a)
	}
	s.State = s.on(day)
	return s
}

// After gives what holds after all acts, on the day of the last one, or of issue where there is none. No act holds from a later
// day, so Standing.On answers for every day since.
func (p Permit) After(acts []Act) Standing {
	day := civil.Of(p.IssuedAt, lang.Almaty())
	if n := len(acts); n > 0 {
		day = civil.Of(acts[n-1].At, lang.Almaty())
	}
	return p.Stand(acts, day)
}

// standing are the acts that no reversal cancelled, without the reversals.
func standing(acts []Act) []Act {
	var cancelled []int
	for _, a := range acts {
		if a.Kind == Reversal {
			cancelled = append(cancelled, a.Reverses)
		}
	}
	return slices.DeleteFunc(slices.Clone(acts), func(a Act) bool { return a.Kind == Reversal || slices.Contains(cancelled, a.Seq) })
}

// rewrites tells whether the document is another one since the act: it is never made twice under one number.
func (a Act) rewrites(acts []Act) bool {
	switch a.Kind {
	case Correction, Extension, Duplication:
		return true
	case Reversal:
		i := slices.IndexFunc(acts, func(x Act) bool { return x.Seq == a.Reverses })
		return i >= 0 && acts[i].Kind != Reversal && acts[i].rewrites(acts)
	}
	return false
}

// apply lets an act hold from its first day on.
func (s *Standing) apply(a Act) {
	if a.Kind == Termination && a.Appendix != "" {
		for i := range s.Appendices {
			if s.Appendices[i].Number == a.Appendix && s.Appendices[i].Ended.IsZero() {
				s.Appendices[i].Ended = a.From
			}
		}
		return
	}
	if state, ok := a.ends(); ok {
		s.State, s.Since, s.Until, s.Successor = state, a.From, civil.Date{}, a.Successor
		return
	}
	switch a.Kind {
	case Suspension:
		s.State, s.Since, s.Until = Suspended, a.From, a.To
	case Resumption:
		if a.ByTime() && a.From != s.Until.AddDays(1) {
			return // its suspension was cancelled, or another one has taken its place
		}
		s.State, s.Since, s.Until = "", civil.Date{}, civil.Date{}
	case Extension:
		s.To = a.To
	}
}

// Ended is the state that ended the permit before its time, "" = none did.
func (s Standing) Ended() State {
	switch s.State {
	case Terminated, Revoked, Annulled, Reissued:
		return s.State
	}
	return ""
}

// On gives the state on a later day by which no other act became known: time alone ends suspensions and permits.
func (s Standing) On(day civil.Date) State { return s.on(day) }

func (s Standing) on(day civil.Date) State {
	switch {
	case s.Ended() != "":
		return s.State
	case day.Before(s.From):
		return Future
	case !s.To.IsZero() && day.After(s.To):
		return Expired
	case !s.Since.IsZero() && !day.Before(s.Since) && (s.Until.IsZero() || !day.After(s.Until)):
		return Suspended
	}
	return Valid
}

// correct lays the values of a correction over what the permit says, and over what an appendix says in the same words: it repeats
// the mistake. What an appendix says otherwise is its own.
func (s *Standing) correct(values map[string]string) {
	for i, x := range s.Appendices {
		repeated := map[string]string{}
		for name, value := range values {
			if had, has := x.Values[name]; has && had == s.Values[name] {
				repeated[name] = value
			}
		}
		s.Appendices[i].Values = said(x.Values, repeated)
	}
	s.Values = said(s.Values, values)
}

// NextAppendix is the number of the appendix that would come next.
func (s Standing) NextAppendix() string { return fmt.Sprintf("%03d", len(s.Appendices)+s.Withdrawn+1) }

// has tells whether an appendix holds.
func (s Standing) has(number string) bool {
	return slices.ContainsFunc(s.Appendices, func(a Appendix) bool { return a.Number == number && a.Ended.IsZero() })
}
