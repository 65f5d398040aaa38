package app_test

import (
	"testing"

	"elicense/internal/demo/ca"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// An application signed with a key of any family is received, and what is stored says with which.
func TestApplicationsSignedWithEveryAlgorithm(t *testing.T) {
	s := openSite(t, site.Options{})
	for i, one := range []struct {
		algorithm ca.Algorithm
		stored    string
	}{{ca.RSA, "RSA-SHA256"}, {ca.GOST512, "GOST2015-512"}, {ca.GOST256, "GOST2015-256"}, {ca.GOST2004, "GOST2004-GOST94"}} {
		a := s.Organisation(i + 1)
		var err error
		a.Key, err = s.Authority.IssueAs(a.Person, one.algorithm, "")
		must(t, err)
		sent, err := a.Send(a.Complete(nil))
		if err != nil {
			t.Errorf("%s: %v", one.algorithm, err)
			continue
		}
		s.View(func(v port.View) error {
			list, err := v.Applications().Signatures(t.Context(), sent.Number)
			if err == nil && (len(list) == 0 || list[0].Signature.Algorithm != one.stored) {
				t.Errorf("%s: %+v", one.algorithm, list)
			}
			return err
		})
	}
	s.Clean()
}
