package ca

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"
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
	Employee       Kind = "employee"
)

// Person is a made-up person, and the organisation the key is for.
type Person struct {
	Kind         Kind
	IIN          string
	Surname      string
	GivenName    string
	Patronymic   string
	Email        string
	BIN          string // Head, RightToSign and Employee only
	Organisation string // name of the organisation
}

// Name is the name of the person's files: IIN, then BIN and kind where the key is for an organisation.
func (p Person) Name() string {
	if p.BIN == "" {
		return p.IIN
	}
	return p.IIN + "-" + p.BIN + "-" + string(p.Kind)
}

// check refuses what the profile cannot say.
func (p Person) check() error {
	twelve := func(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }
	entity := p.Kind == Head || p.Kind == RightToSign || p.Kind == Employee
	switch {
	case !entity && p.Kind != Individual && p.Kind != SoleProprietor:
		return fmt.Errorf("demo ca: unknown kind %q", p.Kind)
	case !twelve(p.IIN) || entity != twelve(p.BIN) || !entity && p.BIN != "":
		return errors.New("demo ca: numbers do not suit the kind")
	case p.Surname == "" || p.GivenName == "":
		return errors.New("demo ca: a person without a name")
	}
	return nil
}

// Issue gives a person's key and certificate: those in the folder when they are still valid for at least a day and
// not revoked, else new ones.
func (c *CA) Issue(p Person) (KeyPair, error) {
	if err := p.check(); err != nil {
		return KeyPair{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := p.Name()
	keyFile, certificateFile := filepath.Join(c.dir, "people", name+".key.pem"), filepath.Join(c.dir, "people", name+".pem")
	pair, err := load(name, keyFile, certificateFile)
	if err == nil && c.serves(pair.Certificate, p) {
		return pair, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return KeyPair{}, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return KeyPair{}, err
	}
	der, err := c.certify(p, key.Public())
	if err != nil {
		return KeyPair{}, err
	}
	return save(name, keyFile, certificateFile, key, der)
}

// IssueOver certifies a given RSA key, without writing anything: thousands of certificates over one key cost only the
// authority's signatures.
func (c *CA) IssueOver(key crypto.Signer, p Person) (KeyPair, error) {
	if err := p.check(); err != nil {
		return KeyPair{}, err
	}
	der, err := c.certify(p, key.Public())
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
func (c *CA) serves(held *x509.Certificate, p Person) bool {
	subject, err := asn1.Marshal(p.subject())
	if err != nil || !bytes.Equal(subject, held.RawSubject) || !bytes.Equal(held.AuthorityKeyId, c.issuing.Certificate.SubjectKeyId) {
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
	case Employee:
		return []asn1.ObjectIdentifier{role(2), role(2, 5)}
	}
	return []asn1.ObjectIdentifier{role(1)}
}

// certify makes a certificate of the NCA's leaf profile over a public key.
func (c *CA) certify(p Person, public crypto.PublicKey) ([]byte, error) {
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
	return x509.CreateCertificate(rand.Reader, template, c.issuing.Certificate, public, c.issuing.Key)
}
