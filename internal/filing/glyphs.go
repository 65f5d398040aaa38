package filing

import (
	"cmp"
	"fmt"
	"slices"

	"elicense/internal/fault"
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
			at := slices.IndexFunc(problems, func(o fault.Field) bool { return o.Path == field.Key })
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
		slices.SortStableFunc(problems, func(a, b fault.Field) int { return cmp.Compare(order[a.Path], order[b.Path]) })
	}
	return problems, nil
}

// Unprintable finds a character in a typed text that no paper can show. Without glyphs to ask, everything is printable.
func Unprintable(glyphs port.Glyphs, field service.Field, answer string) (fault.Field, bool) {
	if glyphs == nil || field.Type != service.TypeText && field.Type != service.TypeLongText {
		return fault.Field{}, false
	}
	c, bad := glyphs.Missing(answer)
	return glyph(field.Key, c), bad
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
