package web

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"elicense/internal/catalogue"
	"elicense/internal/lang"
	"elicense/internal/service"
	"elicense/internal/web/page"
)

// importances is the order in which differences are told.
func importances() []service.Importance {
	return []service.Importance{service.ForFee, service.ForTerm, service.ForRecipients, service.ForDocuments, service.ForForm, service.ForRules, service.ForWording}
}

// Subjects names what a revision was about.
func Subjects(r *Request, number int, changes []service.Change) string {
	if number == 1 {
		return r.Say.T("revision.first")
	}
	var names []string
	for _, i := range importances() {
		if slices.ContainsFunc(changes, func(c service.Change) bool { return c.Importance == i }) {
			names = append(names, r.Say.T("importance."+string(i)))
		}
	}
	if len(names) == 0 {
		return r.Say.T("revision.same")
	}
	return strings.Join(names, ", ")
}

// Differences words every change of a service's text for readers, by subject.
func Differences(r *Request, bodies *catalogue.Catalogue, changes []service.Change) []page.List {
	var groups []page.List
	for _, i := range importances() {
		g := page.List{Title: upperFirst(r.Say.T("importance." + string(i)))}
		for _, c := range changes {
			if c.Importance == i {
				g.Items = append(g.Items, changeText(r, bodies, c))
			}
		}
		if len(g.Items) > 0 {
			groups = append(groups, g)
		}
	}
	if len(groups) == 0 {
		groups = append(groups, page.List{Items: []string{r.Say.T("revision.same")}})
	}
	return groups
}

// changeText is one change in a sentence.
func changeText(r *Request, bodies *catalogue.Catalogue, c service.Change) string {
	collection, _, _ := strings.Cut(c.Path, "/")
	name, part := in(r, c.Name), c.Path[strings.LastIndexByte(c.Path, '/')+1:]
	switch collection {
	case "recipients":
		name = r.Say.T("recipient." + part)
	case "bodies":
		if b, ok := bodies.Body(part); ok {
			name = in(r, b.Name)
		}
	}
	if key := "part.of-" + collection; name == "" && r.Say.Has(key) {
		name = r.Say.T(key)
	}
	before, after := valueText(r, part, in(r, c.Old)), valueText(r, part, in(r, c.New))
	switch {
	case slices.Contains([]string{"type", "page", "prefill", "columns", "quota", "order", "preset", "operations", "does", "started_by"}, part): // keys say nothing to a reader
		return r.Say.T("revision.changed-only", "name", name, "part", r.Say.T("part."+part))
	case c.Kind == service.Added && after == "":
		return r.Say.T("revision.added", "name", name)
	case c.Kind == service.Removed && before == "":
		return r.Say.T("revision.removed", "name", name)
	case r.Say.Has("part." + part):
		return r.Say.T("revision.changed-part", "name", name, "part", r.Say.T("part."+part), "old", OrDash(before), "new", OrDash(after))
	}
	return r.Say.T("revision.changed", "name", name, "old", OrDash(before), "new", OrDash(after))
}

// valueText writes a value of a definition for readers: a yes or no, a state, kinds of recipients.
func valueText(r *Request, part, value string) string {
	switch value {
	case "true":
		return r.Say.T("value.yes")
	case "false":
		return r.Say.T("value.no")
	}
	switch {
	case part == "status" && value != "":
		return r.Say.T("status.service." + value)
	case part == "working_days" && value == "0": // the term is not known
		return ""
	}
	if part != "required" && part != "optional" || value == "" {
		return value
	}
	kinds := strings.Split(value, ", ")
	for i, k := range kinds {
		kinds[i] = r.Say.T("recipient." + k)
	}
	return strings.Join(kinds, ", ")
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// in writes a definition's text in the reader's language, or in the first in which it exists.
func in(r *Request, t lang.Text) string {
	s, _ := t.In(r.Lang)
	return s
}

// OrDash shows an empty value.
func OrDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
