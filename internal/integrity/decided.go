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

// asked finds the act with the permit that a granted application concerns; nil where it concerns none or was refused. ok is false
// where there should be one (I6).
func (c *checker) asked(a application.Application) (act *permit.Act, ok bool, err error) {
	if a.Concerns == "" || a.Permit == "" {
		return nil, true, nil
	}
	acts, err := c.v.Permits().Acts(c.ctx, a.Concerns)
	if err != nil {
		return nil, false, err
	}
	for _, act := range acts {
		if act.Application == a.Number {
			return &act, true, nil
		}
	}
	c.broken("I6", a.Number, "it was granted, and nothing was done with the permit %s that it concerns", a.Concerns)
	return nil, false, nil
}

// asDecided checks that the decision and its permit still say what their official signed, and that the one who signed is the
// one who decided (I7).
func (c *checker) asDecided(a application.Application, s port.StoredSignature, doc signdoc.Document) error {
	if a.Decision == nil {
		c.broken("I7", a.Number, "a decision was signed, and there is none")
		return nil
	}
	act, ok, err := c.asked(a)
	if err != nil || !ok {
		return err
	}
	var issued *permit.Permit
	if a.Permit != "" && a.Permit != a.Concerns {
		pm, err := c.v.Permits().Permit(c.ctx, a.Permit)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			return nil // asSigned tells
		}
		if err != nil {
			return err
		}
		issued = &pm
	}
	if !bytes.Equal(application.Resolve(a, *a.Decision, issued, act).Bytes(), s.Answers) {
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
