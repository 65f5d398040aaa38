package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/gost"
)

// MaxIdentity bounds a file with a key, in bytes.
const MaxIdentity = 1 << 20

// What is wrong with a file of a key; the words are for the operator and hold nothing of the file's contents.
var (
	ErrPassword      = errors.New("the password is wrong, or the file is damaged")
	ErrNoPassword    = errors.New("the key is encrypted and no password is given")
	ErrNoKey         = errors.New("there is no private key in it")
	ErrManyKeys      = errors.New("there is more than one private key in it")
	ErrNoCertificate = errors.New("there is no certificate of the private key in it")
	ErrKeyKind       = errors.New("the private key is of a kind that this program cannot sign with; RSA of 2048 to 4096 bits is needed, or GOST as the National Certification Authority has it")
	ErrKeyFile       = errors.New("it is neither PEM nor PKCS #12 that this program can read")
	ErrKeyCipher     = errors.New("it is encrypted in a way that this program does not know; PBES2 with AES is known, and the older PKCS #12 encryption")
)

// Identity is a private key with its certificate, such as the one with which an organisation seals documents.
type Identity struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
}

// ParseIdentity reads the key and its certificate from files: one PKCS #12 file (RFC 7292), or PEM files, of which one
// may hold both. Certificates of others, such as the authority's, may stand beside. The errors are the ones above.
func ParseIdentity(password string, files ...[]byte) (Identity, error) {
	var found bag
	for _, file := range files {
		if len(file) > MaxIdentity {
			return Identity{}, ErrKeyFile
		}
		var err error
		if len(file) > 0 && file[0] == tagSequence {
			err = found.readP12(file, password)
		} else {
			err = found.readPEM(file, password)
		}
		if err != nil {
			return Identity{}, err
		}
	}
	return found.identity()
}

// OpenP12 is ParseIdentity for one PKCS #12 file and nothing else: what the National Certification Authority hands out. The
// errors are the ones above.
func OpenP12(file []byte, password string) (Identity, error) {
	if len(file) > MaxIdentity || len(file) == 0 || file[0] != tagSequence {
		return Identity{}, ErrKeyFile
	}
	var found bag
	if err := found.readP12(file, password); err != nil {
		return Identity{}, err
	}
	return found.identity()
}

// bag collects what the files hold.
type bag struct {
	keys         []crypto.Signer
	certificates []*x509.Certificate
}

// identity joins the one key with its certificate.
func (b *bag) identity() (Identity, error) {
	switch {
	case len(b.keys) == 0:
		return Identity{}, ErrNoKey
	case len(b.keys) > 1:
		return Identity{}, ErrManyKeys
	}
	for _, c := range b.certificates {
		if !belongs(b.keys[0], c) {
			continue
		}
		if _, _, err := suiteOf(c); err != nil {
			return Identity{}, ErrKeyKind
		}
		return Identity{Key: b.keys[0], Certificate: c}, nil
	}
	return Identity{}, ErrNoCertificate
}

// belongs tells whether the public half of a key is the certificate's.
func belongs(key crypto.Signer, c *x509.Certificate) bool {
	switch public := key.Public().(type) {
	case *rsa.PublicKey:
		return public.Equal(c.PublicKey)
	case *gost.PublicKey:
		certified, err := gost.ParsePublicKey(c.RawSubjectPublicKeyInfo)
		return err == nil && public.Equal(certified)
	}
	return false
}

func (b *bag) readPEM(text []byte, password string) error {
	blocks := 0
	for rest := text; ; blocks++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if err := b.readBlock(block, password); err != nil {
			return err
		}
	}
	if blocks == 0 || bytes.Count(text, []byte("-----BEGIN")) != blocks {
		return ErrKeyFile
	}
	return nil
}

func (b *bag) readBlock(block *pem.Block, password string) error {
	if block.Headers["DEK-Info"] != "" {
		return ErrKeyCipher // the encryption of PEM itself (RFC 1423): unauthenticated, one round of MD5
	}
	switch block.Type {
	case "CERTIFICATE":
		return b.addCertificate(block.Bytes)
	case "PRIVATE KEY", "RSA PRIVATE KEY":
		return b.addKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return b.addEncrypted(block.Bytes, password)
	}
	return fmt.Errorf("%w: it holds %q", ErrKeyFile, block.Type)
}

func (b *bag) addCertificate(der []byte) error {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("%w: a certificate cannot be read", ErrKeyFile)
	}
	b.certificates = append(b.certificates, c)
	return nil
}

// addKey takes PKCS #8, or PKCS #1 as older tools write it. What the parser says of a key is not repeated.
func (b *bag) addKey(der []byte) error {
	if key, ok := readGOSTKey(der); ok {
		b.keys = append(b.keys, key)
		return nil
	}
	if wrapped, ok := readRSAKey(der); ok {
		der = wrapped
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return ErrKeyKind
	}
	b.keys = append(b.keys, key)
	return nil
}

// readRSAKey opens a PKCS #8 (RFC 5958) around an RSA key and gives what is inside, a PKCS #1. The parser of package x509
// would bring every other kind of key with it, which weighs in the browser.
func readRSAKey(der []byte) ([]byte, bool) {
	in := cryptobyte.String(der)
	var info, wrapped cryptobyte.String
	var version int64
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !in.Empty() || !info.ReadASN1Integer(&version) || version != 0 {
		return nil, false
	}
	algorithm, ok := readAlgorithm(&info)
	ok = ok && algorithm.OID == oidRSA && algorithm.plain() && info.ReadASN1(&wrapped, asn1.OCTET_STRING) && info.SkipOptionalASN1(context0) && info.Empty()
	return wrapped, ok
}
