package cms

import (
	"bytes"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// keyFiles are the key and certificate of one subject, and the same in every form that openssl writes.
func keyFiles(t *testing.T) (dir string, want []byte) {
	t.Helper()
	dir = t.TempDir()
	openssl(t, dir, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "30", "-subj", "/CN=seal")
	openssl(t, dir, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "other.key.pem", "-out", "other.pem", "-days", "30", "-subj", "/CN=other")
	for name, args := range map[string][]string{
		"modern.p12":   {},
		"aes128.p12":   {"-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC", "-macalg", "sha1", "-iter", "1"},
		"sha512.p12":   {"-macalg", "sha512"},
		"open.p12":     {"-certpbe", "NONE"},
		"chain.p12":    {"-certfile", "other.pem"},
		"old.p12":      {"-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"},
		"3des.p12":     {"-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"},
		"unsealed.p12": {"-nomac"},
	} {
		openssl(t, dir, append([]string{"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", name, "-passout", "pass:сөз 1", "-name", "seal"}, args...)...)
	}
	openssl(t, dir, "pkcs8", "-topk8", "-in", "key.pem", "-out", "encrypted.pem", "-passout", "pass:сөз 1")
	openssl(t, dir, "pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-in", "key.pem", "-out", "des3.pem", "-passout", "pass:сөз 1")
	openssl(t, dir, "rsa", "-traditional", "-in", "key.pem", "-out", "pkcs1.pem")
	openssl(t, dir, "rsa", "-traditional", "-aes128", "-in", "key.pem", "-out", "rfc1423.pem", "-passout", "pass:сөз 1")
	openssl(t, dir, "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "ec1.pem")
	openssl(t, dir, "pkcs8", "-topk8", "-nocrypt", "-in", "ec1.pem", "-out", "ec.pem")
	openssl(t, dir, "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", "weak.key.pem", "-out", "weak.pem", "-days", "30", "-subj", "/CN=weak")
	block, _ := pem.Decode(file(t, dir, "cert.pem"))
	return dir, block.Bytes
}

func openssl(t *testing.T, dir string, args ...string) {
	t.Helper()
	binary, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

func file(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestIdentity(t *testing.T) {
	dir, certificate := keyFiles(t)
	const password = "сөз 1"
	for _, c := range []struct {
		files    []string
		password string
		want     error
	}{
		{[]string{"modern.p12"}, password, nil}, {[]string{"aes128.p12"}, password, nil}, {[]string{"sha512.p12"}, password, nil}, {[]string{"open.p12"}, password, nil},
		{[]string{"chain.p12"}, password, nil}, {[]string{"old.p12"}, password, nil}, {[]string{"3des.p12"}, password, nil},
		{[]string{"cert.pem", "key.pem"}, "", nil}, {[]string{"key.pem", "cert.pem"}, "unneeded", nil}, {[]string{"cert.pem", "encrypted.pem"}, password, nil},
		{[]string{"cert.pem", "des3.pem"}, password, nil}, {[]string{"cert.pem", "pkcs1.pem"}, "", nil}, {[]string{"other.pem", "cert.pem", "key.pem"}, "", nil},
		{[]string{"modern.p12"}, "other", ErrPassword}, {[]string{"modern.p12"}, "", ErrPassword}, {[]string{"old.p12"}, "other", ErrPassword},
		{[]string{"cert.pem", "encrypted.pem"}, "other", ErrPassword}, {[]string{"cert.pem", "encrypted.pem"}, "", ErrNoPassword},
		{[]string{"unsealed.p12"}, password, ErrKeyFile}, {[]string{"cert.pem", "rfc1423.pem"}, password, ErrKeyCipher}, {[]string{"cert.pem"}, "", ErrNoKey},
		{[]string{"key.pem"}, "", ErrNoCertificate}, {[]string{"other.pem", "key.pem"}, "", ErrNoCertificate}, {[]string{"cert.pem", "key.pem", "other.key.pem"}, "", ErrManyKeys},
		{[]string{"cert.pem", "ec.pem"}, "", ErrKeyKind}, {[]string{"weak.pem", "weak.key.pem"}, "", ErrKeyKind},
	} {
		var files [][]byte
		for _, name := range c.files {
			files = append(files, file(t, dir, name))
		}
		id, err := ParseIdentity(c.password, files...)
		if !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.files, err, c.want)
			continue
		}
		if err != nil {
			continue
		}
		if !bytes.Equal(id.Certificate.Raw, certificate) {
			t.Errorf("%v: the certificate of %s", c.files, id.Certificate.Subject)
		}
		content := []byte("content")
		signed, err := Sign(content, id.Key, id.Certificate, Options{Detached: true, SigningTime: time.Unix(1_800_000_000, 0)})
		if err != nil {
			t.Fatal(err)
		}
		if parsed, err := Parse(signed); err != nil {
			t.Errorf("%v: %v", c.files, err)
		} else if _, err := parsed.VerifyWith(id.Certificate, content); err != nil {
			t.Errorf("%v: the key is not the certificate's: %v", c.files, err)
		}
	}
}

// A file in pieces without lengths (BER), as Java's tools write it, reads like the same file in DER; a damaged one is
// refused whichever octet is wrong.
func TestIdentityBERAndDamage(t *testing.T) {
	dir, certificate := keyFiles(t)
	der := file(t, dir, "modern.p12")
	if id, err := ParseIdentity("сөз 1", indefinite(t, der)); err != nil || !bytes.Equal(id.Certificate.Raw, certificate) {
		t.Errorf("BER: %v", err)
	}
	seal := len(der) - 80 // what the seal does not cover, itself: each octet; elsewhere every seventh
	for at := 0; at < len(der); at++ {
		if at%7 != 0 && at < seal {
			continue
		}
		broken := bytes.Clone(der)
		broken[at] ^= 0x10
		if _, err := ParseIdentity("сөз 1", broken); err == nil {
			t.Errorf("octet %d can be changed", at)
		}
	}
	if _, err := ParseIdentity("", make([]byte, MaxIdentity+1)); !errors.Is(err, ErrKeyFile) {
		t.Error(err)
	}
}

func FuzzIdentity(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"), "x")
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x03}, "")
	f.Fuzz(func(t *testing.T, b []byte, password string) {
		id, err := ParseIdentity(password, b)
		if (err == nil) != (id.Key != nil && id.Certificate != nil) {
			t.Error("a key without a certificate")
		}
	})
}
