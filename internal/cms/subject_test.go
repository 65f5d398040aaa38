package cms

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"reflect"
	"testing"

	"elicense/internal/fault"
)

func TestSubjectOf(t *testing.T) {
	a := newAuthority(t)
	got, err := SubjectOf(a.leaf)
	want := Subject{IIN: "850101300012", Surname: "ӘЛІМБАЙ", GivenName: "АЙГҮЛ", Patronymic: "СЕРІКҚЫЗЫ", Email: "aigul@example.kz", Roles: []Role{RoleIndividual}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	head := a.issue(a.key.Public(), func(c *x509.Certificate) {
		c.Subject.ExtraNames = append(c.Subject.ExtraNames, testBIN, pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: "ТОО «ҮЛГІ»"})
		c.UnknownExtKeyUsage = roles([]int{2}, []int{2, 1})
	})
	got, err = SubjectOf(head)
	if err != nil || got.BIN != "200140000015" || got.Organisation != "ТОО «ҮЛГІ»" || !got.Has(RoleHead) || !got.Has(RoleLegalEntity) || len(got.Roles) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	all := a.issue(a.key.Public(), func(c *x509.Certificate) {
		c.Subject.ExtraNames = append(c.Subject.ExtraNames, testBIN)
		c.UnknownExtKeyUsage = append(roles([]int{2}, []int{2, 2}, []int{2, 3}, []int{2, 4}, []int{2, 5}), asn1.ObjectIdentifier{1, 2, 398, 3, 3, 4, 3, 1})
	})
	got, err = SubjectOf(all)
	if err != nil || !reflect.DeepEqual(got.Roles, []Role{RoleLegalEntity, RoleRightToSign, RoleFinancial, RoleHR, RoleEmployee}) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func roles(tails ...[]int) []asn1.ObjectIdentifier {
	var out []asn1.ObjectIdentifier
	for _, tail := range tails {
		out = append(out, append(append(asn1.ObjectIdentifier{}, roleOID...), tail...))
	}
	return out
}

// profileVectors are correct signatures by certificates that are no person's signing certificate.
func profileVectors(a *authority) []vector {
	name := func(list ...pkix.AttributeTypeAndValue) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.Subject.ExtraNames = append(c.Subject.ExtraNames, list...) }
	}
	value := func(oid int, v any) pkix.AttributeTypeAndValue {
		return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, oid}, Value: v}
	}
	list := []struct {
		name, want string
		change     func(*x509.Certificate)
	}{
		{"two IINs", KeyBadIIN, name(value(5, "IIN900101300012"))},
		{"no IIN", KeyNoIIN, func(c *x509.Certificate) { c.Subject.ExtraNames = c.Subject.ExtraNames[:1] }},
		{"IIN with a letter", KeyBadIIN, func(c *x509.Certificate) { c.Subject.ExtraNames[3].Value = "IIN85010130001O" }},
		{"IIN too long", KeyBadIIN, func(c *x509.Certificate) { c.Subject.ExtraNames[3].Value = "IIN8501013000123" }},
		{"IIN without prefix", KeyBadIIN, func(c *x509.Certificate) { c.Subject.ExtraNames[3].Value = "850101300012" }},
		{"other digits", KeyBadIIN, func(c *x509.Certificate) { c.Subject.ExtraNames[3].Value = "IIN85010130001٢" }},
		{"two BINs", KeyBadBIN, func(c *x509.Certificate) {
			name(testBIN, value(11, "BIN200140000099"))(c)
			c.UnknownExtKeyUsage = roles([]int{2})
		}},
		{"a unit that is no BIN", KeyBadBIN, name(value(11, "Бухгалтерия"))},
		{"two surnames", KeySubject, name(value(4, "БАСҚА"))},
		{"line break in the name", KeySubject, name(value(10, "ТОО\nIIN"))},
		{"direction mark in the name", KeySubject, name(value(10, "ТОО \u202e"))},
		{"no role", KeyRole, func(c *x509.Certificate) { c.UnknownExtKeyUsage = nil }},
		{"individual with a BIN", KeyRole, name(testBIN)},
		{"legal entity without a BIN", KeyRole, func(c *x509.Certificate) { c.UnknownExtKeyUsage = roles([]int{2}, []int{2, 1}) }},
		{"head alone", KeyRole, func(c *x509.Certificate) { name(testBIN)(c); c.UnknownExtKeyUsage = roles([]int{2, 1}) }},
		{"both kinds", KeyRole, func(c *x509.Certificate) { name(testBIN)(c); c.UnknownExtKeyUsage = roles([]int{1}, []int{2}) }},
		{"information system", KeySystem, func(c *x509.Certificate) { name(testBIN)(c); c.UnknownExtKeyUsage = roles([]int{2}, []int{2, 6, 1}) }},
		{"authentication key", KeyUsage, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment }},
		{"no purpose of signing", KeyUsage, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }},
		{"authority", KeyAuthorityKey, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }},
		{"key that signs certificates", KeyAuthorityKey, func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCertSign }},
		{"unknown critical extension", KeyCriticalField, func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}},
	}
	var out []vector
	for _, c := range list {
		out = append(out, vector{"6 person", c.name, c.want, must(Sign(stored, a.signer, a.certificate(c.change), Options{})), stored})
	}
	return out
}

func TestIsDemo(t *testing.T) {
	a := newAuthority(t)
	if IsDemo(a.leaf) {
		t.Fatal("an ordinary certificate is marked")
	}
	marked := a.issue(a.key.Public(), func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 5, 1}, Value: []byte{5, 0}}}
	})
	if !IsDemo(marked) {
		t.Fatal("the mark is not seen")
	}
}

func TestCheckIssued(t *testing.T) {
	a, b := newAuthority(t), newAuthority(t)
	if err := NewIssuer(a.ca).CheckIssued(a.leaf); err != nil {
		t.Fatal(err)
	}
	if err := NewIssuer(b.ca).CheckIssued(a.leaf); !fault.Is(err, KeyWrong) {
		t.Errorf("another authority of the same name: %v", err)
	}
	if err := NewIssuer(a.issue(ecdsaKey().Public(), nil)).CheckIssued(a.leaf); !fault.Is(err, KeyAlgorithm) {
		t.Errorf("a key of another family: %v", err)
	}
}
