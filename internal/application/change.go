package application

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"elicense/internal/permit"
	"elicense/internal/service"
)

// KindOf is the act to which an operation that concerns a permit leads.
func KindOf(e service.Effect) permit.Kind {
	return map[service.Effect]permit.Kind{
		service.Reissue: permit.Reissuance, service.Extend: permit.Extension, service.Duplicate: permit.Duplication, service.Suspend: permit.Suspension,
		service.Resume: permit.Resumption, service.Terminate: permit.Termination, service.Append: permit.Addition,
	}[e]
}

// UnderWay tells whether the application is with the state body, or on its way there: then no other one of the permit that it
// concerns is accepted.
func (s State) UnderWay() bool { return s == Signing || s == Registered || s == Correcting }

// actDigest is the SHA-256 (hex) of what an act does, without its number and the time at which it is made: officials sign it
// before there are these.
func actDigest(a permit.Act) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct { // texts and a map of texts cannot fail
		Schema   string            `json:"schema"`
		Permit   string            `json:"permit"`
		Kind     permit.Kind       `json:"kind"`
		From     string            `json:"from"`
		To       string            `json:"to"`
		Appendix string            `json:"appendix"`
		Values   map[string]string `json:"values"`
	}{"elicense-act/1", a.Permit, a.Kind, a.From.String(), a.To.String(), a.Appendix, a.Values})
	sum := sha256.Sum256(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return hex.EncodeToString(sum[:])
}
