package classifier

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"elicense/internal/lang"
)

// The grades of a find, best first. Half a grade is lost where only the other keyboard layout reads sensibly.
const (
	exactCode = 2 * iota
	exactName
	wholeName // the name but for the words "қ.", "г.", "ауданы", "район" and the like
	codeBegins
	codeContinues // the query is a longer code: ten digits find their six
	nameBegins
	wordsWhole
	wordsBegin
	inside
	none
)

// maxQuery bounds a query, in bytes; what follows is not looked at.
const maxQuery = 200

// Search finds at most limit entries by the words of a query in any order and any language, or by the beginning of a
// code, which may hold spaces and points: "0201 10 000 1". Exact finds come first, then what begins with the query, then
// what holds it; among equals the higher entry of a tree. Folding and the wrong keyboard layout are allowed for. An
// empty query or a limit below 1 finds nothing.
func (d *Directory) Search(q string, limit int) []Entry {
	if len(q) > maxQuery {
		cut := maxQuery
		for !utf8.RuneStart(q[cut]) {
			cut--
		}
		q = q[:cut]
	}
	queries := readings(q)
	if limit < 1 || len(queries) == 0 {
		return nil
	}
	var finds []found
	for i, e := range d.entries {
		best := none
		for n, query := range queries {
			best = min(best, query.grade(e, d.words[i])+n)
		}
		if best >= none {
			continue
		}
		level := d.levels[i]
		if best/2*2 == codeContinues {
			level = maxDepth - level // of several headings of a long code the nearest
		}
		finds = append(finds, found{best, level, len(d.words[i]), i})
	}
	slices.SortFunc(finds, found.compare)
	out := make([]Entry, 0, min(limit, len(finds)))
	for _, f := range finds[:min(limit, len(finds))] {
		out = append(out, d.entries[f.at])
	}
	return out
}

// found is an entry that a query fits, with what decides its place; at is its index.
type found struct{ grade, level, length, at int }

func (a found) compare(b found) int {
	switch {
	case a.grade != b.grade:
		return a.grade - b.grade
	case a.level != b.level:
		return a.level - b.level
	case a.length != b.length:
		return a.length - b.length
	}
	return a.at - b.at
}

// reading is one way to understand a query.
type reading struct {
	code  string // the query as a code, empty where it cannot be one
	name  string // " all words "
	words []string
}

func readings(q string) []reading {
	var out []reading
	for _, variant := range lang.Variants(q) {
		name := string(appendWords(nil, variant))
		r := reading{name: name, words: strings.Fields(name), code: asCode(variant)}
		if len(r.words) > 0 && len(out) < 2 {
			out = append(out, r)
		}
	}
	return out
}

// asCode removes what people put into codes. Only digits, or one word of letters and digits, can be a code.
func asCode(q string) string {
	digits := true
	code := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '.' || r == '-' || r == '\u00a0':
			return -1
		case !unicode.IsDigit(r):
			digits = false
		}
		return r
	}, q)
	if !digits && strings.ContainsRune(q, ' ') {
		return ""
	}
	return strings.ToUpper(code)
}

// minContinued is the shortest code that a longer query may continue: a chapter of two digits would match too much.
const minContinued = 4

func (r reading) grade(e Entry, words string) int {
	if r.code != "" {
		switch {
		case e.Code == r.code:
			return exactCode
		case strings.HasPrefix(e.Code, r.code):
			return codeBegins
		case len(e.Code) >= minContinued && strings.HasPrefix(r.code, e.Code):
			return codeContinues
		}
	}
	for _, word := range r.words {
		if !strings.Contains(words, word) {
			return none
		}
	}
	switch at := strings.Index(words, r.name); {
	case at < 0:
	case words[at-1] == '\n' && words[at+len(r.name)] == '\n':
		return exactName
	case bare(words, at, len(r.name)):
		return wholeName
	}
	if strings.Contains(words, "\n"+strings.TrimSuffix(r.name, " ")) {
		return nameBegins
	}
	grade := wordsWhole
	for _, word := range r.words {
		switch {
		case strings.Contains(words, " "+word+" "):
		case strings.Contains(words, " "+word):
			grade = max(grade, wordsBegin)
		default:
			return inside
		}
	}
	return grade
}

// bare tells whether only words of kind stand beside the find in its name.
func bare(words string, at, length int) bool {
	start := strings.LastIndexByte(words[:at], '\n') + 1
	end := at + length + strings.IndexByte(words[at+length:], '\n')
	if start > at || end < at+length {
		return false
	}
	rest := words[start:at] + " " + words[at+length:end]
	for word := range strings.FieldsSeq(rest) {
		switch word {
		case "к", "г", "с", "п", "а", "район", "ауданы", "district", "облысы", "область", "region":
		default:
			return false
		}
	}
	return true
}
