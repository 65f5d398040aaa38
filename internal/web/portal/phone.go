package portal

import (
	"encoding/json"
	"errors"
	"net/http"

	"elicense/internal/lang"
	"elicense/internal/mobile"
	"elicense/internal/port"
	"elicense/internal/signdoc"
	"elicense/internal/web"
	"elicense/internal/web/signing"
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
		{Pattern: "PUT " + pathDocuments + "{token}", Policy: web.Bearer, Handle: p.phoneDeposit, PerMinute: 60, Body: maxPhoneBody},
	}
}

// SigningAddress is signing.Phone.Address of the external portal.
func SigningAddress(r *web.Request, c port.Challenge) (action, page string, ok bool) {
	switch signdoc.Purpose(c.Purpose) {
	case signdoc.Application:
		page = applicationPath(r, c.Application, "/sign")
		return signing.WithQuery(page, nameChallenge, c.Nonce), page, true
	case signdoc.Registration:
		page = r.Link("/register/" + c.Nonce)
		return page, page, true
	}
	return "", "", false
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
