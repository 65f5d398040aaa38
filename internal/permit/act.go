package permit

import (
	"maps"
	"slices"
	"time"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

// Kind is what an act does with a permit.
type Kind string

// The kinds (law 202-V, articles 33 to 36 and 45).
const (
	Suspension  Kind = "suspension"  // for a time, or until it is resumed
	Resumption  Kind = "resumption"  // before the time is over, or at its end
	Termination Kind = "termination" // at the holder's request, or because the holder is no more
	Revocation  Kind = "revocation"  // taken away
	Annulment   Kind = "annulment"   // the decision to issue it is cancelled
	Reissuance  Kind = "reissue"     // another permit takes its place
	Extension   Kind = "extension"   // a later last day
	Correction  Kind = "correction"  // of an obvious mistake: the document says something else
	Duplication Kind = "duplicate"   // the document is made anew, and says that it is a duplicate
	Addition    Kind = "appendix"    // an appendix comes to it
	Reversal    Kind = "reversal"    // an act before it is cancelled, as if it had not been
)

// Kinds lists them in the order in which an official is offered them.
func Kinds() []Kind {
	return []Kind{Suspension, Resumption, Termination, Revocation, Annulment, Reissuance, Extension, Correction, Duplication, Addition, Reversal}
}

// Act is one change in the life of a permit after its issue. Two officials made it, or a granted application of the holder, or
// time alone. Acts are kept for ever as they became known: what was wrong is set right by another act.
type Act struct {
	Permit string
	Seq    int // 1, 2, 3 … in the order in which they became known
	Kind   Kind
	From   civil.Date // first day on which it holds; never after the day of At
	// To is the last day of a suspension, zero = until it is resumed, or the last day that an extension gives, zero = without end.
	To          civil.Date
	Appendix    string // the appendix that it ends or brings, such as 001; "" = the permit itself
	Ground      Ground
	Application string // that asked for it; "" = nobody did
	Order       string // id of the order by which officials made it; "" = none
	Successor   string // number of the permit that a reissue made
	Reverses    int    // Seq of the act that a reversal cancels
	// Values are what a correction makes the document say, by name, "" where it says nothing any more; what an appendix says.
	Values map[string]string
	By     string // account, or "system"
	At     time.Time
}

// Ground is why: the legal ground with its act, as they stood that day, and what officials say of this case.
type Ground struct {
	Key  string    `json:"key,omitempty"`
	Text lang.Text `json:"text"`
	Act  lang.Text `json:"act"`
	KK   string    `json:"kk,omitempty"`
	RU   string    `json:"ru,omitempty"`
}

// Drawn tells whether documents are made when the act is known: its own, where officials ordered it, or another edition or an
// appendix of the permit.
func (a Act) Drawn() bool {
	return a.Order != "" || a.Kind == Extension || a.Kind == Duplication || a.Kind == Addition
}

// ByTime tells whether time alone made the act: a suspension's last day was over.
func (a Act) ByTime() bool {
	return a.Kind == Resumption && a.Order == "" && a.Application == "" && a.By == System
}

// System is the author of acts that nobody made.
const System = "system"

// ends gives the state to which an act leads for good.
func (k Kind) ends() (State, bool) {
	s, ok := map[Kind]State{Termination: Terminated, Revocation: Revoked, Annulment: Annulled, Reissuance: Reissued}[k]
	return s, ok
}

// ends tells whether the act ends the permit itself.
func (a Act) ends() (State, bool) {
	if a.Appendix != "" {
		return "", false
	}
	return a.Kind.ends()
}

// Faults of acts.
const (
	KeyActState   = "permit.act-state"   // what stands does not allow it: fault.Conflict with the state
	KeyActFrom    = "permit.act-from"    // not before the permit began, not after today
	KeyActBefore  = "permit.act-before"  // not before the suspension or resumption that stands, or it would change nothing
	KeyActTo      = "permit.act-to"      // not before its first day; of an extension, later than now
	KeyActNothing = "permit.act-nothing" // a correction that changes nothing
	KeyActUnknown = "permit.act-unknown" // no such appendix, no such act to cancel
)

// Next checks an act against what is known of the permit on a day, and numbers it. Faults: fault.Conflict KeyActState, and
// fault.Invalid at from, to, values, appendix or reverses.
func (p Permit) Next(acts []Act, a Act, today civil.Date) (Act, error) {
	a.Permit, a.Seq = p.Number, len(acts)+1
	s := p.Stand(acts, today)
	if !s.allows(a.Kind) && !s.lapsed(a) {
		return a, fault.New(fault.Conflict, KeyActState).With(fault.Args{"state": string(s.State), "act": string(a.Kind)})
	}
	switch {
	case a.From.IsZero() || a.From.After(today) || a.From.Before(p.begin()):
		return a, fault.At("from", KeyActFrom)
	case (a.Kind == Suspension || a.Kind == Resumption) && a.From.Before(lastPause(acts)):
		return a, fault.At("from", KeyActBefore)
	case a.Kind == Suspension && !a.To.IsZero() && a.To.Before(a.From), a.Kind == Extension && !later(a.To, s.To):
		return a, fault.At("to", KeyActTo)
	case a.Kind == Correction && !changes(s.Values, a.Values):
		return a, fault.At("values", KeyActNothing)
	case a.Kind == Addition && a.Appendix != s.NextAppendix(), a.Kind != Addition && a.Appendix != "" && (a.Kind != Termination || !s.has(a.Appendix)):
		return a, fault.At("appendix", KeyActUnknown)
	case a.Kind == Reversal && !reversible(acts, a.Reverses):
		return a, fault.At("reverses", KeyActUnknown)
	}
	return a, nil
}

// lastPause is the latest first day of the suspensions and resumptions that stand. What would hold from an earlier day would be
// overruled by them at once; what time made overrules nothing but its own suspension.
func lastPause(acts []Act) (last civil.Date) {
	for _, a := range standing(acts) {
		if (a.Kind == Suspension || a.Kind == Resumption && !a.ByTime()) && a.From.After(last) {
			last = a.From
		}
	}
	return last
}

// begin is the first day on which an act may hold: a permit that was issued for later can be ended before.
func (p Permit) begin() civil.Date {
	if issued := civil.Of(p.IssuedAt, lang.Almaty()); issued.Before(p.From) {
		return issued
	}
	return p.From
}

// later tells whether a last day is after another; zero is without end.
func later(day, than civil.Date) bool {
	return !than.IsZero() && (day.IsZero() || day.After(than))
}

func changes(have, want map[string]string) bool {
	for name, value := range want {
		if have[name] != value {
			return true
		}
	}
	return false
}

// reversible tells whether an act can be cancelled: it exists, was not cancelled, and is no cancellation itself. A reissue
// stays, because another permit rests on it; what time made would be made again, it goes with its suspension.
func reversible(acts []Act, seq int) bool {
	return slices.ContainsFunc(Permit{}.Reversible(acts), func(a Act) bool { return a.Seq == seq })
}

// Reversible lists the acts that a reversal can cancel.
func (p Permit) Reversible(acts []Act) []Act {
	return slices.DeleteFunc(standing(acts), func(a Act) bool { return a.Kind == Reissuance || a.ByTime() })
}

// May tells whether an act of a kind can be proposed for a day, whatever it says.
func (p Permit) May(acts []Act, k Kind, today civil.Date) bool {
	return p.Stand(acts, today).allows(k) && (k != Reversal || len(p.Reversible(acts)) > 0)
}

// Allowed lists the kinds of acts that what stands allows, in the order of Kinds.
func (s Standing) Allowed() []Kind {
	var list []Kind
	for _, k := range Kinds() {
		if s.allows(k) {
			list = append(list, k)
		}
	}
	return list
}

// lapsed tells whether an act notes that the time of a suspension is over: from the day after its last day, whatever has become
// of the permit since.
func (s Standing) lapsed(a Act) bool {
	return a.Kind == Resumption && s.Ended() == "" && !s.Until.IsZero() && a.From == s.Until.AddDays(1)
}

func (s Standing) allows(k Kind) bool {
	switch s.State {
	case Valid:
		return k != Resumption
	case Suspended:
		return k != Suspension && k != Extension && k != Addition
	case Future:
		return k == Termination || k == Annulment || k == Correction || k == Addition || k == Reversal
	case Expired:
		return k == Annulment || k == Correction || k == Duplication || k == Reversal
	case Terminated, Revoked, Annulled:
		return k == Reversal
	}
	return false
}

// said is a copy of values with others laid over it.
func said(values, over map[string]string) map[string]string {
	out := maps.Clone(values)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range over {
		if value == "" {
			delete(out, name)
		} else {
			out[name] = value
		}
	}
	return out
}
