package ledger

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"elicense/internal/civil"
	"elicense/internal/fault"
)

func day(n int) civil.Date { return civil.New(2026, time.March, 1).AddDays(n) }

func free(code Code, first, last int64) Range {
	return Range{Code: code, First: first, Last: last, State: Free}
}

func wantFault(t *testing.T, what string, err error, kind fault.Kind, key string) {
	t.Helper()
	f, ok := fault.As(err)
	if ok && len(f.Fields) == 1 && f.Kind == kind && f.Fields[0].Key == key {
		return
	}
	if fault.KindOf(err) != kind || !fault.Is(err, key) {
		t.Errorf("%s: got %v, want %v %s", what, err, kind, key)
	}
}

func TestCodes(t *testing.T) {
	for typed, want := range map[string]string{"717-2": "717-2", "7172": "717-2", " 727 ": "727", "71036": "710-36", "600": "600", "000": "000"} {
		c, err := ParseCode(typed)
		if err != nil || c.String() != want {
			t.Errorf("%q is %s, %v", typed, c, err)
		}
	}
	for _, typed := range []string{"", "72", "710361", "812", "7a7", "７２７", "-"} {
		_, err := ParseCode(typed)
		wantFault(t, typed, err, fault.Invalid, "ledger.code")
	}
	if c := Code("7172"); c.Width() != 6 || c.Size() != 1_000_000 || c.Number(42) != "000042" {
		t.Error(c.Width(), c.Size(), c.Number(42))
	}
	for _, r := range []Range{free("7172", 0, 1_000_000), free("7172", -1, 5), free("7172", 6, 5)} {
		wantFault(t, "range", r.Valid(), fault.Invalid, "ledger.range")
	}
	wantFault(t, "code", free("999", 0, 1).Valid(), fault.Invalid, "ledger.code")
	if err := free("727", 0, 9_999_999).Valid(); err != nil {
		t.Error(err)
	}
}

// Every pair of event and state is in the table or refused, and refused by the functions that people's acts go through.
func TestMovesOfRanges(t *testing.T) {
	act := map[RangeEvent]func(Range) (Range, error){
		Reserve:    func(r Range) (Range, error) { return r.ReserveFor("KZ1", day(1)) },
		Release:    func(r Range) (Range, error) { return r.Released(day(1)) },
		Allocate:   func(r Range) (Range, error) { return r.AllocatedBy(Grant{"KZP", "p", "n", "1"}, day(1)) },
		Withdraw:   func(r Range) (Range, error) { return r.WithdrawnFor("art. 1", day(1)) },
		Quarantine: func(r Range) (Range, error) { return r.QuarantinedUntil(day(9), day(1)) },
		Return:     func(r Range) (Range, error) { return r.Returned(day(1)) },
	}
	legal := map[RangeState]map[RangeEvent]RangeState{
		Free: {Reserve: Reserved}, Reserved: {Release: Free, Allocate: Allocated}, Allocated: {Withdraw: Withdrawn},
		Withdrawn: {Quarantine: Quarantined}, Quarantined: {Return: Free},
	}
	for _, from := range RangeStates() {
		for event, f := range act {
			r := free("727", 0, 9)
			r.State = from
			got, err := f(r)
			want, ok := legal[from][event]
			if ok && (err != nil || got.State != want || got.Since != day(1)) {
				t.Errorf("%s from %s: %+v, %v", event, from, got, err)
			}
			if !ok {
				wantFault(t, string(event)+" from "+string(from), err, fault.Conflict, "ledger.move")
			}
		}
	}
}

func TestLifeOfARange(t *testing.T) {
	r, err := free("727", 0, 9).ReserveFor("KZ1", day(1))
	if err != nil || r.Application != "KZ1" {
		t.Fatal(r, err)
	}
	if back, err := r.Released(day(2)); err != nil || back != (Range{Code: "727", Last: 9, State: Free, Since: day(2)}) {
		t.Errorf("released: %+v, %v", back, err)
	}
	r, err = r.AllocatedBy(Grant{"KZP", "p", "Оператор", "1"}, day(3))
	if err != nil || r.Permit != "KZP" || r.Party != "p" || r.HolderName != "Оператор" || r.HolderNumber != "1" || r.Application != "KZ1" {
		t.Fatal(r, err)
	}
	_, err = r.WithdrawnFor("  ", day(4))
	wantFault(t, "no ground", err, fault.Invalid, "ledger.ground")
	r, _ = r.WithdrawnFor(" unused for a year ", day(4))
	if r.Ground != "unused for a year" || r.Permit != "KZP" {
		t.Fatal(r)
	}
	_, err = r.QuarantinedUntil(day(3), day(4))
	wantFault(t, "past", err, fault.Invalid, "ledger.until")
	r, _ = r.QuarantinedUntil(day(9), day(4))
	_, err = r.Returned(day(9))
	wantFault(t, "the last day", err, fault.Conflict, "ledger.quarantine")
	if r, err = r.Returned(day(10)); err != nil || r != (Range{Code: "727", Last: 9, State: Free, Since: day(10)}) {
		t.Errorf("returned: %+v, %v: nothing of the holder may stay", r, err)
	}
}

func TestPropose(t *testing.T) {
	gaps := []Range{free("727", 0, 49), free("727", 100, 299), free("727", 1000, 2999), free("727", 3000, 3999), free("727", 5000, 5149)}
	for _, c := range []struct {
		name         string
		count, block int64
		want         []Range
	}{
		{"smallest sufficient gap", 50, 1, []Range{free("727", 0, 49)}},
		{"one more goes on", 51, 1, []Range{free("727", 5000, 5050)}},
		{"whole hundred", 1, 100, []Range{free("727", 5000, 5099)}},
		{"rounded up to hundreds", 150, 100, []Range{free("727", 100, 299)}},
		{"whole thousands only", 1, 1000, []Range{free("727", 1000, 1999)}},
		{"neighbours are one gap", 3000, 1000, []Range{free("727", 1000, 3999)}},
		{"the largest first, the rest fits", 3100, 100, []Range{free("727", 1000, 3999), free("727", 5000, 5099)}},
		{"everything", 3400, 1, []Range{free("727", 0, 49), free("727", 100, 299), free("727", 1000, 3999), free("727", 5000, 5149)}},
	} {
		got, err := Propose(gaps, c.count, c.block)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	for _, c := range []struct {
		count, block int64
		kind         fault.Kind
		key          string
	}{
		{3401, 1, fault.Conflict, "ledger.short"}, {3301, 100, fault.Conflict, "ledger.short"}, {1, 10_000, fault.Conflict, "ledger.short"},
		{0, 1, fault.Invalid, "ledger.count"}, {-1, 1, fault.Invalid, "ledger.count"}, {1, 0, fault.Invalid, "ledger.count"},
		{1, 50, fault.Invalid, "ledger.count"}, {maxCount + 1, 1, fault.Invalid, "ledger.count"},
	} {
		_, err := Propose(gaps, c.count, c.block)
		wantFault(t, "propose", err, c.kind, c.key)
	}
}

func TestOverlapsAndGaps(t *testing.T) {
	list := []Range{free("727", 10, 99), free("727", 20, 30), free("727", 90, 120), free("727", 200, 299), free("7172", 0, 9)}
	Sort(list)
	if got := Overlaps(list); !slices.Equal(got, []Range{free("727", 20, 30), free("727", 90, 120)}) {
		t.Errorf("overlaps %+v", got)
	}
	got := Gaps(free("727", 0, 399), list)
	for i := range got {
		got[i].State = Free
	}
	if !slices.Equal(got, []Range{free("727", 0, 9), free("727", 121, 199), free("727", 300, 399)}) {
		t.Errorf("gaps %+v", got)
	}
	if Gaps(free("7172", 0, 9), list) != nil {
		t.Error("a covered block has no gaps")
	}
}

// Whatever happens to the ranges of a block, every number stays in exactly one of them.
func TestPartitionStaysExact(t *testing.T) {
	block := free("7172", 1000, 1999)
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 7))
		list := []Range{block}
		for step := range 300 {
			list = disturb(t, random, list, day(step))
			Sort(list)
			if over, gaps := Overlaps(list), Gaps(block, list); over != nil || gaps != nil {
				t.Fatalf("seed %d, step %d: overlaps %+v, gaps %+v", seed, step, over, gaps)
			}
			var sum int64
			for _, r := range list {
				sum += r.Size()
			}
			if sum != block.Size() {
				t.Fatalf("seed %d, step %d: %d numbers", seed, step, sum)
			}
		}
	}
}

// disturb does something at random: a proposal is reserved, a part of a range lives on, neighbours are merged.
func disturb(t *testing.T, random *rand.Rand, list []Range, on civil.Date) []Range {
	if random.IntN(3) == 0 {
		return Join(list)
	}
	if random.IntN(2) == 0 {
		var frees []Range
		for _, r := range list {
			if r.State == Free {
				frees = append(frees, r)
			}
		}
		chosen, err := Propose(frees, 1+random.Int64N(200), []int64{1, 10, 100}[random.IntN(3)])
		if err != nil {
			return list
		}
		for _, c := range chosen {
			for _, f := range slices.Clone(list) {
				if f.State == Free && f.Overlaps(c) {
					list = change(t, list, f, max(c.First, f.First), min(c.Last, f.Last), func(r Range) (Range, error) { return r.ReserveFor("KZ1", on) })
				}
			}
		}
		return list
	}
	r := list[random.IntN(len(list))]
	first := r.First + random.Int64N(r.Size())
	last := first + random.Int64N(r.Last-first+1)
	return change(t, list, r, first, last, func(r Range) (Range, error) {
		switch r.State {
		case Reserved:
			if random.IntN(2) == 0 {
				return r.Released(on)
			}
			return r.AllocatedBy(Grant{Permit: "KZP"}, on)
		case Allocated:
			return r.WithdrawnFor("ground", on)
		case Withdrawn:
			return r.QuarantinedUntil(on, on)
		case Quarantined:
			return r.Returned(on)
		}
		return r, nil
	})
}

func change(t *testing.T, list []Range, of Range, first, last int64, f func(Range) (Range, error)) []Range {
	parts, wanted, err := of.Split(first, last)
	if err != nil {
		t.Fatal(err)
	}
	if parts[wanted], err = f(parts[wanted]); err != nil && !fault.Is(err, "ledger.quarantine") {
		t.Fatal(err)
	}
	i := slices.Index(list, of)
	return append(slices.Delete(slices.Clone(list), i, i+1), parts...)
}

func TestSplitRefuses(t *testing.T) {
	r := free("727", 100, 199)
	for _, c := range [][2]int64{{99, 150}, {150, 200}, {160, 150}, {0, 50}} {
		_, _, err := r.Split(c[0], c[1])
		wantFault(t, "split", err, fault.Conflict, "ledger.taken")
	}
}

func TestMerge(t *testing.T) {
	a, b := free("727", 0, 9), free("727", 10, 19)
	b.Since = day(3)
	if m, ok := Merge(a, b); !ok || m.Last != 19 || m.Since != day(3) {
		t.Errorf("%+v %v", m, ok)
	}
	other := b
	other.Application = "KZ1"
	for name, x := range map[string]Range{"a gap": free("727", 11, 19), "an overlap": free("727", 9, 19), "another code": free("7172", 10, 19), "another's": other} {
		if _, ok := Merge(a, x); ok {
			t.Errorf("merged across %s", name)
		}
	}
}
