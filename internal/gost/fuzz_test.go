package gost

import (
	"bytes"
	"math/big"
	"slices"
	"testing"
)

// FuzzNewPublicKey: a key is read if and only if the schoolbook finds the point on the curve and in the subgroup, and
// then it is written as it was.
func FuzzNewPublicKey(f *testing.F) {
	for i, c := range Curves() {
		f.Add(uint8(i), (&PublicKey{curve: c, point: c.g}).Bytes())
		f.Add(uint8(i), make([]byte, 2*c.Size()))
	}
	f.Fuzz(func(t *testing.T, which uint8, encoded []byte) {
		all := Curves()
		c := all[int(which)%len(all)]
		s, size := slow(c), c.Size()
		key, err := NewPublicKey(c, encoded)
		if len(encoded) != 2*size {
			if err != ErrKeyLength {
				t.Fatal(err)
			}
			return
		}
		p := slowPoint{new(big.Int).SetBytes(reversed(encoded[:size])), new(big.Int).SetBytes(reversed(encoded[size:]))}
		switch {
		case p.x.Cmp(s.p) >= 0 || p.y.Cmp(s.p) >= 0:
			if err != ErrCoordinate {
				t.Fatal(err)
			}
		case !s.has(p):
			if err != ErrNotOnCurve {
				t.Fatal(err)
			}
		case s.multiply(s.q, p).x != nil:
			if err != ErrNotInSubgroup {
				t.Fatal(err)
			}
		case err != nil || !bytes.Equal(key.Bytes(), encoded):
			t.Fatalf("%v, %x", err, encoded)
		}
	})
}

// FuzzParsePublicKey: whatever is read is written as it was: there is one encoding of a key.
func FuzzParsePublicKey(f *testing.F) {
	for _, c := range []*Curve{Curve512A(), Curve256A(), CurveCryptoProA()} {
		spki, ok := MarshalPublicKey(&PublicKey{curve: c, point: c.g})
		if !ok {
			f.Fatal(c.Name())
		}
		f.Add(spki)
		f.Add(spki[:len(spki)-1])
		f.Add(append(slices.Clone(spki), 0))
	}
	f.Fuzz(func(t *testing.T, spki []byte) {
		key, err := ParsePublicKey(spki)
		if err != nil {
			return
		}
		if again, ok := MarshalPublicKey(key); !ok || !bytes.Equal(again, spki) {
			t.Fatalf("%x is written as %x", spki, again)
		}
	})
}

// TestParsePublicKeyBytes: no byte of an encoded key can be changed, removed or doubled without a refusal.
func TestParsePublicKeyBytes(t *testing.T) {
	for _, c := range []*Curve{Curve512A(), Curve256A(), CurveCryptoProA()} {
		spki, _ := MarshalPublicKey(&PublicKey{curve: c, point: c.g})
		if _, err := ParsePublicKey(spki); err != nil {
			t.Fatal(err)
		}
		for i := range spki {
			for bit := range 8 {
				bad := slices.Clone(spki)
				bad[i] ^= 1 << bit
				if _, err := ParsePublicKey(bad); err == nil {
					t.Errorf("%s: byte %d changed", c.Name(), i)
				}
			}
			if _, err := ParsePublicKey(slices.Delete(slices.Clone(spki), i, i+1)); err == nil {
				t.Errorf("%s: byte %d removed", c.Name(), i)
			}
			if _, err := ParsePublicKey(slices.Insert(slices.Clone(spki), i, spki[i])); err == nil {
				t.Errorf("%s: byte %d doubled", c.Name(), i)
			}
		}
	}
	if _, ok := MarshalPublicKey(&PublicKey{curve: Curve512B()}); ok {
		t.Error("a curve without an identifier was written")
	}
}

// FuzzVerify: any digest and signature under a fixed key are judged as the schoolbook judges them.
func FuzzVerify(f *testing.F) {
	var keys []*PreparedKey
	var slowCurves []slowCurve
	for i, c := range Curves() {
		d := make([]byte, c.Size())
		d[0] = byte(i + 3)
		key, err := NewPrivateKey(c, d)
		if err != nil {
			f.Fatal(err)
		}
		keys = append(keys, key.PublicKey().Prepare())
		slowCurves = append(slowCurves, slow(c))
		digest := bytes.Repeat([]byte{byte(i)}, c.Size())
		signature, err := key.Sign(nil, digest, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), digest, signature)
	}
	f.Fuzz(func(t *testing.T, which uint8, digest, signature []byte) {
		prepared, s := keys[int(which)%len(keys)], slowCurves[int(which)%len(keys)]
		key := prepared.PublicKey()
		c := key.Curve()
		digest = append(digest, make([]byte, c.Size())...)[:c.Size()]
		signature = append(signature, make([]byte, 2*c.Size())...)[:2*c.Size()]
		want := s.verify(s.point(key), digest, signature)
		if got := key.Verify(digest, signature); (got == nil) != want {
			t.Fatalf("%v, want %v", got, want)
		}
		if got := prepared.Verify(digest, signature); (got == nil) != want {
			t.Fatalf("prepared: %v, want %v", got, want)
		}
	})
}

// FuzzSign: a key and a digest of any bytes give a signature that the schoolbook accepts.
func FuzzSign(f *testing.F) {
	f.Add(uint8(0), make([]byte, 64), bytes.Repeat([]byte{1}, 64))
	f.Fuzz(func(t *testing.T, which uint8, digest, secret []byte) {
		all := Curves()
		c := all[int(which)%len(all)]
		key, err := NewPrivateKey(c, append(secret, make([]byte, c.Size())...)[:c.Size()])
		if err != nil {
			return
		}
		digest = append(digest, make([]byte, c.Size())...)[:c.Size()]
		signature, err := key.Sign(nil, digest, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := slow(c)
		if p := s.multiply(toBig(&key.d), s.g); s.point(key.PublicKey()).x.Cmp(p.x) != 0 {
			t.Fatal("the public key is another one")
		}
		if !s.verify(s.point(key.PublicKey()), digest, signature) {
			t.Fatal("the schoolbook refuses")
		}
	})
}

// FuzzField: the arithmetic of every modulus on any words.
func FuzzField(f *testing.F) {
	f.Add(uint8(0), bytes.Repeat([]byte{0xff}, 128))
	f.Add(uint8(9), make([]byte, 128))
	var all []*field
	for _, m := range moduli() {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *field) int { return toBig(&a.m).Cmp(toBig(&b.m)) })
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		data = append(data, make([]byte, 128)...)
		m := all[int(which)%len(all)]
		checkField(t, m, m.load(data), m.load(data[64:]))
	})
}
