package lang

import (
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

func (l Lang) tag() language.Tag {
	switch l {
	case KK:
		return language.Kazakh
	case RU:
		return language.Russian
	}
	return language.English
}

// SortKey is a byte string that sorts as the language does: in Kazakh Ә follows А and І follows Ы, which neither the
// code points nor the databases' own order give. Keys of different languages do not compare. For many keys at once a
// Sorter is cheaper.
func SortKey(l Lang, s string) []byte { return NewSorter(l).Key(s) }

// Sorter makes sort keys of one language. It is for one goroutine.
type Sorter struct {
	collator *collate.Collator
	buffer   collate.Buffer
}

// NewSorter prepares the order of a language.
func NewSorter(l Lang) *Sorter { return &Sorter{collator: collate.New(l.tag())} }

// Key is the sort key of a text; it belongs to the caller.
func (s *Sorter) Key(text string) []byte {
	s.buffer.Reset()
	key := s.collator.KeyFromString(&s.buffer, text)
	return append(make([]byte, 0, len(key)), key...)
}

// Compare is -1, 0 or +1 as a sorts before, with or after b.
func (s *Sorter) Compare(a, b string) int { return s.collator.CompareString(a, b) }
