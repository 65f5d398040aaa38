package casework

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"elicense/internal/civil"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/permit"
)

// Whatever became of a licence, the one that a reissue makes holds as much as it did: its appendices that stand, its
// suspension, its last day and the day of first issue; and it says what it said, but for the answers.
func TestReissueInheritsWhatStands(t *testing.T) {
	first := civil.New(2026, time.January, 12)
	suspended, appended, renamed := 0, 0, 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 22))
		old := permit.Permit{Number: "KZP1", From: first, To: first.AddDays(2000), IssuedAt: first.Start(lang.Almaty()), Values: map[string]string{"name": "A", "plot": "8"}}
		today, known := first, []permit.Act{}
		for range r.IntN(12) {
			today = today.AddDays(r.IntN(20))
			s := old.Stand(known, today)
			kinds := s.Allowed()
			if len(kinds) == 0 {
				break
			}
			a := permit.Act{Kind: kinds[r.IntN(len(kinds))], From: today, At: today.Start(lang.Almaty())}
			switch a.Kind {
			case permit.Reissuance, permit.Termination, permit.Revocation, permit.Annulment, permit.Reversal:
				continue // what ended is not reissued
			case permit.Suspension:
				a.To = today.AddDays(30)
			case permit.Extension:
				a.To = s.To.AddDays(100)
			case permit.Addition:
				a.Appendix, a.Values = s.NextAppendix(), map[string]string{"object": s.NextAppendix()}
			case permit.Correction:
				a.Values = map[string]string{"plot": "8-" + strconv.Itoa(len(known))}
			}
			a, err := old.Next(known, a, today)
			if err != nil {
				t.Fatalf("seed %d: %s: %v", seed, a.Kind, err)
			}
			known = append(known, a)
		}
		c := Concern{Permit: old, Acts: known, Standing: old.Stand(known, today)}
		x := form.Filled{Answers: map[string]string{"name": "B"}, Visible: map[string]bool{"name": true}}
		issued := permit.Permit{Number: "KZP2", From: today, IssuedAt: today.Start(lang.Almaty()), Values: given(x)}
		fresh, out := life{permit: successor(c, x, issued)}, led{}
		if err := fresh.inherit(&out, c, nil, permit.Act{From: today, At: issued.IssuedAt}, today); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		is := fresh.permit.Stand(fresh.acts, today)
		want := maps.Clone(c.Standing.Values)
		want["name"] = "B"
		if is.State != c.Standing.State || is.State == permit.Suspended && is.Until != c.Standing.Until || is.To != c.Standing.To || !maps.Equal(is.Values, want) {
			t.Fatalf("seed %d: %+v, was %+v", seed, is, c.Standing)
		}
		if len(is.Appendices) != len(c.Standing.Appendices) || fresh.permit.First != first || fresh.permit.Origin != "KZP1" || len(out.acts) != len(fresh.acts) {
			t.Fatalf("seed %d: %+v", seed, fresh.permit)
		}
		for i, a := range is.Appendices {
			if a.Values["object"] != c.Standing.Appendices[i].Values["object"] {
				t.Fatalf("seed %d: appendix %s says %v", seed, a.Number, a.Values)
			}
		}
		if is.State == permit.Suspended {
			suspended++
		}
		appended += len(is.Appendices)
		renamed++
	}
	if suspended < 10 || appended < 50 {
		t.Errorf("%d of %d suspended, %d appendices: the lives are too short", suspended, renamed, appended)
	}
}
