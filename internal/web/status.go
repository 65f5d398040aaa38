package web

import (
	"elicense/internal/application"
	"elicense/internal/signdoc"
	"elicense/internal/web/page"
)

// StatusTag is the status of an application in words, on both portals.
func StatusTag(r *Request, s application.State) page.Tag {
	tones := map[application.State]page.Tone{
		application.Draft: page.Neutral, application.Signing: page.Soon, application.Registered: page.Active,
		application.Issued: page.Good, application.Returned: page.Bad, application.Withdrawn: page.Neutral,
		application.Correcting: page.Soon,
	}
	return page.Tag{Text: r.Say.T("status." + string(s)), Tone: tones[s]}
}

// SignedBy says above a signature whose it is: the applicant's over the application or its correction, the official's over
// the decision.
func SignedBy(r *Request, purpose string) string {
	switch signdoc.Purpose(purpose) {
	case signdoc.Correction:
		return r.Say.T("filing.correction-signed-by")
	case signdoc.Decision:
		return r.Say.T("decision.signed-by")
	}
	return r.Say.T("filing.signed-by")
}

// EventTone is the tone of an event in the history of an application, on both portals.
func EventTone(e application.Event) page.Tone {
	switch e {
	case application.Granted:
		return page.Good
	case application.Refused, application.SignatureRefused, application.SignatureUnproven:
		return page.Bad
	case application.Signed:
		return page.Soon
	case application.Sent:
		return page.Active
	}
	return page.Neutral
}
