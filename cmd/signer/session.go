// Command signer is the part of the portal that runs in the reader's browser as WebAssembly: it opens a PKCS #12 file with
// its password, shows whose certificate is in it and signs, with the very packages cms and gost that judge the signature on
// the server. It runs in a worker that can reach no network; file, password and key end with that worker.
//
// `make signer` builds it for js/wasm into internal/web/signer. See docs/decisions/0011-signing-in-the-page.md.
package main

import (
	"errors"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

// The keys of what may be wrong, besides those of package cms for a certificate that no person signs with. The page has
// the words in the reader's language.
const (
	keyTooLarge    = "signer.too-large"
	keyNotP12      = "signer.not-p12"
	keyPassword    = "signer.password"
	keyNoKey       = "signer.no-key"
	keyManyKeys    = "signer.many-keys"
	keyNoPair      = "signer.no-certificate"
	keyKind        = "signer.key-kind"
	keyCipher      = "signer.cipher"
	keyExpired     = "signer.expired"
	keyEarly       = "signer.early"
	keyOtherPerson = "signer.other-person"
	keyOtherEntity = "signer.other-entity"
	keyClosed      = "signer.closed"
	keyFailed      = "signer.failed"
)

// certificate is what the person sees before signing.
type certificate struct {
	Name, IIN           string
	Organisation, BIN   string
	Email               string
	Issuer              string // common name of the authority
	Algorithm           string // name of the suite
	NotBefore, NotAfter time.Time
}

// expected is whom the document to be signed names, and the reader's clock.
type expected struct {
	IIN, BIN string
	At       time.Time
}

// opened is the answer to a file: the certificate where it could be read, and what stands against signing with it.
type opened struct {
	Certificate *certificate
	Refusal     string // key of the reason why nothing can be signed; empty when something can
	Warning     string // key of what the server will most likely refuse; the person decides
}

// session holds at most one opened key. The zero value holds none.
type session struct {
	identity cms.Identity
}

// open reads a file and keeps its key until sign or close. It overwrites the bytes of the file and of the password; the copies
// that deriving a key makes go with the worker.
func (s *session) open(file, password []byte, e expected) opened {
	s.close()
	defer clear(password)
	defer clear(file)
	if len(file) > cms.MaxIdentity {
		return opened{Refusal: keyTooLarge}
	}
	id, err := cms.OpenP12(file, string(password))
	if err != nil {
		return opened{Refusal: refusal(err)}
	}
	c := &certificate{
		Issuer: id.Certificate.Issuer.CommonName, NotBefore: id.Certificate.NotBefore.UTC(), NotAfter: id.Certificate.NotAfter.UTC(),
		Algorithm: algorithm(id),
	}
	subject, err := cms.SubjectOf(id.Certificate)
	if err != nil {
		id.Erase()
		return opened{Certificate: c, Refusal: refusal(err)}
	}
	c.Name = strings.Join(strings.Fields(subject.Surname+" "+subject.GivenName+" "+subject.Patronymic), " ")
	c.IIN, c.BIN, c.Organisation, c.Email = subject.IIN, subject.BIN, subject.Organisation, subject.Email
	o := opened{Certificate: c}
	switch {
	case e.At.Before(c.NotBefore):
		o.Refusal = keyEarly
	case e.At.After(c.NotAfter):
		o.Refusal = keyExpired
	case e.IIN != "" && e.IIN != c.IIN:
		o.Warning = keyOtherPerson
	case e.IIN != "" && e.BIN != c.BIN:
		o.Warning = keyOtherEntity
	}
	if o.Refusal != "" {
		id.Erase()
		return o
	}
	s.identity = id
	return o
}

// sign makes a detached CMS, as DER, over each of the documents and closes the session: one opening signs once, all that was
// shown or nothing. The second result is the key of a reason.
func (s *session) sign(documents [][]byte, at time.Time) ([][]byte, string) {
	defer s.close()
	if s.identity.Key == nil {
		return nil, keyClosed
	}
	all := make([][]byte, len(documents))
	for i, content := range documents {
		signed, err := cms.Sign(content, s.identity.Key, s.identity.Certificate, cms.Options{Detached: true, SigningTime: at})
		if err != nil {
			return nil, refusal(err)
		}
		all[i] = signed
	}
	return all, ""
}

// close forgets the key.
func (s *session) close() {
	s.identity.Erase()
	s.identity = cms.Identity{}
}

// algorithm names the suite of a certificate's key.
func algorithm(id cms.Identity) string {
	for _, suite := range cms.Suites() {
		if _, err := suite.Key(id.Certificate); err == nil {
			return suite.Name()
		}
	}
	return ""
}

// refusal is the key of a reason.
func refusal(err error) string {
	reasons := []struct {
		err error
		key string
	}{
		{cms.ErrPassword, keyPassword}, {cms.ErrNoPassword, keyPassword}, {cms.ErrNoKey, keyNoKey}, {cms.ErrManyKeys, keyManyKeys},
		{cms.ErrNoCertificate, keyNoPair}, {cms.ErrKeyKind, keyKind}, {cms.ErrKeyFile, keyNotP12}, {cms.ErrKeyCipher, keyCipher},
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.key
		}
	}
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	return keyFailed
}
