package service

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Mistake is one thing wrong in a definition, with its place and how to mend it. Lines and columns begin at 1; a column
// counts characters.
type Mistake struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// Error writes file:line:column: text.
func (m *Mistake) Error() string {
	if m.Line == 0 {
		return fmt.Sprintf("%s: %s", m.File, m.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Text)
}

// Mistakes are all the things wrong in a definition, in the order of their places.
type Mistakes []*Mistake

// Error writes one mistake a line.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// Under gives the mistakes with their files put into a folder.
func (ms Mistakes) Under(folder string) Mistakes {
	moved := make(Mistakes, len(ms))
	for i, m := range ms {
		moved[i] = &Mistake{File: path.Join(folder, m.File), Line: m.Line, Column: m.Column, Text: m.Text}
	}
	return moved
}

// orNil gives the mistakes as an error, and no error where there are none.
func (ms Mistakes) orNil() error {
	if len(ms) == 0 {
		return nil
	}
	return ms.Sorted()
}

// Sorted puts the mistakes in the order of their places and drops what is said twice.
func (ms Mistakes) Sorted() Mistakes {
	ms = slices.Clone(ms)
	slices.SortStableFunc(ms, func(a, b *Mistake) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	return slices.CompactFunc(ms, func(a, b *Mistake) bool { return *a == *b })
}

// AsMistakes gives the mistakes of an error; an error of another kind becomes a mistake of the whole file.
func AsMistakes(file string, err error) Mistakes {
	var ms Mistakes
	var m *Mistake
	switch {
	case err == nil:
	case errors.As(err, &ms):
	case errors.As(err, &m):
		ms = Mistakes{m}
	default:
		ms = Mistakes{{File: file, Line: 1, Column: 1, Text: err.Error()}}
	}
	return ms
}

// Meant offers the known word that is nearest to one that is not known: `: did you mean "when"?`, or nothing where no
// word is near.
func Meant(word string, known []string) string {
	best, least := "", len(word)/3+2
	for _, k := range known {
		if d := distance(word, k); d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if best == "" || len(word) > 60 {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// distance counts the letters to put in, take out, replace or swap with their neighbour that make one word of another.
func distance(a, b string) int {
	if len(a) > 60 || len(b) > 60 {
		return 60
	}
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
