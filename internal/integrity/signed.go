package integrity

import (
	"encoding/json"
	"slices"
	"time"

	"elicense/internal/application"
	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// signedAnswers is the part of the canonical answers (form.Form.Canonical) that is held against what is stored beside.
type signedAnswers struct {
	Service   string            `json:"service"`
	Revision  int               `json:"revision"`
	Operation string            `json:"operation"`
	Body      string            `json:"body"`
	Permit    string            `json:"permit"` // that the application concerns
	Answers   map[string]string `json:"answers"`
}

// asSigned checks that the application, its attachments and its permit still say what was signed (I7). s is the last
// signature: the one that the application was filed with.
func (c *checker) asSigned(a application.Application, s port.StoredSignature, doc signdoc.Document) error {
	var signed signedAnswers
	if err := json.Unmarshal(s.Answers, &signed); err != nil {
		c.broken("I7", a.Number, "the signed answers cannot be read: %v", err)
		return nil
	}
	if signed.Service != a.Service || signed.Revision != a.Revision || signed.Operation != a.Operation || signed.Body != a.Body || signed.Permit != a.Concerns {
		c.broken("I7", a.Number, "another service, revision, operation, body or permit was signed")
	}
	for key, value := range signed.Answers {
		if a.Answers[key] != value {
			c.broken("I7", a.Number, "the answer %s is not what was signed", key)
		}
	}
	c.attachedAsSigned(a, doc)
	act, ok, err := c.asked(a)
	if err != nil || !ok || a.Permit == "" {
		return err
	}
	said := map[string]string(nil)
	switch {
	case act != nil && act.Kind == permit.Addition:
		said = act.Values
	case act != nil && act.Kind != permit.Reissuance:
		return nil
	}
	p, err := c.v.Permits().Permit(c.ctx, a.Permit)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		c.broken("I6", a.Number, "its permit %s does not exist", a.Permit)
		return nil
	}
	if err != nil {
		return err
	}
	if said == nil {
		said = p.Values
	}
	for key, value := range signed.Answers {
		if said[key] != value {
			c.broken("I7", a.Permit, "%s is not what was signed", key)
		}
	}
	return nil
}

// attachedAsSigned compares the attachments with those that the signed document names.
func (c *checker) attachedAsSigned(a application.Application, doc signdoc.Document) {
	if len(doc.Attachments) != len(a.Attached) {
		c.broken("I7", a.Number, "%d attachments signed, %d stored", len(doc.Attachments), len(a.Attached))
	}
	for _, at := range a.Attached {
		same := func(s signdoc.Attachment) bool {
			return s.Key == at.Key && s.Name == at.File && s.Digest == at.Digest && s.Size == at.Size
		}
		if !slices.ContainsFunc(doc.Attachments, same) {
			c.broken("I7", a.Number, "the attachment %s is not what was signed", at.Key)
		}
	}
}

// stamped checks that the time stamps kept beside a signature are about this very signature (I7). Whether their authority was
// trusted, and under which policy, was judged when they were stored.
func (c *checker) stamped(number string, signed *cms.SignedData, evidence []port.Evidence) {
	for _, e := range evidence {
		if e.Kind != port.EvidenceTimestamp {
			continue
		}
		token, err := cms.ParseStamp(e.DER)
		if err != nil {
			c.broken("I7", number, "a time stamp cannot be read: %v", err)
			continue
		}
		stamp, err := token.Verify(signed.Value(), cms.StampRules{Policies: []string{token.Policy()}})
		switch {
		case err != nil:
			c.broken("I7", number, "a time stamp does not hold: %v", err)
		case !stamp.Time.Truncate(time.Microsecond).Equal(e.At):
			c.broken("I7", number, "a time stamp states another time than is stored")
		}
	}
}
