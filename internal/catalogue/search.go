package catalogue

import (
	"cmp"
	"slices"
	"strings"

	"elicense/internal/lang"
)

// maxQuery bounds a search, in bytes; what is longer is cut.
const maxQuery = 200

// Search finds lines of the catalogue by words, in any of the three languages, with Kazakh letters or the Russian ones
// that people type in their place, or with the wrong keyboard layout. Lines that hold the words as written come first,
// then by how much of the name was meant.
func (c *Catalogue) Search(query string) []Entry {
	if len(query) > maxQuery {
		query = strings.ToValidUTF8(query[:maxQuery], "")
	}
	type hit struct {
		entry Entry
		score int
	}
	var hits []hit
	for _, e := range c.entries() {
		best := 0
		for _, variant := range lang.Variants(query) {
			best = max(best, c.score(e, variant))
		}
		if best > 0 {
			hits = append(hits, hit{e, best})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	found := make([]Entry, len(hits))
	for i, h := range hits {
		found[i] = h.entry
	}
	return found
}

// score is 0 when a word is missing; a name counts more than a group, a body or a summary.
func (c *Catalogue) score(e Entry, folded string) int {
	words := strings.Fields(folded)
	if len(words) == 0 {
		return 0
	}
	d := e.Revision.Definition
	total := 0
	for _, w := range words {
		best := 0
		best = max(best, rank(e.Name(), w, 8), rank(d.Name, w, 6), rank(d.Group, w, 4), rank(d.Summary, w, 2))
		for _, key := range d.Bodies {
			if b, ok := c.Body(key); ok {
				best = max(best, rank(b.Name, w, 3))
			}
		}
		if s, ok := c.Sphere(d.Sphere); ok {
			best = max(best, rank(s.Name, w, 2))
		}
		if best == 0 {
			return 0
		}
		total += best
	}
	return total
}

// rank gives twice the weight to a word that begins where the query does.
func rank(t lang.Text, word string, weight int) int {
	best := 0
	for _, l := range lang.All() {
		folded := " " + lang.Fold(t.Get(l))
		if strings.Contains(folded, " "+word) {
			best = max(best, 2*weight)
		} else if len(word) >= 9 && strings.Contains(folded, word) {
			best = max(best, weight)
		}
	}
	return best
}
