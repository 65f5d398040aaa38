package service

import "elicense/internal/lang"

// Requirement is something that the law asks of the applicant and that the first step's official answers with yes or no: a
// qualification requirement, or a document in good order. A permit is granted only when all are met (Law on permits and
// notifications, article 25 (1)).
type Requirement struct {
	Key  string    `yaml:"key"`
	Text lang.Text `yaml:"text"`
	Act  lang.Text `yaml:"act"` // the article that asks for it
	// Operations are the keys of those for which it is asked; empty = all.
	Operations []string `yaml:"operations"`
}

// CorrectionTerm says how often, and for how long, an applicant may be asked to correct an application in work.
type CorrectionTerm struct {
	WorkingDays int `yaml:"working_days"` // for the applicant's answer, after the day of asking; left out: 5
	Times       int `yaml:"times"`        // per application; left out: 1
}

// What counts where a service says nothing of it. No law states these figures: they are this system's own and are to be
// confirmed by the body that publishes the service.
const (
	correctionDays  = 5
	correctionTimes = 1
)

// Days is the term of the applicant in working days.
func (t CorrectionTerm) Days() int {
	if t.WorkingDays == 0 {
		return correctionDays
	}
	return t.WorkingDays
}

// Most is how often an application may be sent back for correction.
func (t CorrectionTerm) Most() int {
	if t.Times == 0 {
		return correctionTimes
	}
	return t.Times
}

// requirements checks what the first step answers, and the term of corrections.
func (c *checker) requirements(p Process) {
	c.distinct("requirements", "key", len(p.Requirements), func(i int) string { return p.Requirements[i].Key }, keyPattern)
	for i, r := range p.Requirements {
		c := c.at("requirements[%d]", i)
		c.at("text").text(r.Text, "requirement "+r.Key)
		c.at("act").text(r.Act, "act of requirement "+r.Key)
		c.forOperations("requirement "+r.Key, r.Operations, "nobody examines anything for it")
	}
	if d := p.Correction.WorkingDays; d < 0 || d > 90 {
		c.at("correction.working_days").add("process: correction.working_days is 1 to 90, or left out for %d, not %d", correctionDays, d)
	}
	if n := p.Correction.Times; n < 0 || n > 9 {
		c.at("correction.times").add("process: correction.times is 1 to 9, or left out for %d, not %d", correctionTimes, n)
	}
}
