package application

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/service"
)

// Examine is the act of answering the requirements of the service; it belongs to the official who holds the first step.
const Examine Act = "examine"

// examination lists what the official of the first step may do before the proposal.
func (a Application) examination(p service.Process) []Act {
	var acts []Act
	if len(p.Requirements) > 0 {
		acts = append(acts, Examine)
	}
	if a.Work.Report.mayAskCorrection(p) {
		acts = append(acts, AskCorrection)
	}
	return acts
}

// Answers to a requirement.
const (
	Met    = "yes"
	NotMet = "no"
)

// Finding is what an official found about one requirement of the service.
type Finding struct {
	Requirement string `json:"requirement"` // its key
	Met         string `json:"met"`         // Met, NotMet or empty
	// Why it is not met, in Kazakh and in Russian: a refusal takes both over.
	ReasonKK string    `json:"reason_kk,omitempty"`
	ReasonRU string    `json:"reason_ru,omitempty"`
	By       string    `json:"by"` // account
	At       time.Time `json:"at"`
}

// Finding gives what was found about a requirement; zero = nothing yet.
func (r Report) Finding(requirement string) Finding {
	for _, f := range r.Findings {
		if f.Requirement == requirement {
			return f
		}
	}
	return Finding{}
}

// Find records findings as they stand, complete or not: nothing is lost while the official goes on reading. What is said of
// unknown requirements counts for nothing; a finding that is the same keeps who found it, and when.
func (w Work) Find(p service.Process, found []Finding, actor access.Actor, at time.Time) (Work, error) {
	var wrong []fault.Field
	var list []Finding
	for _, requirement := range p.Requirements {
		before := w.Report.Finding(requirement.Key)
		i := slices.IndexFunc(found, func(f Finding) bool { return f.Requirement == requirement.Key })
		if i < 0 {
			if before.Requirement != "" {
				list = append(list, before)
			}
			continue
		}
		f := found[i]
		f.ReasonKK, f.ReasonRU, f.By, f.At = strings.TrimSpace(f.ReasonKK), strings.TrimSpace(f.ReasonRU), actor.Account, at
		if f.Met != Met && f.Met != NotMet {
			f.Met = ""
		}
		for path, text := range map[string]string{FindingPath(f.Requirement, "kk"): f.ReasonKK, FindingPath(f.Requirement, "ru"): f.ReasonRU} {
			if utf8.RuneCountInString(text) > maxNote {
				wrong = append(wrong, fault.Field{Path: path, Key: "work.too-long"})
			}
		}
		if f.Met == before.Met && f.ReasonKK == before.ReasonKK && f.ReasonRU == before.ReasonRU {
			f = before
		}
		if f.Requirement != "" {
			list = append(list, f)
		}
	}
	w.Report.Findings = list
	return w, fault.Fields(wrong)
}

// FindingPath is where the faults of a finding stand: its answer, or its reason in a language ("kk", "ru").
func FindingPath(requirement, part string) string {
	if part == "" {
		return "met." + requirement
	}
	return "met." + requirement + "." + part
}

// Examined lists what the findings say against a proposal: a grant needs every requirement answered with yes, and a no has
// its reason in Kazakh and in Russian.
func (r Report) Examined(p service.Process, outcome Outcome) []fault.Field {
	var wrong []fault.Field
	add := func(requirement, part, key string) {
		wrong = append(wrong, fault.Field{Path: FindingPath(requirement, part), Key: key})
	}
	for _, requirement := range p.Requirements {
		switch f := r.Finding(requirement.Key); {
		case f.Met == NotMet && f.ReasonKK == "":
			add(requirement.Key, "kk", "requirement.reason")
		case f.Met == NotMet && f.ReasonRU == "":
			add(requirement.Key, "ru", "requirement.reason")
		case f.Met == NotMet && outcome == Grant:
			add(requirement.Key, "", "requirement.not-met")
		case f.Met == "" && outcome == Grant:
			add(requirement.Key, "", "requirement.unanswered")
		}
	}
	return wrong
}

// NotMetReasons are the reasons of everything that is not met, one below the other, for a refusal to take over.
func (r Report) NotMetReasons() (kk, ru string) {
	var all [2][]string
	for _, f := range r.Findings {
		if f.Met != NotMet {
			continue
		}
		for i, reason := range []string{f.ReasonKK, f.ReasonRU} {
			if reason != "" {
				all[i] = append(all[i], reason)
			}
		}
	}
	return strings.Join(all[0], "\n"), strings.Join(all[1], "\n")
}
