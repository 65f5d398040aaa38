package integrity

import (
	"bytes"
	"slices"

	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// asDecided checks that the decision and its permit still say what their official signed, and that the one who signed is the
// one who decided (I7).
func (c *checker) asDecided(a application.Application, s port.StoredSignature, doc signdoc.Document) error {
	if a.Decision == nil {
		c.broken("I7", a.Number, "a decision was signed, and there is none")
		return nil
	}
	var issued *permit.Permit
	if a.Permit != "" {
		pm, err := c.v.Permits().Permit(c.ctx, a.Permit)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			return nil // asSigned tells
		}
		if err != nil {
			return err
		}
		issued = &pm
	}
	if !bytes.Equal(application.Resolve(a, *a.Decision, issued).Bytes(), s.Answers) {
		c.broken("I7", a.Number, "the decision or its permit is not what was signed")
	}
	steps := a.Decision.Steps
	if len(steps) == 0 || steps[len(steps)-1].Person != doc.IIN || doc.IIN != s.Signature.Signer.IIN {
		c.broken("I7", a.Number, "the decision was signed by another person than the one who decided")
	}
	if slices.ContainsFunc(steps[:max(0, len(steps)-1)], func(d application.Done) bool { return d.Person == doc.IIN }) {
		c.broken("I7", a.Number, "the decision was signed by a person who did an earlier step")
	}
	return nil
}
