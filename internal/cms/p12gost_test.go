package cms

import (
	"encoding/hex"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"

	"elicense/internal/fault"
	"elicense/internal/gost"
)

// The vectors of RFC 2268, section 5.
func TestRC2(t *testing.T) {
	for _, v := range []struct {
		key       string
		effective int
		plain     string
		encrypted string
	}{
		{"0000000000000000", 63, "0000000000000000", "ebb773f993278eff"},
		{"ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"},
		{"88", 64, "0000000000000000", "61a8a244adacccf0"},
		{"88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"},
	} {
		got := make([]byte, 8)
		expandRC2(must(hex.DecodeString(v.key)), v.effective).decrypt(got, must(hex.DecodeString(v.encrypted)))
		if hex.EncodeToString(got) != v.plain {
			t.Errorf("key %s: %x, want %s", v.key, got, v.plain)
		}
	}
}

// A GOST key in PKCS #8, of each kind, joins its certificate and no other.
func TestGOSTIdentity(t *testing.T) {
	for _, s := range gostSuites() {
		a := newGOSTAuthority(t, s, s)
		key, _ := a.signer.(*gost.PrivateKey)
		own, _ := s.(gostSuite)
		secret := node(tagOctets, key.Bytes())
		if own.key == oidGOST2004 {
			number := key.Bytes()
			slices.Reverse(number)
			var b cryptobyte.Builder
			b.AddASN1BigInt(new(big.Int).SetBytes(number))
			secret = b.BytesOrPanic()
		}
		pkcs8 := node(tagSequence, node(0x02, []byte{0}), algorithmIdentifier(own.key), node(tagOctets, secret))
		var found bag
		if err := found.addKey(pkcs8); err != nil {
			t.Fatal(err)
		}
		found.certificates = append(found.certificates, a.ca)
		if _, err := found.identity(); err != ErrNoCertificate {
			t.Errorf("%s with another certificate: %v", s.Name(), err)
		}
		found.certificates = append(found.certificates, a.leaf)
		id, err := found.identity()
		if err != nil || !id.Certificate.Equal(a.leaf) {
			t.Fatalf("%s: %v", s.Name(), err)
		}
		if _, err := check(must(Sign(stored, id.Key, id.Certificate, Options{})), stored); err != nil {
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
}

// The public test keys of the National Certification Authority open and sign.
func TestNCAKeys(t *testing.T) {
	names := must(filepath.Glob(filepath.Join(ncaFolder(t), "test/keys/*.p12")))
	if len(names) < 5 {
		t.Fatalf("%d keys", len(names))
	}
	for _, name := range names {
		id, err := ParseIdentity("Qwerty12", must(os.ReadFile(name)))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		if _, err := ParseIdentity("qwerty12", must(os.ReadFile(name))); err != ErrPassword {
			t.Errorf("%s with another password: %v", filepath.Base(name), err)
		}
		signed := must(Sign(stored, id.Key, id.Certificate, Options{Detached: true}))
		if v, err := check(signed, stored); err != nil || v.Algorithm != nameGOST2015Size512 {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
		signed[len(signed)-1] ^= 1
		if _, err := check(signed, stored); !fault.Is(err, KeyWrong) && !fault.Is(err, KeyValue) {
			t.Errorf("%s, changed: %v", filepath.Base(name), err)
		}
	}
}
