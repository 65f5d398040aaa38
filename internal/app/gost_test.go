package app_test

import (
	"bytes"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"testing"

	"elicense/internal/application"
	"elicense/internal/demo/ca"
	"elicense/internal/eds"
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

// without2004 trusts no authority whose key is of GOST 34.310-2004 (1.2.398.3.10.1.1.1.1), as an installation to which the
// state bodies' authority was not configured.
func without2004(trust *eds.Config) {
	oid := []byte{0x2a, 0x83, 0x0e, 0x03, 0x0a, 0x01, 0x01, 0x01, 0x01}
	old := func(c *x509.Certificate) bool { return bytes.Contains(c.RawSubjectPublicKeyInfo, oid) }
	trust.Anchors.Certificates = slices.DeleteFunc(trust.Anchors.Certificates, old)
	trust.Intermediates.Certificates = slices.DeleteFunc(trust.Intermediates.Certificates, old)
	trust.Lists = slices.DeleteFunc(trust.Lists, func(l eds.List) bool { return strings.Contains(l.File, "gost2004") })
}

// State bodies hold keys of GOST 34.310-2004. An official decides with one exactly where its authority is configured, and only
// with their own; elsewhere nothing is decided, and the same document can be signed with a key that is trusted.
func TestOfficialSignsWithAKeyOf2004(t *testing.T) {
	for name, one := range map[string]struct {
		trust func(*eds.Config)
		want  string
	}{"its authority is configured": {nil, "GOST2004-GOST94"}, "its authority is not": {without2004, "GOST2015-512"}} {
		t.Run(name, func(t *testing.T) {
			x := toDecide(t, site.Options{Trust: one.trust}, refusal())
			issue := func(login string, a ca.Algorithm) ca.KeyPair {
				pair, err := x.s.Authority.IssueAs(demoOfficial(t, login).Key(), a, "")
				must(t, err)
				return pair
			}
			action, content := x.document(t)
			if got := x.approver.Post(action, x.signs(content, issue("knb.executor", ca.GOST2004))); got.Status != http.StatusUnprocessableEntity {
				t.Errorf("another's key: %d", got.Status)
			}
			key := issue("knb.approver", ca.GOST2004)
			if one.trust != nil {
				got := x.approver.Post(action, x.signs(content, key))
				if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, x.s.Server.Texts.In("kk").T(eds.KeyUntrusted)) || x.s.Application(x.number).State != application.Registered {
					t.Errorf("untrusted: %d", got.Status)
				}
				key = issue("knb.approver", ca.GOST512)
			}
			done(t, x.approver.Post(action, x.signs(content, key)))
			if a := x.s.Application(x.number); a.State != application.Returned {
				t.Error(a.State)
			}
			x.s.View(func(v port.View) error {
				list, err := v.Applications().Signatures(t.Context(), x.number)
				if err == nil && (len(list) != 2 || list[1].Signature.Algorithm != one.want || list[1].Signature.Revocation != port.RevocationGood) {
					t.Errorf("%+v", list[len(list)-1].Signature.Algorithm)
				}
				return err
			})
			x.s.Clean()
		})
	}
}
