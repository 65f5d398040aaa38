package permit

import (
	"testing"
	"time"

	"elicense/internal/civil"
)

// ended is what time makes of a suspension whose last day was over.
func ended(from civil.Date) Act {
	return Act{Kind: Resumption, From: from, At: noon(from), By: System}
}

func suspension(from, known, to civil.Date) Act {
	a := act(Suspension, from, known)
	a.To = to
	return a
}

func reversal(seq int, known civil.Date) Act {
	a := act(Reversal, known, known)
	a.Reverses = seq
	return a
}

// An act that would change nothing, because what holds from a later day overrules it, is not made.
func TestActsThatWouldHaveNoEffect(t *testing.T) {
	march := func(day int) civil.Date { return on(time.March, day) }
	open, none := act(Suspension, march(10), march(10)), civil.Date{}
	for _, c := range []struct {
		name string
		acts []Act
		act  Act
		ok   bool
	}{
		{"a resumption before its suspension", []Act{open}, act(Resumption, march(9), march(20)), false},
		{"a resumption on its first day", []Act{open}, act(Resumption, march(10), march(20)), true},
		{"a suspension before a resumption", []Act{open, act(Resumption, march(15), march(15))}, suspension(march(12), march(20), none), false},
		{"a suspension on the day of a resumption", []Act{open, act(Resumption, march(15), march(15))}, suspension(march(15), march(20), none), true},
		{"and where the resumption was cancelled with its suspension", []Act{open, act(Resumption, march(15), march(15)), reversal(2, march(16)), reversal(1, march(17))},
			suspension(march(12), march(20), none), true},
	} {
		p := licence()
		acts := lived(t, p, c.acts...)
		next, err := p.Next(acts, c.act, march(20))
		if c.ok != (err == nil) || !c.ok && !hasField(err, KeyActBefore) {
			t.Errorf("%s: %v", c.name, err)
		}
		if want := map[Kind]State{Suspension: Suspended, Resumption: Valid}[c.act.Kind]; c.ok && p.Stand(append(acts, next), march(20)).State != want {
			t.Errorf("%s: not %s", c.name, want)
		}
	}
}

// What time made of one suspension ends no other one, and is not cancelled by itself.
func TestTheEndOfASuspensionIsItsOwn(t *testing.T) {
	p, march := licence(), func(day int) civil.Date { return on(time.March, day) }
	acts := lived(t, p, suspension(march(10), march(10), march(20)), ended(march(21)), suspension(march(15), march(25), civil.Date{}))
	for day, want := range map[int]State{12: Suspended, 20: Suspended, 21: Suspended, 31: Suspended} {
		if got := p.Stand(acts, march(day)).State; got != want {
			t.Errorf("on %d March %s, want %s", day, got, want)
		}
	}
	acts = lived(t, p, suspension(march(10), march(10), march(20)), ended(march(21)), reversal(1, march(22)), suspension(march(12), march(23), march(31)))
	if got := p.Stand(acts, march(23)).State; got != Suspended {
		t.Errorf("in place of a cancelled one: %s", got)
	}
	acts = lived(t, p, suspension(march(10), march(10), march(20)), ended(march(21)))
	if _, err := p.Next(acts, reversal(2, march(22)), march(22)); !hasField(err, KeyActUnknown) {
		t.Errorf("what time made is cancelled: %v", err)
	}
	if list := p.Reversible(acts); len(list) != 1 || list[0].Kind != Suspension {
		t.Errorf("can be cancelled: %v", list)
	}
}

// A document that was made stays the one of its edition, also when what it said is cancelled and said otherwise.
func TestEditionsAreNotMadeTwice(t *testing.T) {
	p := licence()
	says := func(address string, day int) Act {
		a := act(Correction, on(time.February, day), on(time.February, day))
		a.Values = map[string]string{"address": address}
		return a
	}
	acts := lived(t, p, says("Абай, 2", 1), reversal(1, on(time.February, 2)), says("Абай, 3", 3), act(Duplication, on(time.February, 4), on(time.February, 4)), reversal(4, on(time.February, 5)))
	texts := map[int]string{}
	for n := range len(acts) + 1 {
		s := p.Stand(acts[:n], on(time.March, 1))
		text := s.Values["address"]
		if s.Duplicate {
			text += ", duplicate"
		}
		if before, made := texts[s.Edition]; made && before != text {
			t.Errorf("edition %d says %q and %q", s.Edition, before, text)
		}
		texts[s.Edition] = text
	}
	if s := p.Stand(acts, on(time.March, 1)); s.Edition != 6 || s.Duplicate || s.Values["address"] != "Абай, 3" {
		t.Errorf("%+v", s)
	}
	if s := p.Stand(lived(t, p, act(Suspension, on(time.March, 1), on(time.March, 1)), reversal(1, on(time.March, 2))), on(time.March, 3)); s.Edition != 1 {
		t.Errorf("a suspension changes the document: %+v", s)
	}
}

// The number of an appendix is its own for ever.
func TestNumbersOfAppendicesAreNotGivenAgain(t *testing.T) {
	p := licence()
	add := func(number string) Act {
		a := act(Addition, on(time.March, 1), on(time.March, 1))
		a.Appendix = number
		return a
	}
	acts := lived(t, p, add("001"), add("002"), reversal(1, on(time.March, 2)), add("003"), reversal(4, on(time.March, 3)), add("004"))
	s := p.Stand(acts, on(time.March, 4))
	if len(s.Appendices) != 2 || s.Appendices[0].Number != "002" || s.Appendices[1].Number != "004" || s.NextAppendix() != "005" {
		t.Errorf("%+v, next %s", s.Appendices, s.NextAppendix())
	}
}
