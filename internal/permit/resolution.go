package permit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"elicense/internal/civil"
)

// resolution is an act as its official signs it.
type resolution struct {
	Schema   string            `json:"schema"`
	Permit   string            `json:"permit"`
	Seq      int               `json:"seq"`
	Kind     Kind              `json:"kind"`
	From     civil.Date        `json:"from"`
	To       civil.Date        `json:"to"`
	Appendix string            `json:"appendix"`
	Ground   Ground            `json:"ground"`
	Reverses int               `json:"reverses"`
	Values   map[string]string `json:"values"`
	Order    string            `json:"order"`
}

// resolutionSchema names this encoding; another one gets another number.
const resolutionSchema = "elicense-act/1"

// Resolution is the canonical encoding of what an official signs about the act, whose SHA-256 the signed document holds: one
// JSON object, UTF-8, every field present, names of values in order. Author and time are the signature's.
func (a Act) Resolution() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(resolution{resolutionSchema, a.Permit, a.Seq, a.Kind, a.From, a.To, a.Appendix, a.Ground, a.Reverses, a.Values, a.Order}) // texts and numbers cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Digest is the SHA-256 of Resolution, in lower-case hex.
func (a Act) Digest() string {
	sum := sha256.Sum256(a.Resolution())
	return hex.EncodeToString(sum[:])
}

// Ordered lists the kinds of acts that officials order by themselves, without an application of the holder.
func Ordered() []Kind {
	return []Kind{Suspension, Resumption, Termination, Revocation, Annulment, Correction, Reversal}
}

// Unfavourable tells whether an act takes something from the holder, who is told how to appeal.
func (k Kind) Unfavourable() bool {
	return k == Suspension || k == Revocation || k == Annulment || k == Termination
}
