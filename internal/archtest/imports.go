package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// house is the list of rooms, ready for questions.
type house []Package

// find gives the room of a package: the longest that fits, and its place in the order.
func (h house) find(dir string) (Package, int, bool) {
	best, at := Package{}, -1
	for i, p := range h {
		if within(dir, []string{p.Path}) && (at < 0 || len(p.Path) > len(best.Path)) {
			best, at = p, i
		}
	}
	return best, at, at >= 0
}

// checkFloors holds every import inside the module against the order of the house.
func checkFloors(s *Source) []Finding {
	h := house(rooms())
	var found []Finding
	for _, dir := range s.packages() {
		if _, _, ok := h.find(dir); !ok {
			found = append(found, Finding{"unknown-room", dir, "this package has no room in the house: give it one in archtest and docs/architecture.md"})
		}
	}
	for _, f := range s.product() {
		for _, imported := range f.imports() {
			target, ok := strings.CutPrefix(imported, s.Module+"/")
			if !ok {
				continue
			}
			if text := h.judge(f.dir, target); text != "" {
				found = append(found, Finding{"floors", f.path, text})
			}
		}
	}
	return found
}

// judge says what is wrong with an import, or nothing.
func (h house) judge(from, to string) string {
	a, i, known := h.find(from)
	b, j, ok := h.find(to)
	if !known || !ok {
		return "" // reported as an unknown room
	}
	arrow := fmt.Sprintf("%s imports %s", from, to)
	switch {
	case a.Zone == Assembly:
		return h.judgeAssembly(from, to, arrow)
	case b.Zone == Assembly || b.Zone == Texts:
		return arrow + ": only the assembly knows it"
	case a.Zone == Texts:
		return arrow + ": a folder of texts imports nothing"
	case a.Zone < b.Zone:
		return arrow + ", which is on a higher floor"
	case a.Zone == Adapters && b.Zone == Adapters:
		return arrow + ": adapters do not know each other"
	case a.Zone == Adapters && b.Zone == UseCases && to != "internal/port":
		return arrow + ": of the use cases an adapter knows only port"
	case a.Zone == Edges && b.Zone == Adapters:
		return arrow + ": a page reaches adapters through port"
	case a.Zone == Edges && b.Zone == Edges && isPortal(to):
		return arrow + ": portals do not know each other, and nothing below knows them"
	case a.Zone == b.Zone && i <= j:
		return arrow + ", which comes after it on the same floor"
	}
	return ""
}

// judgeAssembly keeps the proof out of the product: tests, benchmarks and doubles are not part of what serves.
func (h house) judgeAssembly(from, to, arrow string) string {
	proof := within(to, []string{"internal/testkit/", "internal/archtest", "internal/storetest", "bench/", "e2e/"})
	if proof && !within(from, []string{"internal/testkit/", "bench/", "e2e/"}) {
		return arrow + ": tests and benchmarks only"
	}
	if within(to, []string{"internal/demo", "internal/demo/"}) && !within(from, []string{"internal/app", "internal/demo", "internal/demo/", "internal/testkit/", "bench/", "e2e/"}) {
		return arrow + ": doubles are reached by the demonstration only"
	}
	return ""
}

func isPortal(dir string) bool {
	return slices.Contains([]string{"internal/web/portal", "internal/web/office", "internal/web/signer", "internal/web/api"}, dir)
}

// checkLibraries holds the imports of other people's modules against the list.
func checkLibraries(s *Source) []Finding {
	allowed := libraries()
	var found []Finding
	for _, f := range s.product() {
		if within(f.dir, []string{"bench/", "internal/testkit/"}) {
			continue // never part of what serves
		}
		for _, imported := range f.imports() {
			first, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(first, ".") {
				continue // of the standard library, or ours
			}
			if !within(f.dir, allowed[moduleOf(imported, allowed)]) {
				found = append(found, Finding{"libraries", f.path, f.dir + " may not import " + imported})
			}
		}
	}
	return found
}

// moduleOf gives the listed module that an import path belongs to.
func moduleOf(imported string, modules map[string][]string) string {
	for m := range modules {
		if imported == m || strings.HasPrefix(imported, m+"/") {
			return m
		}
	}
	return ""
}

// reach says where packages of the standard library that touch the world may be used.
type reach struct {
	packages []string // of the standard library; one that ends in "/" means everything below it
	rule     string
	allowed  func(h house, dir string) bool
	text     string
}

// checkReach keeps network, database, files and logging in their places.
func checkReach(s *Source) []Finding {
	rules := []reach{
		{[]string{"net/http", "net/http/"}, "network", func(h house, dir string) bool {
			return within(dir, []string{"internal/web", "internal/web/", "internal/eds", "internal/pay", "internal/gov", "internal/notify",
				"internal/blob", "internal/demo", "internal/demo/", "internal/app", "internal/testkit/", "bench/", "e2e/"})
		}, "the network is reached from web, eds, pay, gov, notify, blob, demo and app"},
		{[]string{"database/sql", "database/sql/"}, "database", func(h house, dir string) bool {
			return within(dir, []string{"internal/sqlstore", "internal/queue", "internal/testkit/", "bench/"})
		}, "SQL is written in sqlstore; queue has a connection of its own"},
		{[]string{"log", "log/"}, "logging", func(h house, dir string) bool {
			p, _, ok := h.find(dir)
			return ok && p.Zone >= UseCases
		}, "floors 0 and 1 do not log"},
		{[]string{"os", "os/", "net", "syscall", "path/filepath", "math/rand", "math/rand/", "crypto/rand"}, "pure", func(h house, dir string) bool {
			p, _, ok := h.find(dir)
			return ok && p.Zone >= UseCases || dir == "internal/cms" // signing takes its random numbers as the standard library does
		}, "floors 0 and 1 touch neither files nor network nor chance"},
	}
	h := house(rooms())
	var found []Finding
	for _, f := range s.product() {
		for _, imported := range f.imports() {
			for _, r := range rules {
				if within(imported, r.packages) && !r.allowed(h, f.dir) {
					found = append(found, Finding{r.rule, f.path, f.dir + " imports " + imported + ": " + r.text})
				}
			}
		}
	}
	return found
}
