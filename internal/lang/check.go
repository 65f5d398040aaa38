package lang

import (
	"fmt"
	"slices"
	"strings"
)

// Check compares the languages and describes every difference, sorted: a key that one of them lacks, placeholders that
// are not the same in all, plural forms that a language needs. Nothing to say means that the catalogue is complete.
func (c *Catalogue) Check() []string {
	keys := map[string]bool{}
	for _, p := range c.printers {
		for key := range p.messages {
			keys[key] = true
		}
	}
	var out []string
	for key := range keys {
		out = append(out, c.checkKey(key)...)
	}
	slices.Sort(out)
	return out
}

func (c *Catalogue) checkKey(key string) []string {
	var out []string
	want, from, plurals := "", Lang(""), false
	for _, l := range All() {
		plurals = plurals || c.printers[l].messages[key].forms != nil
	}
	for _, l := range All() {
		m, ok := c.printers[l].messages[key]
		if !ok {
			out = append(out, fmt.Sprintf("%s: no text in %s", key, l))
			continue
		}
		got := strings.Join(m.placeholders(plurals), " ")
		if from == "" {
			want, from = got, l
		} else if got != want {
			out = append(out, fmt.Sprintf("%s: placeholders differ: %s {%s}, %s {%s}", key, from, want, l, got))
		}
		if plurals {
			out = append(out, m.checkForms(key, l)...)
		}
	}
	return out
}

// checkForms asks for the forms that whole numbers need. Kazakh nouns do not change after a number, so one text will do.
func (m message) checkForms(key string, l Lang) []string {
	need := map[Lang][]string{KK: {"other"}, RU: {"one", "few", "many"}, EN: {"one", "other"}}[l]
	var out []string
	for _, form := range need {
		if m.forms[form] == "" && !(l == KK && m.forms == nil) {
			out = append(out, fmt.Sprintf("%s: no plural form %s in %s", key, form, l))
		}
	}
	return out
}

// placeholders lists the names in a message, sorted. {n} is left out of plural messages: "one day" may do without it.
func (m message) placeholders(plural bool) []string {
	texts := []string{m.text}
	for _, text := range m.forms {
		texts = append(texts, text)
	}
	var names []string
	for _, text := range texts {
		for _, piece := range strings.Split(text, "{")[1:] {
			name, _, _ := strings.Cut(piece, "}")
			if !slices.Contains(names, name) && !(plural && name == "n") {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Keys lists the keys of the printer's language, sorted; for tests that look for unused or wrongly written texts.
func (p *Printer) Keys() []string {
	keys := make([]string, 0, len(p.messages))
	for key := range p.messages {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Texts lists every form of a message, sorted; for tests such as a search for leftovers of another language.
func (p *Printer) Texts(key string) []string {
	m, ok := p.messages[key]
	if !ok {
		return nil
	}
	if m.forms == nil {
		return []string{m.text}
	}
	var texts []string
	for _, text := range m.forms {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}
