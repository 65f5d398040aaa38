package application

import (
	"regexp"

	"elicense/internal/fault"
)

// placeholder is what a template leaves to be filled in.
var placeholder = regexp.MustCompile(`\{[^{}\n]{1,60}\}`)

// Placeholders lists what a text still leaves to be filled in, as "{document}".
func Placeholders(text string) []string { return placeholder.FindAllString(text, -1) }

// FillTemplate puts values into the placeholders of a text; what has no value stays for the official to write.
func FillTemplate(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		if value, ok := values[p[1:len(p)-1]]; ok {
			return value
		}
		return p
	})
}

// Unfilled lists the reasons in which a placeholder of a template was left, as faults of a proposal.
func (pr Proposal) Unfilled() []fault.Field {
	var wrong []fault.Field
	for _, r := range []struct{ path, text string }{{"reason_kk", pr.ReasonKK}, {"reason_ru", pr.ReasonRU}} {
		if left := Placeholders(r.text); len(left) > 0 {
			wrong = append(wrong, fault.Field{Path: r.path, Key: "work.placeholder", Args: fault.Args{"name": left[0]}})
		}
	}
	return wrong
}
