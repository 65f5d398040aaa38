package portal

import (
	"crypto/x509"

	"elicense/internal/cms"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// stampRows say when time-stamping authorities saw a signature, or that none has yet.
func stampRows(r *web.Request, s port.Signature) []page.Row {
	var rows []page.Row
	for _, e := range s.Evidence {
		if e.Kind == port.EvidenceTimestamp {
			rows = append(rows, page.Row{Name: r.Say.T("filing.time-stamp"), Value: stampText(r, e)})
		}
	}
	if len(rows) == 0 && s.Unstamped {
		rows = append(rows, page.Row{Name: r.Say.T("filing.time-stamp"), Value: r.Say.T("filing.time-stamp-awaited")})
	}
	return rows
}

// stampText is the time of a stamp, with the name of the authority where its certificate has one.
func stampText(r *web.Request, e port.Evidence) string {
	at := r.Say.TimeSeconds(e.At)
	token, err := cms.ParseStamp(e.DER)
	if err != nil {
		return at
	}
	c, err := x509.ParseCertificate(token.RawCertificate())
	if err != nil || c.Subject.CommonName == "" {
		return at
	}
	return r.Say.T("filing.time-stamp-by", "time", at, "authority", c.Subject.CommonName)
}
