package gost

import (
	"bytes"
	"crypto/rand"
	"crypto/sha512"
	"errors"
	"math/big"
	"slices"
	"testing"
	"testing/iotest"
)

// little writes a number as the encodings here have it.
func little(v *big.Int, size int) []byte { return reversed(v.FillBytes(make([]byte, size))) }

// TestKeyRefusals: each wrong key has its own error.
func TestKeyRefusals(t *testing.T) {
	for _, c := range Curves() {
		t.Run(c.Name(), func(t *testing.T) {
			s, size := slow(c), c.Size()
			x, y := little(s.g.x, size), little(s.g.y, size)
			offY := slices.Clone(y)
			offY[0] ^= 1
			p, most := little(s.p, size), bytes.Repeat([]byte{0xff}, size)
			for name, v := range map[string]struct {
				encoded []byte
				want    error
			}{
				"right":        {slices.Concat(x, y), nil},
				"empty":        {nil, ErrKeyLength},
				"short":        {slices.Concat(x, y)[1:], ErrKeyLength},
				"long":         {slices.Concat(x, y, []byte{0}), ErrKeyLength},
				"x = p":        {slices.Concat(p, y), ErrCoordinate},
				"y = p":        {slices.Concat(x, p), ErrCoordinate},
				"x most":       {slices.Concat(most, y), ErrCoordinate},
				"y most":       {slices.Concat(x, most), ErrCoordinate},
				"off":          {slices.Concat(x, offY), ErrNotOnCurve},
				"swapped":      {slices.Concat(y, x), ErrNotOnCurve},
				"zero":         {make([]byte, 2*size), ErrNotOnCurve},
				"big-endian":   {slices.Concat(reversed(x), reversed(y)), nil},
				"big-endian 2": {reversed(slices.Concat(x, y)), nil},
			} {
				_, err := NewPublicKey(c, v.encoded)
				if name[0] == 'b' && err == nil || name[0] != 'b' && err != v.want {
					t.Errorf("%s: %v, want %v", name, err, v.want)
				}
			}
			for name, v := range map[string]struct {
				encoded []byte
				want    error
			}{
				"one":   {little(big.NewInt(1), size), nil},
				"q - 1": {little(new(big.Int).Sub(s.q, big.NewInt(1)), size), nil},
				"q":     {little(s.q, size), ErrKeyRange},
				"most":  {most, ErrKeyRange},
				"zero":  {make([]byte, size), ErrKeyRange},
				"short": {make([]byte, size-1), ErrKeyLength},
				"long":  {make([]byte, size+1), ErrKeyLength},
			} {
				if _, err := NewPrivateKey(c, v.encoded); err != v.want {
					t.Errorf("private key, %s: %v, want %v", name, err, v.want)
				}
			}
		})
	}
}

// TestSubgroup: points of the curve outside the subgroup, which only curves with a cofactor have, are refused; those of
// order 2 and 4 too.
func TestSubgroup(t *testing.T) {
	for _, c := range []*Curve{Curve512C(), Curve256A()} {
		s := slow(c)
		refused, small := 0, 0
		for x := big.NewInt(1); refused < 6; x.Add(x, big.NewInt(1)) {
			p := slowPoint{x: new(big.Int).Set(x), y: new(big.Int)}
			p.y.Mul(x, x).Add(p.y, s.a).Mul(p.y, x).Add(p.y, s.b).Mod(p.y, s.p)
			if p.y = p.y.ModSqrt(p.y, s.p); p.y == nil {
				continue
			}
			torsion := s.multiply(s.q, p)
			points := []slowPoint{p}
			if torsion.x != nil {
				points = append(points, torsion)
			}
			for _, p := range points {
				_, err := NewPublicKey(c, slices.Concat(little(p.x, c.Size()), little(p.y, c.Size())))
				want := error(nil)
				if torsion.x != nil {
					want = ErrNotInSubgroup
					refused++
				}
				if err != want {
					t.Errorf("%s: x = %v: %v, want %v", c.Name(), p.x, err, want)
				}
			}
			if torsion.x != nil {
				small++
			}
		}
		if small == 0 {
			t.Errorf("%s: no point of small order was tried", c.Name())
		}
	}
}

// TestSignatureRefusals: degenerate signatures and wrong lengths.
func TestSignatureRefusals(t *testing.T) {
	for _, c := range Curves() {
		t.Run(c.Name(), func(t *testing.T) {
			s, size := slow(c), c.Size()
			key, err := GenerateKey(c, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			digest := bytes.Repeat([]byte{7}, size)
			good, err := key.Sign(rand.Reader, digest, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, z := good[:size], good[size:]
			zero, q, most := make([]byte, size), little(s.q, size), bytes.Repeat([]byte{0xff}, size)
			other, _ := GenerateKey(c, rand.Reader)
			prepared := key.PublicKey().Prepare()
			for name, v := range map[string]struct {
				digest, signature []byte
				want              error
			}{
				"right":        {digest, good, nil},
				"r = 0":        {digest, slices.Concat(zero, z), ErrSignatureRange},
				"s = 0":        {digest, slices.Concat(r, zero), ErrSignatureRange},
				"both 0":       {digest, slices.Concat(zero, zero), ErrSignatureRange},
				"r = q":        {digest, slices.Concat(q, z), ErrSignatureRange},
				"s = q":        {digest, slices.Concat(r, q), ErrSignatureRange},
				"r most":       {digest, slices.Concat(most, z), ErrSignatureRange},
				"s most":       {digest, slices.Concat(r, most), ErrSignatureRange},
				"swapped":      {digest, slices.Concat(z, r), ErrSignature},
				"short":        {digest, good[:len(good)-1], ErrSignatureLength},
				"long":         {digest, slices.Concat(good, []byte{0}), ErrSignatureLength},
				"none":         {digest, nil, ErrSignatureLength},
				"digest short": {digest[1:], good, ErrDigestLength},
				"digest long":  {slices.Concat(digest, []byte{0}), good, ErrDigestLength},
				"no digest":    {nil, good, ErrDigestLength},
				"digest other": {reversed(append([]byte{9}, digest[1:]...)), good, ErrSignature},
			} {
				if err := key.PublicKey().Verify(v.digest, v.signature); err != v.want {
					t.Errorf("%s: %v, want %v", name, err, v.want)
				}
				if err := prepared.Verify(v.digest, v.signature); err != v.want {
					t.Errorf("%s, prepared: %v, want %v", name, err, v.want)
				}
			}
			if err := other.PublicKey().Verify(digest, good); err != ErrSignature {
				t.Errorf("another key: %v", err)
			}
			if _, err := key.Sign(rand.Reader, digest[1:], nil); err != ErrDigestLength {
				t.Errorf("signing a short digest: %v", err)
			}
			if _, err := key.Sign(iotest.ErrReader(errors.New("dry")), digest, nil); err != ErrRandom {
				t.Errorf("signing without random numbers: %v", err)
			}
			other.Erase()
			if _, err := other.Sign(rand.Reader, digest, nil); err != ErrKeyRange || !bytes.Equal(other.Bytes(), zero) {
				t.Errorf("signing with an erased key: %v", err)
			}
			if _, err := GenerateKey(c, bytes.NewReader(nil)); err != ErrRandom {
				t.Errorf("a key without random numbers: %v", err)
			}
			if _, err := GenerateKey(c, bytes.NewReader(make([]byte, 1<<20))); err != ErrRandom {
				t.Errorf("a key from zeros: %v", err)
			}
		})
	}
}

// TestZeroDigest: a digest that is zero modulo q counts as one (RFC 7091, section 6.1, step 2).
func TestZeroDigest(t *testing.T) {
	for _, c := range Curves() {
		s := slow(c)
		key, err := GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		one := little(big.NewInt(1), c.Size())
		for _, digest := range [][]byte{make([]byte, c.Size()), little(s.q, c.Size())} {
			signature, err := key.Sign(rand.Reader, digest, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range [][]byte{digest, one} {
				if err := key.PublicKey().Verify(d, signature); err != nil || !s.verify(s.point(key.PublicKey()), d, signature) {
					t.Errorf("%s: %v", c.Name(), err)
				}
			}
		}
	}
}

// TestNonce: the generator gives the nonce of RFC 6979, appendix A.2.5 (P-256, SHA-512, "sample"); two signatures differ
// by the random numbers only, and without them not at all.
func TestNonce(t *testing.T) {
	c := &Curve{q: makeField(parseHex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), 4)}
	d := parseHex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
	sum := sha512.Sum512([]byte("sample"))
	e := c.q.load(reversed(sum[:32]))
	c.q.set(&e, &e)
	got := newNonces(c, &d, &e, nil).next()
	if want := parseHex("5FA81C63109BADB88C1F367B47DA606DA28CAD69AA22C4FE6AD7DF73A7173AA5"); got != want {
		t.Errorf("got %x", toBig(&got))
	}
	n := newNonces(c, &d, &e, nil)
	if first, second := n.next(), n.next(); first == second {
		t.Error("the second candidate is the first")
	}
	key, err := NewPrivateKey(Curve512A(), bytes.Repeat([]byte{5}, 64))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(random []byte, digest byte) string {
		d := make([]byte, 64)
		d[0] = digest
		var signature []byte
		if random == nil {
			signature, err = key.Sign(nil, d, nil)
		} else {
			signature, err = key.Sign(bytes.NewReader(random), d, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(signature[:64]) // r tells the nonce
	}
	zeros, ones := make([]byte, nonceRandom), bytes.Repeat([]byte{1}, nonceRandom)
	all := []string{sign(nil, 1), sign(nil, 2), sign(zeros, 1), sign(ones, 1), sign(ones, 2)}
	slices.Sort(all)
	if len(slices.Compact(all)) != 5 {
		t.Error("nonces repeat")
	}
	for name, random := range map[string][]byte{"none": nil, "ones": ones} {
		if first, second := sign(random, 1), sign(random, 1); first != second {
			t.Errorf("%s: the same inputs give different nonces", name)
		}
	}
}

// TestKeys: what is written is read, keys compare by value.
func TestKeys(t *testing.T) {
	var before *PrivateKey
	for _, c := range Curves() {
		key, err := GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		again, err := NewPrivateKey(c, key.Bytes())
		if err != nil || !again.Equal(key) || !key.PublicKey().Equal(again.Public()) {
			t.Errorf("%s: the private key changed: %v", c.Name(), err)
		}
		public, err := NewPublicKey(c, key.PublicKey().Bytes())
		if err != nil || !public.Equal(key.PublicKey()) || public.Prepare().PublicKey() != public {
			t.Errorf("%s: the public key changed: %v", c.Name(), err)
		}
		if before != nil && (key.Equal(before) || public.Equal(before.PublicKey())) || key.Equal(7) || public.Equal(7) {
			t.Errorf("%s: different keys are equal", c.Name())
		}
		before = key
	}
}

// TestVerifyDoesNotAllocate: nothing for the collector, however many signatures come.
func TestVerifyDoesNotAllocate(t *testing.T) {
	for _, c := range Curves() {
		key, err := GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		digest, prepared := make([]byte, c.Size()), key.PublicKey().Prepare()
		signature, _ := key.Sign(nil, digest, nil)
		if n := testing.AllocsPerRun(5, func() {
			if key.PublicKey().Verify(digest, signature) != nil || prepared.Verify(digest, signature) != nil {
				t.Fatal("does not verify")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", c.Name(), n)
		}
	}
}
