package gost

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestAuthorities: the certificates of the authorities' own hierarchy, where ELICENSE_NCA_FOLDER has them: every key
// on a GOST curve is read, every signature by one of those keys verifies, and no longer does with a bit changed.
func TestAuthorities(t *testing.T) {
	folder := os.Getenv("ELICENSE_NCA_FOLDER")
	if folder == "" {
		t.Skip("ELICENSE_NCA_FOLDER does not name the folder with the authorities' certificates (production/*.der, test/*.cer, test/cms/*.cer)")
	}
	var certificates []*x509.Certificate
	for _, pattern := range []string{"production/*.der", "test/*.cer", "test/cms/*.cer"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files (%v)", pattern, err)
		}
		for _, name := range files {
			der, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if bare, err := base64.StdEncoding.DecodeString(string(der)); err == nil {
				der = bare
			} else if block, _ := pem.Decode(der); block != nil {
				der = block.Bytes
			}
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			certificates = append(certificates, c)
		}
	}
	verified := 0
	for _, c := range certificates {
		for _, issuer := range certificates {
			if !bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId) && !bytes.Equal(c.RawIssuer, c.RawSubject) || !bytes.Equal(c.RawIssuer, issuer.RawSubject) {
				continue
			}
			key, err := ParsePublicKey(issuer.RawSubjectPublicKeyInfo)
			if issuer.PublicKeyAlgorithm == x509.RSA {
				if err == nil {
					t.Errorf("%s: an RSA key was read", issuer.Subject)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", issuer.Subject, err)
			}
			if again, ok := MarshalPublicKey(key); !ok || !bytes.Equal(again, issuer.RawSubjectPublicKeyInfo) {
				t.Errorf("%s: the key is written otherwise", issuer.Subject)
			}
			if !bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId) && !bytes.Equal(c.Raw, issuer.Raw) {
				continue // another generation under the same name
			}
			digest := digestFor(key, c.RawTBSCertificate)
			if err := errors.Join(key.Verify(digest, c.Signature), key.Prepare().Verify(digest, c.Signature)); err != nil {
				t.Errorf("%s by %s: %v", c.Subject, issuer.Subject, err)
			}
			for _, at := range []int{0, len(c.Signature) / 2, len(c.Signature) - 1} {
				bad := slices.Clone(c.Signature)
				bad[at] ^= 1
				if key.Verify(digest, bad) == nil {
					t.Errorf("%s: a changed signature verifies", c.Subject)
				}
			}
			verified++
		}
	}
	t.Logf("%d of %d certificates", verified, len(certificates))
	if verified < 11 {
		t.Errorf("only %d signatures were verified", verified)
	}
}

// digestFor hashes as the National Certification Authority does with a key of this kind.
func digestFor(k *PublicKey, data []byte) []byte {
	h := map[*Curve]interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
	}{CurveCryptoProA(): NewGOST94(), Curve256A(): NewStreebog256(), Curve512A(): NewStreebog512()}[k.Curve()]
	h.Write(data)
	return h.Sum(nil)
}
