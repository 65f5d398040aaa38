package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/fault"
	"elicense/internal/gost"
)

// The identifiers of RFC 9215, which OpenSSL's gost engine knows in the place of Kazakhstan's.
const (
	oidRussianStreebog = "\x2a\x85\x03\x07\x01\x01\x02" // 1.2.643.7.1.1.2
	oidRussianKey      = "\x2a\x85\x03\x07\x01\x01\x01" // 1.2.643.7.1.1.1
	oidRussianSignwith = "\x2a\x85\x03\x07\x01\x01\x03" // 1.2.643.7.1.1.3
)

// russianSuite is GOST R 34.10-2012 as the engine has it: other identifiers, and the signature in the reverse order.
type russianSuite struct {
	key   string // the last arc of a key: 1 for 256 bits, 2 for 512
	last  string // the last arc of a hash and of a signature: 2 for 256 bits, 3 for 512
	curve *gost.Curve
	hash  func() hash.Hash
}

func (s russianSuite) Name() string { return "russian " + s.curve.Name() }
func (s russianSuite) Digest(a Algorithm) bool {
	return a.OID == oidRussianStreebog+s.last && a.plain()
}
func (s russianSuite) Signature(a Algorithm, inCMS bool) bool {
	return a.plain() && (a.OID == oidRussianSignwith+s.last || inCMS && a.OID == oidRussianKey+s.key)
}
func (s russianSuite) New() hash.Hash { return s.hash() }

func (s russianSuite) Key(c *x509.Certificate) (Key, error) {
	raw := c.RawSubjectPublicKeyInfo
	if keyAlgorithm(raw) != oidRussianKey+s.key {
		return nil, refuse(KeyAlgorithm)
	}
	public, err := gost.NewPublicKey(s.curve, raw[len(raw)-2*s.curve.Size():])
	if err != nil {
		return nil, err
	}
	return russianKey{gostKey{s.hash, public}}, nil
}

func (s russianSuite) Sign(key crypto.Signer, message []byte) ([]byte, error) {
	h := s.hash()
	h.Write(message)
	signature, err := key.Sign(rand.Reader, h.Sum(nil), nil)
	return reversed(signature), err
}

func (s russianSuite) Identifiers() (digest, signature []byte) {
	return algorithmIdentifier(oidRussianStreebog + s.last), algorithmIdentifier(oidRussianKey + s.key)
}

type russianKey struct{ gostKey }

func (k russianKey) Verify(message, signature []byte) error {
	return k.gostKey.Verify(message, reversed(signature))
}

// engine runs OpenSSL with the gost engine, which has to be there: another implementation is part of the proof.
func engine(t *testing.T, dir string, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", append([]string{args[0], "-engine", "gost"}, args[1:]...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.New(strings.TrimSpace(string(out)) + ": " + err.Error())
	}
	return nil
}

// TestEngine holds certificates and CMS against OpenSSL's gost engine, both ways. The identifiers and the order of r and s
// are the engine's (russianSuite); structure, attributes, digests and mathematics are those of the product.
func TestEngine(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: without OpenSSL's gost engine")
	}
	for _, v := range []struct {
		algorithm, params, digest string
		suite                     russianSuite
	}{
		{"gost2012_512", "A", "md_gost12_512", russianSuite{"\x02", "\x03", gost.Curve512A(), func() hash.Hash { return gost.NewStreebog512() }}},
		{"gost2012_256", "TCA", "md_gost12_256", russianSuite{"\x01", "\x02", gost.Curve256A(), func() hash.Hash { return gost.NewStreebog256() }}},
	} {
		t.Run(v.algorithm, func(t *testing.T) {
			dir := t.TempDir()
			run := func(args ...string) {
				t.Helper()
				if err := engine(t, dir, args...); err != nil {
					t.Fatalf("openssl %v: %v (is libengine-gost-openssl installed?)", args, err)
				}
			}
			put := func(name string, b []byte) {
				if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, n := range []string{"ca", "leaf"} {
				run("genpkey", "-algorithm", v.algorithm, "-pkeyopt", "paramset:"+v.params, "-out", n+".key")
			}
			run("req", "-x509", "-key", "ca.key", "-subj", "/CN=CA", "-days", "30", "-out", "ca.pem")
			run("req", "-new", "-key", "leaf.key", "-subj", "/CN=leaf", "-out", "leaf.csr")
			run("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7", "-days", "30", "-out", "leaf.pem")
			run("pkey", "-in", "leaf.key", "-outform", "DER", "-out", "leaf.der")
			put("content", stored)
			read := func(name string) *x509.Certificate {
				block, _ := pem.Decode(file(t, dir, name))
				return must(x509.ParseCertificate(block.Bytes))
			}
			ca, leaf := read("ca.pem"), read("leaf.pem")
			issuer := &Issuer{suite: v.suite, key: must(v.suite.Key(ca))}
			if err := errors.Join(issuer.CheckIssued(ca), issuer.CheckIssued(leaf)); err != nil {
				t.Errorf("the engine's certificates: %v", err)
			}
			if err := NewIssuer(ca).CheckIssued(leaf); !fault.Is(err, KeyAlgorithm) {
				t.Errorf("Russian identifiers are not for us: %v", err)
			}
			secret := file(t, dir, "leaf.der")
			key := must(gost.NewPrivateKey(v.suite.curve, secret[len(secret)-v.suite.curve.Size():]))
			for _, detached := range []bool{false, true} {
				oursThere(t, dir, v.suite, key, leaf, detached)
			}
			// The engine's here.
			for _, more := range [][]string{nil, {"-nodetach"}} {
				run(append([]string{"cms", "-sign", "-binary", "-md", v.digest, "-signer", "leaf.pem", "-inkey", "leaf.key", "-in", "content", "-outform", "DER", "-out", "theirs"}, more...)...)
				theirs := file(t, dir, "theirs")
				if _, err := Parse(theirs); !fault.Is(err, KeyAlgorithm) {
					t.Errorf("Russian identifiers are not for us: %v", err)
				}
				if _, err := parse(theirs, []Suite{v.suite}); !fault.Is(err, KeyNoCertificateID) {
					t.Errorf("without signing certificate: %v", err)
				}
				checkTheirs(t, theirs, v.suite, leaf)
			}
		})
	}
}

// oursThere has the engine verify a CMS of ours, by the certificate ca.pem.
func oursThere(t *testing.T, dir string, s Suite, key crypto.Signer, leaf *x509.Certificate, detached bool) {
	t.Helper()
	ours := signWith(t, s, key, leaf, Options{Detached: detached})
	parsed := must(parse(ours, []Suite{s}))
	if _, err := parsed.Verify(stored); err != nil {
		t.Errorf("ours by us: %v", err)
	}
	name := filepath.Join(dir, "ours")
	args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", "ours", "-CAfile", "ca.pem", "-purpose", "any", "-cades", "-out", "out"}
	if detached {
		args = append(args, "-content", "content")
	}
	if err := errors.Join(os.WriteFile(name, ours, 0o600), engine(t, dir, args...)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file(t, dir, "out"), stored) {
		t.Error("the engine has read other content")
	}
	ours[len(ours)-1] ^= 1
	if err := os.WriteFile(name, ours, 0o600); err != nil {
		t.Fatal(err)
	}
	if engine(t, dir, args...) == nil {
		t.Error("the engine accepts a changed signature")
	}
}

// signWith is Sign with a suite of the tests.
func signWith(t *testing.T, s Suite, key crypto.Signer, c *x509.Certificate, o Options) []byte {
	t.Helper()
	h := s.New()
	h.Write(stored)
	attributes := must(documentShape().attributes(h.Sum(nil), c, time.Now()))
	return must(documentShape().build(stored, c, s, attributes, must(s.Sign(key, node(tagSet, attributes))), o))
}

// checkTheirs verifies the digest and the signature of a CMS that has no SigningCertificateV2 over SHA-256, which OpenSSL
// cannot be made to write with these algorithms.
func checkTheirs(t *testing.T, der []byte, s Suite, c *x509.Certificate) {
	t.Helper()
	body := must(signedDataOf(der))
	var version, digests, content, certificates, signers, signer, id, algorithm, attributes, signature cryptobyte.String
	if !body.ReadASN1(&version, asn1.INTEGER) || !body.ReadASN1(&digests, asn1.SET) || !body.ReadASN1(&content, asn1.SEQUENCE) ||
		!body.ReadASN1(&certificates, context0) || !body.ReadASN1(&signers, asn1.SET) || !signers.ReadASN1(&signer, asn1.SEQUENCE) ||
		!signer.ReadASN1(&version, asn1.INTEGER) || !signer.ReadASN1(&id, asn1.SEQUENCE) || !signer.ReadASN1(&algorithm, asn1.SEQUENCE) ||
		!signer.ReadASN1(&attributes, context0) || !signer.ReadASN1(&algorithm, asn1.SEQUENCE) || !signer.ReadASN1(&signature, asn1.OCTET_STRING) {
		t.Fatal("unexpected structure")
	}
	h := s.New()
	h.Write(stored)
	if !bytes.Contains(attributes, attrOf(oidMessageDigest, node(tagOctets, h.Sum(nil)))) {
		t.Error("our digest of the content is not among the engine's attributes")
	}
	if err := must(s.Key(c)).Verify(node(tagSet, attributes), signature); err != nil {
		t.Errorf("the engine's signature: %v", err)
	}
}
