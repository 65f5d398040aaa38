package portal

import (
	"encoding/json"
	"errors"
	"net/http"

	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/mobile"
	"elicense/internal/port"
	"elicense/internal/signdoc"
	"elicense/internal/web"
)

// Phone answers the telephones of both portals.
type Phone struct {
	Sign     *mobile.Mobile
	Operator lang.Text // who asks for the signature, as telephones show it
	BIN      string    // of the operator
}

// phoneRoutes serve the telephone. Its addresses hold the secret of the link.
func (p *Portal) phoneRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + PathOffer + "{token}", Policy: web.Bearer, Handle: p.phoneOffer, PerMinute: 120},
		{Pattern: "GET " + pathDocuments + "{token}", Policy: web.Bearer, Handle: p.phoneDocuments, PerMinute: 120},
		{Pattern: "PUT " + pathDocuments + "{token}", Policy: web.Bearer, Handle: p.phoneDeposit, PerMinute: 60, Body: mobile.Most * maxPhoneBody},
	}
}

// SigningAddress is signing.Phone.Address of the external portal.
func SigningAddress(r *web.Request, c port.Challenge) string {
	bundle := filing.BundleOf(c)
	switch purpose := signdoc.Purpose(c.Purpose); {
	case purpose == signdoc.Application && bundle != "":
		return bundlePath(r, bundle, "/sign")
	case purpose == signdoc.Application:
		return applicationPath(r, c.Application, "/sign")
	case purpose == signdoc.Correction:
		return applicationPath(r, c.Application, correctionPath+"/sign")
	case purpose == signdoc.Withdrawal:
		return applicationPath(r, c.Application, "/withdraw")
	case purpose == signdoc.Registration:
		return r.Link("/register/" + c.Nonce)
	}
	return ""
}

// writeJSON answers a program.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the program went away: nothing to do about it
	return nil
}

// tooLarge tells a body over its limit.
func tooLarge(err error) bool {
	large := (*http.MaxBytesError)(nil)
	return errors.As(err, &large)
}
