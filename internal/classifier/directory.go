package classifier

import (
	"bytes"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"elicense/internal/lang"
)

// Directory is one classifier in memory. It does not change and is safe for use from many goroutines; an administrator's
// change makes a new one.
type Directory struct {
	entries  []Entry  // as in the table
	words    []string // for search: the folded words of each entry
	levels   []int    // how far each entry is below the top
	byCode   map[string]int
	children map[string][]int

	sorted map[lang.Lang]func() []Entry // each order is made when first asked for
}

// NewDirectory indexes entries as ParseTable gives them.
func NewDirectory(entries []Entry) *Directory {
	d := &Directory{
		entries:  entries,
		words:    make([]string, len(entries)),
		levels:   make([]int, len(entries)),
		byCode:   make(map[string]int, len(entries)),
		children: map[string][]int{},
		sorted:   map[lang.Lang]func() []Entry{},
	}
	var b []byte
	for i, e := range entries {
		d.byCode[e.Code] = i
		d.children[e.Parent] = append(d.children[e.Parent], i)
		b = b[:0]
		for _, text := range [...]string{e.Name.KK, e.Name.RU, e.Name.EN, e.Short.KK, e.Short.RU, e.Short.EN, e.Alt} {
			if text != "" {
				b = appendWords(append(b, '\n'), text)
			}
		}
		d.words[i] = string(append(b, '\n'))
	}
	for i, e := range entries {
		for code := e.Parent; code != "" && d.levels[i] <= maxDepth; d.levels[i]++ {
			code = entries[d.byCode[code]].Parent
		}
	}
	for _, l := range lang.All() {
		d.sorted[l] = sync.OnceValue(func() []Entry { return d.sort(l) })
	}
	return d
}

// appendWords appends the folded words of a text, each with one space before and the last with one after, so that " word "
// is a whole word and " wor" the beginning of one.
func appendWords(b []byte, text string) []byte {
	between := true
	for _, r := range lang.Fold(text) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			between = true
			continue
		case between:
			b = append(b, ' ')
			between = false
		}
		b = utf8.AppendRune(b, r)
	}
	return append(b, ' ')
}

// Len is the number of entries.
func (d *Directory) Len() int { return len(d.entries) }

// Get finds an entry by its exact code.
func (d *Directory) Get(code string) (Entry, bool) {
	i, ok := d.byCode[code]
	if !ok {
		return Entry{}, false
	}
	return d.entries[i], true
}

// All lists every entry in the order of a language, those without a name in it by the name that is shown instead. The
// first call for a language sorts, which takes a moment for places. The slice is the caller's.
func (d *Directory) All(l lang.Lang) []Entry {
	order, ok := d.sorted[l]
	if !ok {
		order = d.sorted[lang.KK]
	}
	return slices.Clone(order())
}

func (d *Directory) sort(l lang.Lang) []Entry {
	type keyed struct {
		key []byte
		at  int
	}
	sorter := lang.NewSorter(l)
	keys := make([]keyed, len(d.entries))
	for i, e := range d.entries {
		name, _ := e.Name.In(l)
		keys[i] = keyed{sorter.Key(name), i}
	}
	slices.SortStableFunc(keys, func(a, b keyed) int { return bytes.Compare(a.key, b.key) })
	out := make([]Entry, len(keys))
	for i, k := range keys {
		out[i] = d.entries[k.at]
	}
	return out
}

// Children lists the entries right below a code, in the order of the table; of "" the top.
func (d *Directory) Children(code string) []Entry {
	below := d.children[code]
	out := make([]Entry, len(below))
	for i, at := range below {
		out[i] = d.entries[at]
	}
	return out
}

// Path lists the entries from the top down to a code, itself included; nothing for an unknown code.
func (d *Directory) Path(code string) []Entry {
	var out []Entry
	for len(out) <= maxDepth {
		e, ok := d.Get(code)
		if !ok {
			break
		}
		out = append(out, e)
		code = e.Parent
	}
	slices.Reverse(out)
	return out
}
