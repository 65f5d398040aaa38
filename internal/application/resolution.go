package application

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"elicense/internal/permit"
)

// Resolution is a decision as its official signs it: what is decided about which application, on which ground, with which
// reasons, and which permit it leads to.
type Resolution struct {
	Schema      string  `json:"schema"`
	Application string  `json:"application"`
	Service     string  `json:"service"`
	Revision    int     `json:"revision"`
	Operation   string  `json:"operation"`
	Body        string  `json:"body"`
	Outcome     Outcome `json:"outcome"`
	Ground      string  `json:"ground"` // key; empty for a grant
	ReasonKK    string  `json:"reason_kk"`
	ReasonRU    string  `json:"reason_ru"`
	Permit      string  `json:"permit"` // SHA-256 of the permit's content, hex; empty for a refusal
	// Concerns is the number of the permit that the application concerns, Act the SHA-256 of what is done with it.
	Concerns string `json:"concerns,omitempty"`
	Act      string `json:"act,omitempty"`
}

// resolutionSchema names this encoding; another one gets another number.
const resolutionSchema = "elicense-decision/1"

// Resolve gives the resolution of a decision about an application; issued is the permit it leads to, act what is done with the
// permit that the application concerns. Both are nil for a refusal.
func Resolve(a Application, d Decision, issued *permit.Permit, act *permit.Act) Resolution {
	r := Resolution{Concerns: a.Concerns, Schema: resolutionSchema, Application: a.Number, Service: a.Service, Revision: a.Revision, Operation: a.Operation, Body: a.Body, Outcome: d.Outcome}
	if len(d.Grounds) > 0 {
		g := d.Grounds[0]
		r.Ground, r.ReasonKK, r.ReasonRU = g.Key, strings.TrimSpace(g.KK.Reason), strings.TrimSpace(g.RU.Reason)
	}
	if issued != nil {
		sum := sha256.Sum256(issued.Content())
		r.Permit = hex.EncodeToString(sum[:])
	}
	if act != nil {
		r.Act = actDigest(*act)
	}
	return r
}

// Bytes is the canonical encoding, whose SHA-256 the signed document holds: one JSON object, UTF-8, in the order of the type; every
// field is present but the last two, which are there where the application concerns a permit.
func (r Resolution) Bytes() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(r) // texts and a number cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Digest is the SHA-256 of Bytes, in lower-case hex.
func (r Resolution) Digest() string {
	sum := sha256.Sum256(r.Bytes())
	return hex.EncodeToString(sum[:])
}
