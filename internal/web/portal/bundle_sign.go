package portal

import (
	"net/http"

	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/mobile"
	"elicense/internal/web"
	"elicense/internal/web/page"
	"elicense/internal/web/signing"
)

// bundleSignForm prepares the documents of all parts. What is still wrong leads back to the bundle.
func (p *Portal) bundleSignForm(w http.ResponseWriter, r *web.Request) error {
	return p.showBundleSign(w, r, http.StatusOK, nil)
}

// showBundleSign asks for the signatures; failed is what was wrong with those that came.
func (p *Portal) showBundleSign(w http.ResponseWriter, r *web.Request, status int, failed error) error {
	id := r.PathValue("id")
	challenges, err := p.Filing.PrepareBundle(r.Context(), r.Actor, r.Binding(), id)
	if fault.Is(err, filing.KeyMoved) || fault.Is(err, filing.KeyBundleClosed) || fault.KindOf(err) == fault.Invalid && err != nil {
		b, again := p.Filing.Bundle(r.Context(), r.Actor, id)
		if again != nil {
			return again
		}
		f, _ := fault.As(err)
		s := p.storedShared(b)
		s.status = web.StatusOf(err)
		if len(f.Fields) == 0 {
			s.errors = page.Errors{{Text: p.Server.Text(r, f.Key, f.Args)}}
		}
		return p.showBundle(w, r, b, s, f.Fields)
	}
	if err != nil {
		return err
	}
	b, err := p.Filing.Bundle(r.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	// The documents are bound to versions: what is shown here must be those versions.
	if len(b.Parts) != len(challenges) {
		return fault.New(fault.Conflict, "filing.changed-after-signing")
	}
	var docs []signing.Doc
	var summaries []signSummary
	unpaid := false
	for i, d := range b.Parts {
		if d.Application.Version != challenges[i].Version {
			return fault.New(fault.Conflict, "filing.changed-after-signing")
		}
		summary := p.summaryOf(r, d, challenges[i])
		summary.Title, summary.More = asked(r, d), summary.More+": "+d.Application.Number
		docs, summaries = append(docs, signing.Doc{Challenge: challenges[i], Name: asked(r, d)}), append(summaries, summary)
		unpaid = unpaid || d.Facts.FeeDue > 0 && !d.Facts.FeePaid
	}
	es, known := p.signErrors(r, b, failed)
	if failed != nil && !known {
		return failed
	}
	title := r.Say.T("bundle.sign-title")
	v := signingView{
		Words: p.Server.Words(r.Lang), Errors: es, Heading: page.Heading{Caption: p.bundleName(r, b), Text: title, Lead: r.Say.T("bundle.sign-lead")},
		Box:  p.Signing.BoxAll(r, docs, bundlePath(r, id, "/sign"), bundleSigned(summaries), es),
		Back: page.Link{Text: r.Say.T("bundle.back"), Href: bundlePath(r, id, "")},
	}
	if unpaid {
		v.Notice = &page.Banner{Kind: page.Caution, Title: r.Say.T("filing.unpaid-title"), Text: r.Say.T("filing.unpaid-text"),
			Links: []page.Link{{Text: r.Say.T("bundle.back"), Href: bundlePath(r, id, "")}}}
	}
	c := p.Signing.Dress(p.Chrome(r, title))
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("nav.my-applications"), Href: r.Link("/applications")}, {Text: p.bundleName(r, b), Href: bundlePath(r, id, "")}, {Text: title}}
	return p.showStatus(w, r, status, c, signingPage(v))
}

// signErrors puts what was wrong with a part's signature at its place and names the part. ok is false for what is no matter of
// the signing page.
func (p *Portal) signErrors(r *web.Request, b filing.Bundle, failed error) (page.Errors, bool) {
	if failed == nil {
		return nil, true
	}
	es, ok := p.Signing.Errors(r, failed)
	for i := range es {
		for n, d := range b.Parts {
			if field := signing.NameOf(n, len(b.Parts)); es[i].Path == filing.PartPath(d.Application.Number) || es[i].Path == field {
				es[i].Path, es[i].Label = field, asked(r, d)+", "+d.Application.Number
			}
		}
	}
	return es, ok
}

// bundleSign files all parts with the signatures that came. Where one is refused nothing is filed, and all are asked for again.
func (p *Portal) bundleSign(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	asked := r.URL.Query().Get(signing.NameChallenge)
	nonces := signing.Nonces(asked)
	if len(nonces) > bundleBody/signing.MaxBody {
		return fault.New(fault.Gone, filing.KeyUnknownDocument)
	}
	signatures, err := p.Signing.ReadAll(r, nonces)
	if fault.Is(err, mobile.KeyWaiting) {
		return p.Signing.StillWaiting(w, r, asked)
	}
	if err == nil {
		in := make([]filing.Submission, len(nonces))
		for i := range in {
			in[i] = filing.Submission{Nonce: nonces[i], CMS: signatures[i]}
		}
		if err = p.Filing.SubmitBundle(r.Context(), r.Actor, r.Binding(), id, in); err == nil {
			r.Flash("bundle.filed")
			return p.Server.Go(w, r, bundlePath(r, id, ""))
		}
	}
	if fault.KindOf(err) == fault.NotFound {
		return err
	}
	if !gone(err) {
		err = p.showBundleSign(w, r, web.StatusOf(err), err)
	}
	if gone(err) { // a second press of the button, or another window
		r.Flash("filing.sent-already")
		return p.Server.Go(w, r, bundlePath(r, id, ""))
	}
	return err
}
