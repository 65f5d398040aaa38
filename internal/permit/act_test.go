package permit

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elicense/internal/civil"
	"elicense/internal/fault"
)

func on(month time.Month, day int) civil.Date { return civil.New(2026, month, day) }

// noon is the moment at which an act of a day becomes known.
func noon(d civil.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 7, 0, 0, 0, time.UTC) }

func licence() Permit {
	return Permit{Number: "KZ33VTL00000001", From: on(time.January, 10), To: on(time.December, 31), IssuedAt: noon(on(time.January, 9)), Values: map[string]string{"address": "Абай, 1", "kind": "a"}}
}

// lived makes acts that became known each on the day given with it.
func lived(t *testing.T, p Permit, acts ...Act) []Act {
	t.Helper()
	var done []Act
	for _, a := range acts {
		today := civil.Of(a.At, time.UTC)
		next, err := p.Next(done, a, today)
		if err != nil {
			t.Fatalf("%s on %s: %v", a.Kind, today, err)
		}
		done = append(done, next)
	}
	return done
}

func act(k Kind, from, known civil.Date) Act { return Act{Kind: k, From: from, At: noon(known)} }

func TestStand(t *testing.T) {
	month := act(Suspension, on(time.March, 1), on(time.March, 1))
	month.To = on(time.March, 31)
	open := act(Suspension, on(time.March, 1), on(time.March, 1))
	extended := act(Extension, on(time.May, 1), on(time.May, 1))
	extended.To = civil.New(2027, time.June, 30)
	for _, c := range []struct {
		name string
		acts []Act
		day  civil.Date
		want State
	}{
		{"before it begins", nil, on(time.January, 9), Future},
		{"its first day", nil, on(time.January, 10), Valid},
		{"its last day", nil, on(time.December, 31), Valid},
		{"after it", nil, civil.New(2027, time.January, 1), Expired},
		{"the day before the suspension", []Act{month}, on(time.February, 28), Valid},
		{"its first day", []Act{month}, on(time.March, 1), Suspended},
		{"its last day", []Act{month}, on(time.March, 31), Suspended},
		{"time ends it", []Act{month}, on(time.April, 1), Valid},
		{"resumed before", []Act{month, act(Resumption, on(time.March, 10), on(time.March, 10))}, on(time.March, 10), Valid},
		{"and suspended until then", []Act{month, act(Resumption, on(time.March, 10), on(time.March, 10))}, on(time.March, 9), Suspended},
		{"without an end", []Act{open}, on(time.December, 31), Suspended},
		{"a suspension ends with the permit", []Act{open}, civil.New(2027, time.January, 1), Expired},
		{"terminated", []Act{act(Termination, on(time.June, 1), on(time.June, 1))}, on(time.June, 1), Terminated},
		{"until then", []Act{act(Termination, on(time.June, 1), on(time.June, 1))}, on(time.May, 31), Valid},
		{"what ended does not expire", []Act{act(Revocation, on(time.June, 1), on(time.June, 1))}, civil.New(2028, time.June, 1), Revoked},
		{"annulled from its first day", []Act{act(Annulment, on(time.January, 10), on(time.June, 1))}, on(time.February, 1), Annulled},
		{"ended before what was known first", []Act{month, act(Termination, on(time.February, 20), on(time.March, 10))}, on(time.March, 3), Terminated},
		{"extended", []Act{extended}, civil.New(2027, time.June, 30), Valid},
		{"and then over", []Act{extended}, civil.New(2027, time.July, 1), Expired},
		{"a cancelled act never was", []Act{month, {Kind: Reversal, From: on(time.March, 5), At: noon(on(time.March, 5)), Reverses: 1}}, on(time.March, 3), Valid},
	} {
		p := licence()
		if got := p.Stand(lived(t, p, c.acts...), c.day).State; got != c.want {
			t.Errorf("%s: %s on %s, want %s", c.name, got, c.day, c.want)
		}
	}
}

// Was this permit valid on 3 March, as known on 10 March?
func TestAsOf(t *testing.T) {
	p := licence()
	back := act(Termination, on(time.February, 20), on(time.March, 15))
	acts := lived(t, p, back)
	for _, c := range []struct {
		known time.Time
		want  State
	}{{noon(on(time.March, 10)), Valid}, {back.At.Add(-1), Valid}, {back.At, Terminated}, {noon(on(time.March, 16)), Terminated}} {
		if got := p.AsOf(acts, on(time.March, 3), c.known).State; got != c.want {
			t.Errorf("as known at %s: %s, want %s", c.known, got, c.want)
		}
	}
}

func TestContentOfActs(t *testing.T) {
	p := licence()
	mended := act(Correction, on(time.February, 1), on(time.February, 1))
	mended.Values = map[string]string{"address": "Абай, 11", "kind": ""}
	first := act(Addition, on(time.March, 1), on(time.March, 1))
	first.Appendix, first.Values = "001", map[string]string{"place": "Алматы"}
	second := act(Addition, on(time.April, 1), on(time.April, 1))
	second.Appendix = "002"
	ended := act(Termination, on(time.May, 1), on(time.May, 1))
	ended.Appendix = "001"
	acts := lived(t, p, mended, first, second, ended, act(Duplication, on(time.June, 1), on(time.June, 1)))
	s := p.Stand(acts, on(time.June, 1))
	if s.State != Valid || s.Edition != 3 || !s.Duplicate || s.Values["address"] != "Абай, 11" || len(s.Values) != 1 {
		t.Errorf("%+v", s)
	}
	if len(s.Appendices) != 2 || s.Appendices[0].Ended != on(time.May, 1) || !s.Appendices[1].Ended.IsZero() || s.NextAppendix() != "003" {
		t.Errorf("%+v", s.Appendices)
	}
	if p.Values["address"] != "Абай, 1" {
		t.Error("what was issued has changed")
	}
}

// A correction mends what an appendix repeats of the permit, not what is the appendix's own; cancelled, it mends neither.
func TestCorrectionOfWhatAnAppendixRepeats(t *testing.T) {
	p := licence()
	with := func(number string, values map[string]string) Act {
		a := act(Addition, on(time.March, 1), on(time.March, 1))
		a.Appendix, a.Values = number, values
		return a
	}
	mended := act(Correction, on(time.April, 1), on(time.April, 1))
	mended.Values = map[string]string{"address": "Абай, 11", "kind": ""}
	back := act(Reversal, on(time.May, 1), on(time.May, 1))
	back.Reverses = 3
	acts := lived(t, p, with("001", map[string]string{"address": p.Values["address"], "kind": p.Values["kind"]}), with("002", map[string]string{"address": "Абай, 2"}), mended, back)
	for _, c := range []struct {
		acts          int
		first, second map[string]string
	}{
		{2, map[string]string{"address": "Абай, 1", "kind": p.Values["kind"]}, map[string]string{"address": "Абай, 2"}},
		{3, map[string]string{"address": "Абай, 11"}, map[string]string{"address": "Абай, 2"}},
		{4, map[string]string{"address": "Абай, 1", "kind": p.Values["kind"]}, map[string]string{"address": "Абай, 2"}},
	} {
		got := p.Stand(acts[:c.acts], on(time.June, 1)).Appendices
		if !maps.Equal(got[0].Values, c.first) || !maps.Equal(got[1].Values, c.second) {
			t.Errorf("after %d acts: %+v", c.acts, got)
		}
	}
	if acts[0].Values["address"] != "Абай, 1" {
		t.Error("the act has changed")
	}
}

func TestNextRefuses(t *testing.T) {
	today := on(time.June, 1)
	with := func(k Kind, change func(*Act)) Act {
		a := act(k, today, today)
		if change != nil {
			change(&a)
		}
		return a
	}
	ended := []Act{{Seq: 1, Kind: Termination, From: today, At: noon(today)}}
	suspended := []Act{{Seq: 1, Kind: Suspension, From: today, At: noon(today)}}
	for _, c := range []struct {
		name string
		acts []Act
		act  Act
		key  string
	}{
		{"tomorrow", nil, with(Suspension, func(a *Act) { a.From = today.AddDays(1) }), KeyActFrom},
		{"no day", nil, with(Suspension, func(a *Act) { a.From = civil.Date{} }), KeyActFrom},
		{"before it was issued", nil, with(Annulment, func(a *Act) { a.From = on(time.January, 8) }), KeyActFrom},
		{"over before it begins", nil, with(Suspension, func(a *Act) { a.To = today.AddDays(-1) }), KeyActTo},
		{"no extension", nil, with(Extension, func(a *Act) { a.To = on(time.December, 31) }), KeyActTo},
		{"a correction of nothing", nil, with(Correction, func(a *Act) { a.Values = map[string]string{"kind": "a"} }), KeyActNothing},
		{"the wrong appendix", nil, with(Addition, func(a *Act) { a.Appendix = "002" }), KeyActUnknown},
		{"an appendix that is not", nil, with(Termination, func(a *Act) { a.Appendix = "001" }), KeyActUnknown},
		{"a suspension of an appendix", nil, with(Suspension, func(a *Act) { a.Appendix = "001" }), KeyActUnknown},
		{"nothing to cancel", nil, with(Reversal, func(a *Act) { a.Reverses = 1 }), KeyActUnknown},
		{"a reissue stays", []Act{{Seq: 1, Kind: Duplication, From: today}, {Seq: 2, Kind: Reissuance, From: today}}, with(Reversal, func(a *Act) { a.Reverses = 2 }), KeyActState},
		{"nothing to resume", nil, with(Resumption, nil), KeyActState},
		{"suspended twice", suspended, with(Suspension, nil), KeyActState},
		{"after its end", ended, with(Suspension, nil), KeyActState},
		{"ended twice", ended, with(Revocation, nil), KeyActState},
	} {
		if _, err := licence().Next(c.acts, c.act, today); !fault.Is(err, c.key) && !hasField(err, c.key) {
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		}
	}
}

func hasField(err error, key string) bool {
	f, ok := fault.As(err)
	return ok && slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Key == key })
}

// TestRandomLives proves of any life that its past does not change with what becomes known later, that the states of a day do
// not depend on how the acts are handed over in one go or one by one, and that what ended for good stays so unless cancelled.
func TestRandomLives(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := licence()
		day := on(time.January, 10)
		var acts []Act
		type moment struct {
			at   time.Time
			text string
		}
		var seen []moment
		look := func(at time.Time) string {
			var all []Standing
			for d := on(time.January, 1); d.Before(civil.New(2027, time.March, 1)); d = d.AddDays(13) {
				all = append(all, p.AsOf(acts, d, at))
			}
			b, _ := json.Marshal(all)
			return string(b)
		}
		for range rapid.IntRange(0, 12).Draw(r, "acts") {
			day = day.AddDays(rapid.IntRange(1, 40).Draw(r, "later"))
			s := p.Stand(acts, day)
			allowed := s.Allowed()
			if len(allowed) == 0 {
				break
			}
			a := Act{Kind: rapid.SampledFrom(allowed).Draw(r, "kind"), From: day.AddDays(-rapid.IntRange(0, 60).Draw(r, "back")), At: noon(day)}
			switch a.Kind {
			case Suspension, Extension:
				a.To = day.AddDays(rapid.IntRange(0, 400).Draw(r, "days"))
			case Correction:
				a.Values = map[string]string{"address": rapid.SampledFrom([]string{"a", "b", ""}).Draw(r, "value")}
			case Addition:
				a.Appendix = s.NextAppendix()
			case Reversal:
				a.Reverses = rapid.IntRange(1, 12).Draw(r, "reverses")
			}
			next, err := p.Next(acts, a, day)
			if err != nil {
				continue
			}
			acts = append(acts, next)
			seen = append(seen, moment{a.At, look(a.At)})
			if got := p.Stand(acts, day); got.Acts != len(acts) || got.State != got.On(day) {
				r.Fatalf("%+v", got)
			}
		}
		for _, m := range seen {
			if look(m.at) != m.text {
				r.Fatalf("what was known at %s has changed", m.at)
			}
		}
	})
}
