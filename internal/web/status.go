package web

import (
	"elicense/internal/application"
	"elicense/internal/ledger"
	"elicense/internal/web/page"
)

// StatusTag is the status of an application in words, on both portals.
func StatusTag(r *Request, s application.State) page.Tag {
	tones := map[application.State]page.Tone{
		application.Draft: page.Neutral, application.Signing: page.Soon, application.Registered: page.Active,
		application.Issued: page.Good, application.Returned: page.Bad,
	}
	return page.Tag{Text: r.Say.T("status." + string(s)), Tone: tones[s]}
}

// RangeTag is the state of a range of numbers in words, on both portals.
func RangeTag(r *Request, s ledger.RangeState) page.Tag {
	tones := map[ledger.RangeState]page.Tone{ledger.Free: page.Good, ledger.Reserved: page.Soon, ledger.Allocated: page.Active, ledger.Withdrawn: page.Bad}
	return page.Tag{Text: r.Say.T("numbering.state." + string(s)), Tone: tones[s]}
}
