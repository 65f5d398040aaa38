package portal

import (
	"maps"
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/form"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// goCompare is the button that sends a page to see it beside what is stored: where nothing differs, the page is shown anew.
const goCompare = "compare"

// overlaid gives the stored answers with what was typed over them, and which fields the page then shows.
func overlaid(d *filing.Draft, pg service.Page, values map[string]string) (form.Answers, error) {
	mine := maps.Clone(d.Application.Answers)
	if mine == nil {
		mine = form.Answers{}
	}
	for _, f := range pg.Fields {
		if typed, given := values[f.Key]; given {
			mine[f.Key] = d.Form.Normalise(f, typed)
		}
	}
	visible, err := d.Form.Visible(mine, d.Facts)
	d.Visible = visible
	return mine, err
}

// showStale shows at each field that was changed here and elsewhere what is stored and what this tab holds. The tab's
// values stay in the form, now on the base that is stored, so that pressing Next again overwrites knowingly. Everything
// else of the page is stored already.
func (p *Portal) showStale(w http.ResponseWriter, r *web.Request, d filing.Draft, pg service.Page, in filing.Save, stale error) error {
	s, err := p.staleOf(r, &d, pg, in, stale)
	if err != nil {
		return err
	}
	return p.showDraft(w, r, d, s)
}

// staleOf is the page that shows both sides.
func (p *Portal) staleOf(r *web.Request, d *filing.Draft, pg service.Page, in filing.Save, stale error) (shownPage, error) {
	stored := d.Application.Answers
	table := &page.Table{ID: "different", Caption: r.Say.T("filing.stale-table"), Stack: true, Columns: []page.Column{
		{Text: r.Say.T("filing.field")}, {Text: r.Say.T("filing.stale-stored")}, {Text: r.Say.T("filing.stale-mine")},
	}}
	var es page.Errors
	typed := map[string]string{}
	for _, f := range conflicts(*d, stale) {
		typed[f.Key] = in.Values[f.Key]
	}
	mine, err := overlaid(d, pg, typed)
	if err != nil {
		return shownPage{}, err
	}
	for _, f := range conflicts(*d, stale) {
		d.Visible[f.Key] = true // also where the other side's choices hide it: both values must be seen
		there, here := d.Form.Read(f, stored[f.Key], r.Lang, r.Say), d.Form.Read(f, mine[f.Key], r.Lang, r.Say)
		es = append(es, page.FieldError{Path: f.Key, Text: r.Say.T(filing.KeyConflict, "field", tr(r, f.Label), "stored", inLine(there.Text), "typed", inLine(here.Text))})
		table.Rows = append(table.Rows, []page.Cell{
			{Text: tr(r, f.Label), Header: true},
			{Text: web.OrDash(there.Text), Lang: foreign(r, there.Lang)}, {Text: web.OrDash(here.Text), Lang: foreign(r, here.Lang)},
		})
	}
	return shownPage{page: pg, values: mine, base: d.Base(pg), status: http.StatusConflict, differs: table, errors: es, still: true,
		notice: &page.Banner{Kind: page.Caution, Title: r.Say.T("filing.stale-title"), Text: r.Say.T("filing.stale-text")}}, nil
}

// inLine writes a value of several lines, such as a territory, in one.
func inLine(value string) string { return web.OrDash(strings.ReplaceAll(value, "\n", "; ")) }

// conflicts are the fields that a save could not store, in the order of the form.
func conflicts(d filing.Draft, stale error) []service.Field {
	f, _ := fault.As(stale)
	var list []service.Field
	for _, problem := range f.Fields {
		if field, ok := d.Definition().Field(problem.Path); ok {
			list = append(list, field)
		}
	}
	return list
}

// staleWords tells the script which fields differ.
func (p *Portal) staleWords(r *web.Request, d filing.Draft, stale error) string {
	var names []string
	for _, f := range conflicts(d, stale) {
		names = append(names, "«"+tr(r, f.Label)+"»")
	}
	return r.Say.T("filing.stale-autosave", "fields", strings.Join(names, ", "))
}

// showKept shows a page as it was sent after the session had ended. Nothing of it is stored, neither now nor by the
// script: it counts when the person sends it. Its base is what the page showed then, so that changes made elsewhere since
// are found.
func (p *Portal) showKept(w http.ResponseWriter, r *web.Request, d filing.Draft, pg service.Page, kept url.Values) error {
	r.PostForm = kept // the readers of fields take them from here
	values, err := p.typed(r, d, pg)
	if err != nil {
		return err
	}
	mine, err := overlaid(&d, pg, values)
	if err != nil {
		return err
	}
	return p.showDraft(w, r, d, shownPage{page: pg, values: mine, base: kept.Get(page.NameVersion), status: http.StatusOK, still: true, notice: keptNotice(r)})
}
