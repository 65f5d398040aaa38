package web

import (
	"elicense/internal/application"
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
