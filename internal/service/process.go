package service

import (
	"slices"

	"elicense/internal/access"
	"elicense/internal/lang"
)

// Process says how officials work on an application. The steps are done in order, each by another person than all before it;
// the last one decides. A service that the system decides by itself has the two steps of fallback, for the applications that
// its rules may not decide.
type Process struct {
	Steps []Step `yaml:"steps"`
	// Signed says whether the official of the last step signs the decision; empty = as the installation has it.
	Signed Signed `yaml:"signed"`
	// Hearing says that the applicant is heard before a refusal: Administrative Procedural and Process-Related Code, article 73.
	Hearing bool `yaml:"hearing"`
	// Opinions are what other state bodies are asked before the application is granted.
	Opinions []Opinion `yaml:"opinions"`
	// Completeness is the time of the check whether the documents are complete, in working days; see CompletenessDays.
	Completeness *int `yaml:"completeness"`
	// Incomplete are the legal grounds of a refusal for incompleteness; see Incompleteness.
	Incomplete []Refusal `yaml:"incomplete"`
	// Grounds are the legal grounds on which officials refuse.
	Grounds []Refusal `yaml:"grounds"`
	// Paper names the fields in which the applicant describes the paper licence; a step that matches needs them.
	Paper PaperFields `yaml:"paper"`
	// Numbers says which numbers a step that allocates chooses.
	Numbers NumberFields `yaml:"numbers"`
	// Requirements are what the first step answers with yes or no, one by one; empty = nothing is asked separately.
	Requirements []Requirement `yaml:"requirements"`
	// Correction bounds how an application is sent back to its applicant for correction.
	Correction CorrectionTerm `yaml:"correction"`
}

// Signed says whether a decision is signed with the official's key.
type Signed string

// The ways.
const (
	SignedRequired Signed = "required"
	SignedNone     Signed = "none"
)

func signed() []Signed { return []Signed{SignedRequired, SignedNone} }

// Template is how officials' words of a ground begin, in Kazakh and in Russian. What stands in {braces} is filled in from the
// application, or is left for the official to write.
type Template struct {
	KK string `yaml:"kk"`
	RU string `yaml:"ru"`
}

func (t Template) text() lang.Text { return lang.Text{KK: t.KK, RU: t.RU} }

// NumberFields say how a form asks for numbers, and why they may be taken back.
type NumberFields struct {
	Territory string `yaml:"territory"` // field of type territory: where, and how many
	Column    string `yaml:"column"`    // column of its directory with the codes of the numbering plan
	Block     int    `yaml:"block"`     // ranges are whole blocks of so many numbers, a power of ten; 0 = single numbers
	// Withdrawal are the legal grounds on which allocated numbers are taken from their holder.
	Withdrawal []Refusal `yaml:"withdrawal"`
}

// Ground finds a ground of withdrawal by its key.
func (n NumberFields) Ground(key string) (Refusal, bool) { return groundOf(n.Withdrawal, key) }

// PaperFields are fields of the form, by what they say of a paper licence.
type PaperFields struct {
	Series string `yaml:"series"` // empty = such licences have none
	Number string `yaml:"number"`
	Issued string `yaml:"issued"` // date
}

// Step is one step of the process.
type Step struct {
	Key  string      `yaml:"key"`
	Name lang.Text   `yaml:"name"`
	Who  access.Duty `yaml:"who"`
	// WorkingDays is the time of the step within the term, from the day on which the step before it was done; 0 = none but
	// the term.
	WorkingDays int `yaml:"working_days"`
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

// Ground finds a ground of refusal by its key, one of incompleteness too.
func (p Process) Ground(key string) (Refusal, bool) {
	if g, ok := groundOf(p.Grounds, key); ok {
		return g, true
	}
	return p.IncompleteGround(key)
}

func groundOf(grounds []Refusal, key string) (Refusal, bool) {
	for _, g := range grounds {
		if g.Key == key {
			return g, true
		}
	}
	return Refusal{}, false
}

// process checks how officials decide: a service is decided either by the system or by two persons at the least.
func (c *checker) process() {
	p := c.def.Process
	automatic := c.def.Decision.Automatic
	c = c.at("process")
	if automatic {
		if len(p.Steps) > 0 {
			c.at("steps").add("process: the system decides by itself (decision.automatic), so there are no steps: leave one of the two out")
		}
		if len(p.Opinions) > 0 {
			c.at("opinions").add("process: the system decides by itself (decision.automatic) and waits for nobody: leave one of the two out")
		}
		if len(p.Requirements) > 0 {
			c.at("requirements").add("process: the system decides by itself (decision.automatic), so nobody answers requirements: leave one of the two out")
		}
		if p.Hearing {
			c.at("hearing").add("process: the system decides by itself (decision.automatic) and hears nobody: leave one of the two out")
		}
		if p.Signed != "" {
			c.at("signed").add("process: the system decides by itself (decision.automatic), so no official signs: leave one of the two out")
		}
		return
	}
	if len(p.Steps) < 2 {
		c.at("steps").add("process: name at least two steps, so that one person proposes and another decides, or say decision.automatic: true")
	}
	if p.Signed != "" && !slices.Contains(signed(), p.Signed) {
		c.at("signed").add("process: signed is required, none or left out, not %q", p.Signed)
	}
	c.distinct("steps", "key", len(p.Steps), func(i int) string { return p.Steps[i].Key }, slugPattern)
	for i, s := range p.Steps {
		c := c.at("steps[%d]", i)
		c.at("name").text(s.Name, "step "+s.Key)
		if !slices.Contains(duties(), s.Who) {
			c.at("who").add("step %s: who is registrar, executor, approver or head, not %q", s.Key, s.Who)
		}
		if s.Does != "" && !slices.Contains(tasks(), s.Does) {
			c.at("does").add("step %s: does is allocate, match or left out, not %q", s.Key, s.Does)
		}
	}
	c.clock(p.Steps)
	c.completeness(p)
	c.opinions(p)
	c.requirements(p)
	if p.Matches() {
		c.paper(p.Paper)
	}
	if p.Allocates() {
		c.territory(p.Numbers)
		c.at("numbers").grounds("withdrawal", p.Numbers.Withdrawal, "numbers: name the legal grounds on which they may be withdrawn")
	}
	c.grounds("grounds", p.Grounds, "process: name the legal grounds of a refusal")
}

// grounds checks a list of legal grounds among which officials choose; an empty one is answered by the words of none.
func (c *checker) grounds(name string, list []Refusal, none string) {
	c.distinct(name, "key", len(list), func(i int) string { return list[i].Key }, keyPattern)
	for i, g := range list {
		c := c.at("%s[%d]", name, i)
		c.at("ground").text(g.Ground, "ground "+g.Key)
		c.at("act").text(g.Act, "act of ground "+g.Key)
		c.at("advice").optional(g.Advice, "advice of ground "+g.Key)
		if (g.Template.KK == "") != (g.Template.RU == "") {
			c.at("template").add("template of ground %s: write it in kk and in ru", g.Key)
		}
		if !g.If.IsZero() {
			c.at("if").add("ground %s: officials judge it, so it has no rule: leave `if` out, or move it to decision.refuse", g.Key)
		}
	}
	if len(list) == 0 {
		c.at("%s", name).add("%s", none)
	}
}

// paper checks the fields by which a paper licence is recognised.
func (c *checker) paper(p PaperFields) {
	for _, f := range []struct {
		name, key string
		is        Type
	}{{"series", p.Series, TypeText}, {"number", p.Number, TypeText}, {"issued", p.Issued, TypeDate}} {
		field, ok := c.def.Field(f.key)
		if f.key == "" && f.name == "series" {
			continue
		}
		if !ok || field.Type != f.is {
			c.at("paper.%s", f.name).add("process: paper.%s names a field of type %s, which %q is not", f.name, f.is, f.key)
		}
	}
}

// territory checks where a step that allocates finds what is asked for.
func (c *checker) territory(n NumberFields) {
	field, ok := c.def.Field(n.Territory)
	if !ok || field.Type != TypeTerritory {
		c.at("numbers.territory").add("process: numbers.territory names a field of type territory, which %q is not", n.Territory)
		return
	}
	dir, _ := c.def.Directory(field.Directory)
	if !slices.ContainsFunc(dir.Columns, func(col Column) bool { return col.Key == n.Column && col.Type == "text" }) {
		c.at("numbers.column").add("process: numbers.column names a text column of the directory %s, which %q is not", dir.Key, n.Column)
	}
	if !slices.Contains([]int{0, 1, 10, 100, 1_000, 10_000}, n.Block) {
		c.at("numbers.block").add("process: numbers.block is 1, 10, 100, 1000 or 10000")
	}
}

// Matches tells whether a step finds a paper licence in the imported register.
func (p Process) Matches() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Does == Match })
}

// Allocates tells whether a step chooses ranges of numbers: the bodies of such a service keep the numbering plan.
func (p Process) Allocates() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Does == Allocate })
}

func duties() []access.Duty {
	return []access.Duty{access.Registrar, access.Executor, access.Approver, access.Head}
}

func tasks() []Task { return []Task{Allocate, Match} }
