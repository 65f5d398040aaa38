package service_test

import (
	"fmt"
	"strings"
	"testing"
)

// Steps may fill the term; an answer leaves at least a day of the first step, and of the term, after its own last day.
func TestTimesFitInTheTerm(t *testing.T) {
	for _, c := range []struct {
		term, first, second, answer string // in YAML; empty = left out
		says                        []string
	}{
		{term: "12", first: "10", second: "2", answer: "9"},
		{term: "12", first: "10", second: "3", says: []string{"the steps have 13 working days together and operation issue has 12"}},
		{term: "12", first: "11", second: "1", answer: "11", says: []string{"step a, which waits for it, has 11"}},
		{term: "12", second: "1", answer: "11"},
		{term: "12", answer: "12", says: []string{"the answer may take 12 working days, but operation issue is decided in 12"}},
		{term: "11"}, // the law's ten days
		{term: "10", says: []string{"the answer may take 10 working days, but operation issue is decided in 10"}},
		{first: "365", answer: "300"}, // no term is stated: nothing to fit in
	} {
		days := func(n string) string {
			if n == "" {
				return ""
			}
			return ", working_days: " + n
		}
		term := "unconfirmed: true"
		if c.term != "" {
			term = "working_days: " + c.term
		}
		const text = "{kk: а, ru: а, en: a}"
		process := fmt.Sprintf("process:\n  grounds: [{key: x, ground: %[1]s, act: %[1]s}]\n  steps: [{key: a, who: executor, name: %[1]s%[2]s}, {key: b, who: head, name: %[1]s%[3]s}]\n"+
			"  opinions: [{body: agency, silence: consent, name: %[1]s%[4]s}]\n", text, days(c.first), days(c.second), days(c.answer))
		files := good(t)
		files["service.yaml"] = strings.NewReplacer("working_days: 1\n", term+"\n", "automatic: true", "automatic: false", "decision:\n", process+"decision:\n").Replace(files["service.yaml"])
		err := check(files)
		if len(c.says) == 0 && err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		for _, says := range c.says {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
}
