package service

import (
	"slices"

	"elicense/internal/access"
	"elicense/internal/lang"
)

// Process says how officials work on an application of a service that the system does not decide by itself. The steps
// are done in order, each by another person than all before it; the last one decides.
type Process struct {
	Steps []Step `yaml:"steps"`
	// Grounds are the legal grounds on which officials refuse.
	Grounds []Refusal `yaml:"grounds"`
}

// Step is one step of the process.
type Step struct {
	Key  string      `yaml:"key"`
	Name lang.Text   `yaml:"name"`
	Who  access.Duty `yaml:"who"`
	// Does names what the person settles in this step besides examining: see Task.
	Does Task `yaml:"does"`
}

// Task is something of its own that a step settles.
type Task string

// The tasks.
const (
	Allocate Task = "allocate" // chooses ranges of numbers for the territory asked for
	Match    Task = "match"    // finds the paper licence in the imported register
)

// StepAt finds a step by its key.
func (p Process) StepAt(key string) (Step, int, bool) {
	for i, s := range p.Steps {
		if s.Key == key {
			return s, i, true
		}
	}
	return Step{}, 0, false
}

// Ground finds a ground of refusal by its key.
func (p Process) Ground(key string) (Refusal, bool) {
	for _, g := range p.Grounds {
		if g.Key == key {
			return g, true
		}
	}
	return Refusal{}, false
}

// process checks how officials decide: a service is decided either by the system or by two persons at the least.
func (c *checker) process() {
	p := c.def.Process
	if c.def.Decision.Automatic {
		if len(p.Steps) > 0 {
			c.add("process: the system decides by itself (decision.automatic), so there are no steps: leave one of the two out")
		}
		return
	}
	if len(p.Steps) < 2 {
		c.add("process: name at least two steps, so that one person proposes and another decides, or say decision.automatic: true")
	}
	seen := map[string]bool{}
	for _, s := range p.Steps {
		c.text(s.Name, "step "+s.Key)
		if !slugPattern.MatchString(s.Key) || seen[s.Key] {
			c.add("step %q: a key of its own of lower-case letters, digits and hyphens", s.Key)
		}
		seen[s.Key] = true
		if !slices.Contains([]access.Duty{access.Registrar, access.Executor, access.Approver, access.Head}, s.Who) {
			c.add("step %s: who is registrar, executor, approver or head, not %q", s.Key, s.Who)
		}
		if s.Does != "" && s.Does != Allocate && s.Does != Match {
			c.add("step %s: does is allocate, match or left out, not %q", s.Key, s.Does)
		}
	}
	for _, g := range p.Grounds {
		c.text(g.Ground, "ground "+g.Key)
		c.text(g.Act, "ground "+g.Key+" act")
		if !keyPattern.MatchString(g.Key) || seen["ground "+g.Key] {
			c.add("ground %q: a key of its own of lower-case letters, digits and underscores", g.Key)
		}
		seen["ground "+g.Key] = true
		if !g.If.IsZero() {
			c.add("ground %s: officials judge it, so it has no rule: leave `if` out, or move it to decision.refuse", g.Key)
		}
	}
	if len(p.Grounds) == 0 {
		c.add("process: name the legal grounds of a refusal")
	}
}
