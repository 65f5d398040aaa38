package filing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/port"
	"elicense/internal/service"
)

// KeyGlyph is the field fault of a text with a character that cannot be printed: a permit could not be made of it. Its
// arguments are the character and its code point ("U+6F22").
const KeyGlyph = "field.glyph"

// Check lists what is wrong on one page of a draft, or with every page when page is empty: what the definition asks, and
// texts that cannot be printed.
func (f *Filing) Check(d Draft, page string) ([]fault.Field, error) {
	problems, err := d.Form.Check(page, d.Application.Answers, d.Facts)
	if err != nil {
		return nil, err
	}
	order, added := map[string]int{}, false
	for _, p := range d.Definition().Pages {
		for _, field := range p.Fields {
			order[field.Key] = len(order)
			if page != "" && p.Key != page || !d.Visible[field.Key] {
				continue
			}
			answer := d.Application.Answers[field.Key]
			problem, bad := Unprintable(f.Glyphs, field, answer)
			at := slices.IndexFunc(problems, func(o fault.Field) bool { return o.Path == cmp.Or(problem.Path, field.Key) })
			switch {
			case bad && at < 0:
				problems, added = append(problems, problem), true
			case at < 0 || problems[at].Key != "field.characters":
			case bad:
				problems[at] = problem // the same in words that help
			default:
				problems[at] = named(problems[at], answer)
			}
		}
	}
	if added {
		slices.SortStableFunc(problems, func(a, b fault.Field) int { return cmp.Compare(order[top(a.Path)], order[top(b.Path)]) })
	}
	return problems, nil
}

// top is the field of the page that a path stands in.
func top(path string) string {
	key, _, _ := strings.Cut(path, ".")
	return key
}

// Unprintable finds a character in a typed text that no paper can show. Without glyphs to ask, everything is printable.
func Unprintable(glyphs port.Glyphs, field service.Field, answer string) (fault.Field, bool) {
	if glyphs == nil {
		return fault.Field{}, false
	}
	switch field.Type {
	case service.TypeRows:
		return unprintableRow(glyphs, field, answer)
	case service.TypeText, service.TypeLongText, service.TypeAddress:
	default:
		return fault.Field{}, false
	}
	c, bad := glyphs.Missing(answer)
	return glyph(field.Key, c), bad
}

// unprintableRow finds the first character of rows that no paper can show.
func unprintableRow(glyphs port.Glyphs, field service.Field, answer string) (fault.Field, bool) {
	rows, _ := form.Rows(answer)
	for i, row := range rows {
		for _, sub := range field.Fields {
			if problem, bad := Unprintable(glyphs, sub, row[sub.Key]); bad {
				problem.Path = form.RowPath(field.Key, i+1, sub.Key)
				return problem, true
			}
		}
	}
	return fault.Field{}, false
}

func glyph(path string, c rune) fault.Field {
	return fault.Field{Path: path, Key: KeyGlyph, Args: fault.Args{"character": string(c), "code": fmt.Sprintf("U+%04X", c)}}
}

// named says which character of an answer the form refused, where it is one that can be seen: those beyond the first plane.
func named(problem fault.Field, answer string) fault.Field {
	for _, c := range answer {
		if c > 0xffff {
			return glyph(problem.Path, c)
		}
	}
	return problem
}
