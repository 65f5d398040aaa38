package config

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/gost"
)

// sealFiles are a key and its certificate, the same for all tests: keys take long to find.
var sealFiles = func() func(*testing.T) (key, certificate string) {
	var once sync.Once
	var k, c string
	return func(t *testing.T) (string, string) {
		once.Do(func() { k, c = newSeal(t, false) })
		return k, c
	}
}()

func newSeal(t *testing.T, demo bool) (key, certificate string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "seal"},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	if demo {
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 5, 1}, Value: []byte{0x0c, 4, 'D', 'E', 'M', 'O'}}}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// A PKCS #12 file opens with the password of a file or of the environment; every mistake is said in words, by its key, and
// never with the password.
func TestSealPassword(t *testing.T) {
	c := good(t)
	dir := filepath.Dir(c.Seal)
	const password = "hunter2 құпия"
	cmd := exec.CommandContext(t.Context(), "openssl", "pkcs12", "-export", "-inkey", "seal.key", "-in", "seal.crt", "-out", "seal.p12", "-passout", "pass:"+password)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(dir, "p12-password")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(password + "\r\n")
	c.Seal, c.SealKey, c.SealPassword = filepath.Join(dir, "seal.p12"), "", file
	id, err := c.SealIdentity()
	if err != nil || id.Certificate.Subject.CommonName != "seal" || c.Check() != nil {
		t.Fatalf("%v %v", err, c.Check())
	}
	wrong := func(what, key string) {
		t.Helper()
		err := c.Check()
		if err == nil || !strings.HasPrefix(err.Error(), key+": ") || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "hunter3") {
			t.Errorf("%s: %v", what, err)
		}
	}
	write("hunter3")
	wrong("another password", "seal-password-file")
	c.SealPassword = ""
	wrong("no password", "seal-password-file")
	t.Setenv(passwordVariable, password)
	if err := c.Check(); err != nil {
		t.Errorf("from the environment: %v", err)
	}
	c.SealPassword = file
	wrong("two passwords", "seal-password-file")
	t.Setenv(passwordVariable, "hunter3")
	c.SealPassword = ""
	wrong("another password in the environment", "seal")
	c = good(t)
	c.SealKey = ""
	t.Setenv(passwordVariable, password)
	c.SealPassword = ""
	wrong("a certificate alone", "seal")
	c = good(t)
	c.Seal = None
	if err := c.Check(); err == nil || strings.Count(err.Error(), "has no use without seal") != 2 {
		t.Errorf("key and password of nothing: %v", err)
	}
}

func TestRegistersToken(t *testing.T) {
	c := good(t)
	if token, err := c.RegistersToken(); err != nil || token != strings.Repeat("t", 20) {
		t.Errorf("%q %v", token, err)
	}
	for _, text := range []string{"", "short", "a token with spaces in it", strings.Repeat("қ", 20), strings.Repeat("t", 20) + "\nX-Header: y", strings.Repeat("t", 20<<10)} {
		if err := os.WriteFile(c.RegistersKey, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if token, err := c.RegistersToken(); err == nil || len(text) > 8 && strings.Contains(err.Error(), text) {
			t.Errorf("%.40q: %q %v", text, token, err)
		}
	}
}

// A key that readers of PDF cannot verify is refused when the configuration is checked, not when the first permit is made.
func TestSealIsRSA(t *testing.T) {
	national, err := gost.GenerateKey(gost.Curve512A(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if readable(cms.Identity{Key: national}) {
		t.Error("a GOST key seals")
	}
	id, err := good(t).SealIdentity()
	if err != nil || !readable(id) {
		t.Errorf("an RSA key: %v", err)
	}
}
