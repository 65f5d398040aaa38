package service

import (
	"slices"

	"elicense/internal/lang"
)

// Opinion is what another state body is asked before an application is granted: its approval, where the law wants one.
// The request goes out when the application is registered, so that the law's two working days for asking are kept
// without anybody's doing (Law on permits and notifications, article 25 (2)).
type Opinion struct {
	Body        string    `yaml:"body"` // key of the state body, each once; it is not asked where it issues the permit itself
	Name        lang.Text `yaml:"name"` // what is asked
	When        Expr      `yaml:"when"` // asked only when true; empty = always
	WorkingDays int       `yaml:"working_days"`
	Silence     Silence   `yaml:"silence"`
}

// Silence is what no answer in time means.
type Silence string

// What silence means. Consent is the rule of article 25 (3); the annexes of the law mark the permits for which it counts
// for nothing.
const (
	SilenceConsents Silence = "consent" // the approval counts as given
	SilenceNothing  Silence = "nothing" // the application waits for the answer
)

// opinionDays is the term of article 25 (2) for the answer, in working days; permits of the second category may have
// another one.
const opinionDays = 10

// Days is the term of the answer in working days after the day of asking.
func (o Opinion) Days() int {
	if o.WorkingDays == 0 {
		return opinionDays
	}
	return o.WorkingDays
}

// OpinionOf finds what a body is asked.
func (p Process) OpinionOf(body string) (Opinion, bool) {
	for _, o := range p.Opinions {
		if o.Body == body {
			return o, true
		}
	}
	return Opinion{}, false
}

func silences() []Silence { return []Silence{SilenceConsents, SilenceNothing} }

// clock checks the times of the steps: together they fit in every term that is stated.
func (c *checker) clock(steps []Step) {
	for i, s := range steps {
		if s.WorkingDays < 0 || s.WorkingDays > 365 {
			c.at("steps[%d].working_days", i).add("step %s: working_days is 1 to 365, or left out, not %d", s.Key, s.WorkingDays)
			return
		}
	}
	for _, o := range c.def.Operations {
		sum := 0
		for _, s := range o.stepsOf(steps) {
			sum += s.WorkingDays
		}
		if o.WorkingDays > 0 && sum > o.WorkingDays && !o.Automatic {
			c.at("steps").add("process: the steps have %d working days together and operation %s has %d: give the steps less", sum, o.Key, o.WorkingDays)
		}
	}
}

// opinions checks what other bodies are asked.
func (c *checker) opinions(p Process) {
	list := p.Opinions
	c.distinct("opinions", "body", len(list), func(i int) string { return list[i].Body }, nil)
	var bodies []string
	if c.lib != nil {
		for _, b := range c.lib.Bodies {
			bodies = append(bodies, b.Key)
		}
	}
	for i, o := range list {
		c := c.at("opinions[%d]", i)
		c.at("name").text(o.Name, "opinion of "+o.Body)
		switch {
		case slices.Equal(c.def.Bodies, []string{o.Body}):
			c.at("body").add("opinions: %s issues the permit itself: name another state body", o.Body)
		case bodies != nil && !slices.Contains(bodies, o.Body):
			c.at("body").add("catalogue.yaml has no state body %q%s", o.Body, Meant(o.Body, bodies))
		}
		if !slices.Contains(silences(), o.Silence) {
			c.at("silence").add("opinion of %s: silence is consent, or nothing where the annex of the law says so, not %q", o.Body, o.Silence)
		}
		c.at("working_days").answered(o, p.Steps)
	}
}

// answered checks the term of an answer. Silence is certain only after its last day, and granting takes at least one day
// more.
func (c *checker) answered(o Opinion, steps []Step) {
	if o.WorkingDays < 0 || o.WorkingDays > 365 {
		c.add("opinion of %s: working_days is 1 to 365, or left out for the %d of the law, not %d", o.Body, opinionDays, o.WorkingDays)
		return
	}
	if len(steps) > 0 && steps[0].WorkingDays > 0 && o.Days() >= steps[0].WorkingDays {
		c.add("opinion of %s: the answer may take %d working days, but step %s, which waits for it, has %d: give the answer less or the step more",
			o.Body, o.Days(), steps[0].Key, steps[0].WorkingDays)
		return
	}
	for _, op := range c.def.Operations {
		if op.WorkingDays > 0 && o.Days() >= op.WorkingDays {
			c.add("opinion of %s: the answer may take %d working days, but operation %s is decided in %d: give the answer less", o.Body, o.Days(), op.Key, op.WorkingDays)
		}
	}
}
