package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is written here is read here, with keys of every suite, and not with another password.
func TestMarshalP12(t *testing.T) {
	for _, s := range Suites() {
		a := newGOSTAuthority(t, s, s)
		id := Identity{Key: a.signer, Certificate: a.leaf}
		file := must(id.MarshalP12("Айгүл", "құпия 1"))
		got, err := ParseIdentity("құпия 1", file)
		if err != nil || !got.Certificate.Equal(a.leaf) {
			t.Fatalf("%s: %v", s.Name(), err)
		}
		if _, err := check(must(Sign(stored, got.Key, got.Certificate, Options{})), stored); err != nil {
			t.Errorf("%s: the key that was read: %v", s.Name(), err)
		}
		if _, err := ParseIdentity("құпия 2", file); err != ErrPassword {
			t.Errorf("%s with another password: %v", s.Name(), err)
		}
		if bytes.Equal(file, must(id.MarshalP12("Айгүл", "құпия 1"))) {
			t.Errorf("%s: two files are the same, so their salts are", s.Name())
		}
		if _, err := id.MarshalP12("x", ""); err != ErrNoPassword {
			t.Errorf("%s without a password: %v", s.Name(), err)
		}
		if _, err := (Identity{Key: a.signer, Certificate: a.ca}).MarshalP12("x", "y"); err != ErrNoCertificate {
			t.Errorf("%s with the certificate of another key: %v", s.Name(), err)
		}
		plain := must(MarshalKey(a.signer))
		files := [][]byte{pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: plain}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.leaf.Raw})}
		if got, err := ParseIdentity("", files...); err != nil || !got.Certificate.Equal(a.leaf) {
			t.Errorf("%s in PEM: %v", s.Name(), err)
		}
	}
	if _, err := MarshalKey(ecdsaKey()); err != ErrKeyKind {
		t.Errorf("a key of no suite: %v", err)
	}
}

// OpenSSL opens the file of an RSA key, finds key and certificate in it, and refuses another password.
func TestOpenSSLOpensOurP12(t *testing.T) {
	a := newAuthority(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "key.p12")
	if err := os.WriteFile(file, must(Identity{Key: a.key, Certificate: a.leaf}.MarshalP12("Aigul", "password 1")), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(password string) (string, error) {
		out, err := exec.CommandContext(t.Context(), "openssl", "pkcs12", "-in", file, "-passin", "pass:"+password, "-nodes").CombinedOutput()
		return string(out), err
	}
	text, err := open("password 1")
	if err != nil || !strings.Contains(text, "friendlyName: Aigul") {
		t.Fatalf("%v\n%s", err, text)
	}
	var found bag
	if err := found.readPEM([]byte(text), ""); err != nil {
		t.Fatal(err)
	}
	if id, err := found.identity(); err != nil || !id.Certificate.Equal(a.leaf) || !a.key.Equal(id.Key) {
		t.Errorf("openssl found another key: %v", err)
	}
	if _, err := open("password 2"); err == nil {
		t.Error("openssl opens it with another password")
	}
	if _, err := x509.ParsePKCS8PrivateKey(must(MarshalKey(a.key))); err != nil {
		t.Error(err)
	}
}
