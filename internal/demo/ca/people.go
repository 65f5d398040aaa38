package ca

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Kind is what a certificate makes of a person.
type Kind string

// The kinds. A sole proprietor signs with the certificate of an individual: the NCA gives no other.
const (
	Individual     Kind = "individual"
	SoleProprietor Kind = "sole-proprietor"
	Head           Kind = "head"
	RightToSign    Kind = "right-to-sign"
	Financial      Kind = "financial"
	HR             Kind = "hr"
	Employee       Kind = "employee"
	System         Kind = "system" // an information system, which is nobody
)

// Kinds lists the kinds.
func Kinds() []Kind {
	return []Kind{Individual, SoleProprietor, Head, RightToSign, Financial, HR, Employee, System}
}

// entity tells whether a key is for an organisation.
func (k Kind) entity() bool { return k != Individual && k != SoleProprietor }

// Person is a made-up person, and the organisation the key is for.
type Person struct {
	Kind         Kind
	IIN          string
	Surname      string
	GivenName    string
	Patronymic   string
	Email        string
	BIN          string // of the organisation; empty for Individual and SoleProprietor
	Organisation string // name of the organisation
	System       string // name of the information system; System only, which has neither IIN nor surname
}

// Name is the name of the person's files: IIN, then BIN and kind where the key is for an organisation. An information
// system has no IIN.
func (p Person) Name() string {
	switch {
	case p.BIN == "":
		return p.IIN
	case p.Kind == System:
		return p.BIN + "-" + string(p.Kind)
	}
	return p.IIN + "-" + p.BIN + "-" + string(p.Kind)
}

// check refuses what the profile cannot say.
func (p Person) check() error {
	twelve := func(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }
	entity, system := p.Kind.entity(), p.Kind == System
	switch {
	case !slices.Contains(Kinds(), p.Kind):
		return fmt.Errorf("demo ca: unknown kind %q", p.Kind)
	case system != (p.IIN == "") || !system && !twelve(p.IIN) || entity != twelve(p.BIN) || !entity && p.BIN != "":
		return errors.New("demo ca: numbers do not suit the kind")
	case entity && p.Organisation == "":
		return errors.New("demo ca: an organisation without a name")
	case system != (p.System != "") || system != (p.Surname == "") || system != (p.GivenName == ""):
		return errors.New("demo ca: a person without a name, or a system without one")
	}
	return nil
}

// Issue gives a person's RSA key and certificate: those in the folder when they are still valid for at least a day and
// not revoked, else new ones.
func (c *CA) Issue(p Person) (KeyPair, error) { return c.IssueAs(p, RSA, "") }

// IssueAs is Issue for a key of any family. With a password it is kept in the folder as PKCS #12 under that password, else
// as PEM.
func (c *CA) IssueAs(p Person, a Algorithm, password string) (KeyPair, error) {
	if err := p.check(); err != nil {
		return KeyPair{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := fileName(p.Name(), a)
	file := filepath.Join(c.dir, "people", name)
	read := func() (KeyPair, error) { return load(name, file+".key.pem", file+".pem") }
	if password != "" {
		read = func() (KeyPair, error) { return loadP12(name, file+".p12", password) }
	}
	pair, err := read()
	if err == nil && c.serves(pair.Certificate, p, a) {
		return pair, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return KeyPair{}, err
	}
	key, err := newKey(a)
	if err != nil {
		return KeyPair{}, err
	}
	der, err := c.certify(p, key)
	if err != nil {
		return KeyPair{}, err
	}
	if password == "" {
		return save(name, file+".key.pem", file+".pem", key, der)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return KeyPair{}, err
	}
	pair = KeyPair{Name: name, Key: key, Certificate: certificate}
	return pair, pair.WriteP12(file+".p12", password)
}

// IssueOver certifies a given key, without writing anything: thousands of certificates over one key cost only the
// authority's signatures.
func (c *CA) IssueOver(key crypto.Signer, p Person) (KeyPair, error) {
	if err := p.check(); err != nil {
		return KeyPair{}, err
	}
	der, err := c.certify(p, key)
	if err != nil {
		return KeyPair{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{Name: p.Name(), Key: key, Certificate: certificate}, nil
}

// serves tells whether a certificate of the folder is still this person's.
func (c *CA) serves(held *x509.Certificate, p Person, a Algorithm) bool {
	subject, err := asn1.Marshal(p.subject())
	by := c.branches[branchOf(a)]
	if err != nil || by == nil || !bytes.Equal(subject, held.RawSubject) || !bytes.Equal(held.AuthorityKeyId, by.issuing.Certificate.SubjectKeyId) {
		return false
	}
	_, revoked := c.revokedAt(held.SerialNumber)
	return !revoked && c.now().Add(24*time.Hour).Before(held.NotAfter)
}

// subject is the name in the NCA's order and string types.
func (p Person) subject() pkix.RDNSequence {
	type pair struct {
		oid   asn1.ObjectIdentifier
		value string
	}
	list := []pair{
		{asn1.ObjectIdentifier{2, 5, 4, 3}, p.Surname + " " + p.GivenName}, {asn1.ObjectIdentifier{2, 5, 4, 4}, p.Surname},
		{asn1.ObjectIdentifier{2, 5, 4, 5}, "IIN" + p.IIN}, {asn1.ObjectIdentifier{2, 5, 4, 6}, "KZ"},
	}
	if p.Kind == System {
		list = []pair{{asn1.ObjectIdentifier{2, 5, 4, 3}, p.System}, {asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, systemID}, {asn1.ObjectIdentifier{2, 5, 4, 6}, "KZ"}}
	}
	if p.BIN != "" {
		list = append(list, pair{asn1.ObjectIdentifier{2, 5, 4, 10}, p.Organisation}, pair{asn1.ObjectIdentifier{2, 5, 4, 11}, "BIN" + p.BIN})
	}
	if p.Patronymic != "" {
		list = append(list, pair{asn1.ObjectIdentifier{2, 5, 4, 42}, p.Patronymic})
	}
	var out pkix.RDNSequence
	for _, a := range list {
		if a.value != "" {
			out = append(out, pkix.RelativeDistinguishedNameSET{{Type: a.oid, Value: a.value}})
		}
	}
	return out
}

// roles are the extended key usages under the NCA's arc for persons.
func (p Person) roles() []asn1.ObjectIdentifier {
	role := func(tail ...int) asn1.ObjectIdentifier {
		return append(asn1.ObjectIdentifier{1, 2, 398, 3, 3, 4, 1}, tail...)
	}
	switch p.Kind {
	case Head:
		return []asn1.ObjectIdentifier{role(2), role(2, 1)}
	case RightToSign:
		return []asn1.ObjectIdentifier{role(2), role(2, 2)}
	case Financial:
		return []asn1.ObjectIdentifier{role(2), role(2, 3)}
	case HR:
		return []asn1.ObjectIdentifier{role(2), role(2, 4)}
	case Employee:
		return []asn1.ObjectIdentifier{role(2), role(2, 5)}
	case System:
		return []asn1.ObjectIdentifier{role(2)}
	}
	return []asn1.ObjectIdentifier{role(1)}
}

// systemID is what an information system is registered as; the arc is the one kept for examples.
const systemID = "1.3.6.1.4.1.32473.5.3"

// certify makes a certificate of the NCA's leaf profile over a key.
func (c *CA) certify(p Person, key crypto.Signer) ([]byte, error) {
	family, err := algorithmOf(key)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	if err != nil {
		return nil, err
	}
	subject, err := asn1.Marshal(p.subject())
	if err != nil {
		return nil, err
	}
	now := c.now().UTC().Truncate(time.Second)
	template := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), RawSubject: subject,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, UnknownExtKeyUsage: p.roles(),
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(c.validity),
		PolicyIdentifiers: []asn1.ObjectIdentifier{{1, 3, 6, 1, 4, 1, 32473, 5, 2}}, ExtraExtensions: []pkix.Extension{mark()},
	}
	if p.Email != "" {
		template.EmailAddresses = []string{p.Email}
	}
	if family == GOST512 || family == GOST256 {
		template.KeyUsage |= x509.KeyUsageKeyAgreement
	}
	return create(template, key, &c.branches[branchOf(family)].issuing)
}
