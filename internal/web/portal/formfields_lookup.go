package portal

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/service"
	"elicense/internal/web"
)

// noService stands for the profile where the address of a directory names a service.
const noService = "-"

// lookupRoutes answer the scripts of the directories' fields.
func (p *Portal) lookupRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{lang}/directories/{service}/{field}", Policy: web.Person, Handle: p.lookupEntries, PerMinute: 240},
	}
}

// lookupItem is one entry as the script shows it: a name, and where it stands in the directory.
type lookupItem struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Note string `json:"note"`
}

// lookupEntries answers ?q=… with the entries that a field of a service's form may name.
func (p *Portal) lookupEntries(w http.ResponseWriter, r *web.Request) error {
	f, err := p.formOf(r.Context(), r.PathValue("service"))
	if err != nil {
		return err
	}
	field, ok := f.Revision.Definition.Field(r.PathValue("field"))
	if !ok || field.Type != service.TypeGoods && field.Type != service.TypePlace {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	list, message := p.searchDirectory(r, f, field, r.URL.Query().Get("q"))
	answer := struct {
		Items   []lookupItem `json:"items"`
		Message string       `json:"message"`
	}{[]lookupItem{}, message}
	for _, o := range list {
		answer.Items = append(answer.Items, lookupItem{Code: o.Value, Name: o.Text, Note: o.Hint})
	}
	return answerScript(w, answer)
}

// answerScript answers a script.
func answerScript(w http.ResponseWriter, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // the reader went away: nothing to do about it
	return nil
}

// formOf gives the form of a service's newest revision, of what a bundle asks once, or that of the profile for noService.
func (p *Portal) formOf(ctx context.Context, key string) (form.Form, error) {
	if key == noService {
		f, _, err := p.profileForm(ctx)
		return f, err
	}
	if bundle, ok := strings.CutPrefix(key, service.Bundles+"."); ok {
		t, fits, err := p.Catalogue.Bundle(bundle)
		if err == nil && !fits {
			err = fault.New(fault.NotFound, "fault.not-found")
		}
		if err != nil {
			return form.Form{}, err
		}
		return p.Filing.Casework.FormOf(ctx, t.Form)
	}
	rev, err := p.Catalogue.Service(key)
	if err != nil {
		return form.Form{}, err
	}
	dirs, err := p.Reference.For(ctx, rev)
	if err != nil {
		return form.Form{}, err
	}
	return form.Form{Revision: rev, Dirs: dirs}, nil
}
