package service

import "fmt"

// Revision makes a form of one common page, for what belongs to no service: the profile, which keeps the typical fields.
// It has no number. Rules of the page may mention the page's own fields and what every rule may.
func (l *Library) Revision(page string) (*Revision, error) {
	p, ok := l.Pages[page]
	if !ok {
		return nil, fmt.Errorf("common.yaml has no page %q", page)
	}
	d := &Definition{Key: "-", Pages: []Page{p}}
	env, err := newEnv(d)
	if err != nil {
		return nil, &Mistake{File: "common.yaml", Text: err.Error()}
	}
	program := &Program{env: env, rules: map[string]rule{}, zero: zeroOf(d)}
	c := &checker{def: d, file: "common.yaml"}
	c.rules(program)
	c.richRules(program)
	if len(c.found) > 0 {
		return nil, c.found
	}
	return &Revision{Service: d.Key, Definition: d, Program: program}, nil
}
