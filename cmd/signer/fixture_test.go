package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
	"elicense/internal/gost"
)

// secret is the password of every file of the tests: Cyrillic, because people have such.
const secret = "Құпия сөз 1"

// clock is when the tests happen.
func clock() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// head is the made-up head of an organisation.
func head() ca.Person {
	return ca.Person{Kind: ca.Head, IIN: "790123300014", Surname: "Үлгібаев", GivenName: "Ерлан", Patronymic: "Маратұлы", Email: "ulgibaev@example.kz", BIN: "210340070101", Organisation: "«Үлгі Сауда» ЖШС"}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// folder holds the key of a person, issued by an authority of the test's own, as PEM files key.pem and cert.pem.
func folder(t *testing.T, p ca.Person) string {
	t.Helper()
	authority := must(ca.Open(t.TempDir(), ca.Options{Now: clock}))
	return write(t, must(authority.IssueOver(must(rsa.GenerateKey(rand.Reader, 2048)), p)))
}

func write(t *testing.T, pair ca.KeyPair) string {
	t.Helper()
	dir := t.TempDir()
	key := must(x509.MarshalPKCS8PrivateKey(pair.Key))
	for name, block := range map[string]*pem.Block{"key.pem": {Type: "PRIVATE KEY", Bytes: key}, "cert.pem": {Type: "CERTIFICATE", Bytes: pair.Certificate.Raw}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// export makes a PKCS #12 of a folder with openssl.
func export(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	args = append([]string{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "file.p12", "-passout", "pass:" + secret}, args...)
	cmd := exec.CommandContext(t.Context(), "openssl", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
	return must(os.ReadFile(filepath.Join(dir, "file.p12")))
}

// selfSigned is the certificate of a key that no authority has seen; change bends it.
func selfSigned(t *testing.T, change func(*x509.Certificate)) string {
	t.Helper()
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	template := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: clock().AddDate(0, 0, -1), NotAfter: clock().AddDate(0, 0, 1)}
	change(template)
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return write(t, ca.KeyPair{Key: key, Certificate: must(x509.ParseCertificate(der))})
}

// national is an identity with a key on a curve. The authority's signature under the certificate is none: nobody here
// looks at it.
func national(t *testing.T, curve *gost.Curve) cms.Identity {
	t.Helper()
	key := must(gost.GenerateKey(curve, rand.Reader))
	spki, ok := gost.MarshalPublicKey(key.PublicKey())
	if !ok {
		t.Fatal("a curve without a name")
	}
	authority := must(ca.Open(t.TempDir(), ca.Options{Now: clock}))
	var stand crypto.Signer = must(rsa.GenerateKey(rand.Reader, 2048))
	other := must(authority.IssueOver(stand, head())).Certificate
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		tbs := cryptobyte.String(other.RawTBSCertificate)
		var fields cryptobyte.String
		tbs.ReadASN1(&fields, asn1.SEQUENCE)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for !fields.Empty() {
				var field cryptobyte.String
				var tag asn1.Tag
				fields.ReadAnyASN1Element(&field, &tag)
				if bytes.Equal(field, other.RawSubjectPublicKeyInfo) {
					field = spki
				}
				b.AddBytes(field)
			}
		})
		rest := cryptobyte.String(other.Raw)
		var body, skipped cryptobyte.String
		rest.ReadASN1(&body, asn1.SEQUENCE)
		body.ReadASN1(&skipped, asn1.SEQUENCE)
		b.AddBytes(body)
	})
	return cms.Identity{Key: key, Certificate: must(x509.ParseCertificate(b.BytesOrPanic()))}
}
