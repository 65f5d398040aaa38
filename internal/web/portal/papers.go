package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// papersTable are the licences of the holder that are on paper; nil where there are none. Each has the link that begins its
// restoration, where a service restores papers of its body.
func (p *Portal) papersTable(r *web.Request) (*page.Table, error) {
	list, err := p.Register.Papers(r.Context(), r.Actor)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := &page.Table{ID: "papers", Caption: r.Say.T("old.title"), CaptionHidden: true, Stack: true, Columns: []page.Column{
		{Text: r.Say.T("old.number")}, {Text: r.Say.T("old.issued")}, {Text: r.Say.T("table.licensor")}, {Text: r.Say.T("permits.kind")},
		{Text: r.Say.T("table.status")}, {Text: r.Say.T("table.action"), Hidden: true}}}
	for _, x := range list {
		body, _ := p.Catalogue.Body(x.Body)
		number, state := paperNumber(x), p.paperState(r, x)
		row := []page.Cell{{Text: number, Header: true}, {Text: r.Say.Date(x.IssuedOn)}, textCell(r, body.Name), textCell(r, x.Kind), {Text: strings.Join(state, "\n")}, {}}
		if at := p.restores(r, x); at != "" && x.Application == "" {
			row[5] = page.Cell{Text: r.Say.T("old.restore"), About: number, Href: at}
		} else if x.Application != "" {
			row[5] = page.Cell{Text: r.Say.T("old.in-work")}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// restores is the address at which the restoration of a paper begins; empty where no open service of its body restores it, or
// nothing is left to restore.
func (p *Portal) restores(r *web.Request, x permit.Paper) string {
	if x.State == permit.PaperTerminated || x.State == permit.PaperRevoked {
		return ""
	}
	for _, rev := range p.sortedServices(r) {
		d := rev.Definition
		if d.Status == service.Open && d.Process.Matches() && slices.Contains(d.Bodies, x.Body) {
			return r.Link("/services/"+rev.Service+"/order") + "?" + url.Values{"body": {x.Body}, "paper": {x.ID}}.Encode()
		}
	}
	return ""
}

func paperNumber(x permit.Paper) string { return strings.TrimSpace(x.Series + " " + x.Number) }

// paperState is the state of a paper today in words, with its dates.
func (p *Portal) paperState(r *web.Request, x permit.Paper) []string {
	state := x.StateOn(civil.Of(p.World.Now(), lang.Almaty()))
	said := []string{r.Say.T("paper-state." + string(state))}
	for _, d := range []struct {
		key string
		day civil.Date
		on  bool
	}{{"papers.since", x.Since, state == x.State}, {"papers.until", x.Until, state == x.State}, {"papers.valid-to", x.ValidTo, true}} {
		if d.on && !d.day.IsZero() {
			said = append(said, r.Say.T(d.key, "date", r.Say.Date(d.day)))
		}
	}
	return said
}

// checkPaper answers for a number that papers have; shown is false where none does.
func (p *Portal) checkPaper(w http.ResponseWriter, r *web.Request) (shown bool, err error) {
	list, err := p.Register.Numbered(r.Context(), r.PathValue("number"))
	if err != nil || len(list) == 0 {
		return false, err
	}
	v := checkView{Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: r.Say.T("nav.check"), Text: r.Say.T("check.title", "number", list[0].Number)},
		State: page.Tag{Text: r.Say.T("old.on-paper"), Tone: page.Soon}, Notice: page.Banner{Kind: page.Info, Text: r.Say.T("old.check-text")},
		Hint: r.Say.T("old.check-hint"), Again: againButton(r)}
	if len(list) > 1 {
		v.Heading.Text, v.Notice = r.Say.T("check.title", "number", r.PathValue("number")), page.Banner{Kind: page.Caution, Text: r.Say.T("old.several")}
	}
	for _, x := range list {
		v.Rows = append(v.Rows, p.paperFacts(r, x, len(list) == 1)...)
	}
	v.Rows = append(v.Rows, p.checkedAt(r))
	return true, p.showCheck(w, r, http.StatusOK, v, r.In(r.Lang)[3:])
}

// paperFacts are what anyone may know of a paper. An individual is never named, and nobody where it is not clear which paper is
// meant.
func (p *Portal) paperFacts(r *web.Request, x permit.Paper, one bool) []page.Row {
	body, _ := p.Catalogue.Body(x.Body)
	rows := []page.Row{{Name: r.Say.T("old.number"), Value: paperNumber(x)}, textRow(r, r.Say.T("table.licensor"), body.Name), textRow(r, r.Say.T("permits.kind"), x.Kind),
		{Name: r.Say.T("old.issued"), Value: r.Say.Date(x.IssuedOn)}, {Name: r.Say.T("table.status"), Value: strings.Join(p.paperState(r, x), "\n")}}
	switch {
	case x.Permit != "":
		rows = append(rows, page.Row{Name: r.Say.T("old.restored"), Value: x.Permit, Actions: []page.Link{{Text: r.Say.T("wizard.view"), Href: r.Link("/check/" + url.PathEscape(x.Permit))}}})
	case one && party.KindOf(x.HolderNumber) == party.Organisation:
		rows = append(rows, page.Row{Name: r.Say.T("permits.holder"), Value: x.HolderName + "\n" + x.HolderNumber})
	case one:
		rows = append(rows, page.Row{Name: r.Say.T("permits.holder"), Value: r.Say.T("old.holder-hidden")})
	}
	return rows
}
