package permit

import (
	"bytes"
	"encoding/json"

	"elicense/internal/civil"
)

// Content is the canonical encoding of what a permit says: everything that is decided, and nothing that comes with its issue
// (number, code of the public check, time). Officials sign its SHA-256 before there is a number.
func (p Permit) Content() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct { // texts, numbers and a map of texts cannot fail
		Schema       string            `json:"schema"`
		Service      string            `json:"service"`
		Revision     int               `json:"revision"`
		Subtype      string            `json:"subtype"`
		Body         string            `json:"body"`
		HolderName   string            `json:"holder_name"`
		HolderNumber string            `json:"holder_number"`
		Second       string            `json:"second"`
		From         string            `json:"from"`
		To           string            `json:"to"`
		First        string            `json:"first"`
		Values       map[string]string `json:"values"`
	}{"elicense-permit/1", p.Service, p.Revision, p.Subtype, p.Body, p.HolderName, p.HolderNumber, p.Second, written(p.From), written(p.To), written(p.First), p.Values})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func written(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
