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
	query = cut(query)
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

// cut keeps a query within its bound.
func cut(query string) string {
	if len(query) > maxQuery {
		query = strings.ToValidUTF8(query[:maxQuery], "")
	}
	return query
}

// score is 0 when a word is missing; a name counts more than a group, a body or a summary.
func (c *Catalogue) score(e Entry, folded string) int {
	d := e.Revision.Definition
	texts := []weighed{{e.Name(), 8}, {d.Name, 6}, {d.Group, 4}, {d.Summary, 2}}
	for _, key := range d.Bodies {
		if b, ok := c.Body(key); ok {
			texts = append(texts, weighed{b.Name, 3})
		}
	}
	if s, ok := c.Sphere(d.Sphere); ok {
		texts = append(texts, weighed{s.Name, 2})
	}
	return scoreWords(folded, texts...)
}

// weighed is a text in which words are looked for, and what finding one there counts.
type weighed struct {
	text   lang.Text
	weight int
}

// scoreWords is 0 when a word stands in none of the texts.
func scoreWords(folded string, texts ...weighed) int {
	total := 0
	for _, w := range strings.Fields(folded) {
		best := 0
		for _, t := range texts {
			best = max(best, rank(t.text, w, t.weight))
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
