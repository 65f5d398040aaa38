package app_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"elicense/internal/audit"
	"elicense/internal/docnumber"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// R-21, small: two nodes hand out numbers at once, some units do not take effect, some nodes are killed and others stop
// properly. No number is given twice, every number is valid, and every gap has its cause.
func TestNumbersAreUniqueAndGapsExplained(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		const code, rounds, workers, each = "XTL", 6, 4, 60
		var mu sync.Mutex
		used := map[string]string{}
		keep := func(number, node string) {
			mu.Lock()
			defer mu.Unlock()
			if used[number] != "" {
				t.Errorf("%s was given to %s and to %s", number, used[number], node)
			}
			used[number] = node
		}
		for round := range rounds {
			at(2, func(node int) {
				a := &docnumber.Allocator{Store: s.App.Store, World: s.Clock, Node: fmt.Sprintf("node %d of %d", node, round)}
				at(workers, func(worker int) {
					random := rand.New(rand.NewPCG(uint64(round), uint64(10*node+worker)))
					for range each {
						if number, took := take(t, s, a, code, random); took {
							keep(number, a.Node)
						}
					}
				})
				if round%2 == 0 { // else it is killed: nothing is given back
					if err := a.Close(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		if len(used) < rounds*2*workers*each*8/10 {
			t.Errorf("only %d numbers", len(used))
		}
		// Nothing uses the numbers in the database: every one of them is a gap, each with the node that had it.
		covered := map[int]string{}
		for _, g := range s.Clean().Gaps {
			if g.Code != code {
				continue
			}
			if !strings.Contains(g.Cause, "node ") || g.Last < g.First {
				t.Errorf("%+v", g)
			}
			for n := g.First; n <= g.Last; n++ {
				if covered[n] != "" {
					t.Errorf("%d is in two gaps", n)
				}
				covered[n] = g.Cause
			}
		}
		causes := map[string]bool{}
		for _, cause := range covered {
			causes[cause[:5]] = true
		}
		if len(causes) < 3 {
			t.Errorf("causes: %v", causes)
		}
		for number, node := range used {
			_, n, err := ident.ParseDocumentNumber(number)
			must(t, err)
			if !strings.Contains(covered[n], node) {
				t.Errorf("%s of %s: %q", number, node, covered[n])
			}
		}
	})
}

// take takes a number, inside a unit or outside of one; took tells whether it stays taken.
func take(t *testing.T, s *site.Site, a *docnumber.Allocator, code string, random *rand.Rand) (number string, took bool) {
	took = random.IntN(10) > 0
	if random.IntN(4) == 0 {
		number, err := a.Number(t.Context(), code)
		if err != nil || !ident.ValidDocumentNumber(number) {
			t.Errorf("%s %v", number, err)
		}
		if !took {
			a.Unused(number)
		}
		return number, took
	}
	nothing := fault.New(fault.Conflict, "test.no-effect")
	err := a.Update(t.Context(), func(tx port.Tx, numbers *docnumber.Batch) error {
		first, err := numbers.Number(code)
		if err != nil {
			return err
		}
		number, err = numbers.Number(code)
		if err != nil || first != number || !ident.ValidDocumentNumber(number) {
			t.Errorf("%s %s %v", first, number, err)
		}
		if !took {
			return nothing
		}
		tx.Write().Records().Audit(audit.Entry{ID: s.Clock.ID(), Salt: s.Clock.Random(16), At: s.Clock.Now(), Actor: "system", Action: "test.number", Object: "test/" + number})
		return nil
	})
	if took && err != nil || !took && !fault.Is(err, "test.no-effect") {
		t.Errorf("%v", err)
	}
	return number, took
}

// The gaps of a working site are explained too: a deleted draft is none, it has its tombstone.
func TestGapsOfASite(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	_, err := a.Send(a.Complete(nil))
	must(t, err)
	deleted := a.Draft()
	must(t, s.App.Filing.Delete(t.Context(), a.Actor, deleted))
	_, n, err := ident.ParseDocumentNumber(deleted)
	must(t, err)
	report := s.Clean()
	if len(report.Gaps) == 0 {
		t.Error("the unused rest of the lease is a gap")
	}
	for _, g := range report.Gaps {
		if g.Cause == "" || g.Code == "RTL" && g.First <= n && n <= g.Last {
			t.Errorf("%+v", g)
		}
	}
}
