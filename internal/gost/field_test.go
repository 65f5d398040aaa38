package gost

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// toBig gives the number that the words spell.
func toBig(x *fe) *big.Int {
	b := make([]byte, 64)
	for i, w := range x {
		for j := range 8 {
			b[63-8*i-j] = byte(w >> (8 * j))
		}
	}
	return new(big.Int).SetBytes(b)
}

// fromBig spells a number below 2^512.
func fromBig(v *big.Int) (x fe) {
	b := v.FillBytes(make([]byte, 64))
	for i := range x {
		for j := range 8 {
			x[i] |= uint64(b[63-8*i-j]) << (8 * j)
		}
	}
	return x
}

// moduli are the fields and the group orders of every curve.
func moduli() map[string]*field {
	all := map[string]*field{}
	for _, c := range append(Curves(), testCurves()...) {
		all[c.Name()+" p"], all[c.Name()+" q"] = &c.p, &c.q
	}
	return all
}

// words draws numbers of n words with many words at their ends, where carries go wrong.
func words(n int) *rapid.Generator[fe] {
	word := rapid.OneOf(rapid.SampledFrom([]uint64{0, 1, 1<<63 - 1, 1 << 63, ^uint64(0), ^uint64(0) - 568, ^uint64(0) - 616}), rapid.Uint64())
	return rapid.Custom(func(t *rapid.T) (x fe) {
		for i := range n {
			x[i] = word.Draw(t, "word")
		}
		return x
	})
}

// TestField: every operation agrees with math/big, for every modulus, with arguments anywhere in the words' range.
func TestField(t *testing.T) {
	for name, f := range moduli() {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				checkField(t, f, words(f.n).Draw(t, "x"), words(f.n).Draw(t, "y"))
			})
		})
	}
}

// checkField holds the operations on x and y against math/big.
func checkField(t interface{ Fatalf(string, ...any) }, f *field, x, y fe) {
	m, bx, by := toBig(&f.m), toBig(&x), toBig(&y)
	var fx, fy fe
	f.set(&fx, &x)
	f.set(&fy, &y)
	is := func(what string, got *fe, want *big.Int) {
		var v fe
		f.value(&v, got)
		if want.Mod(want, m); toBig(&v).Cmp(want) != 0 {
			t.Fatalf("%s(%x, %x) = %x, want %x", what, bx, by, toBig(&v), want)
		}
	}
	var z fe
	is("value", &fx, new(big.Int).Set(bx))
	f.mul(&z, &fx, &fy)
	is("mul", &z, new(big.Int).Mul(bx, by))
	f.sqr(&z, &fx)
	is("sqr", &z, new(big.Int).Mul(bx, bx))
	f.add(&z, &fx, &fy)
	is("add", &z, new(big.Int).Add(bx, by))
	f.sub(&z, &fx, &fy)
	is("sub", &z, new(big.Int).Sub(bx, by))
	f.addPublic(&z, &fx, &fy)
	is("addPublic", &z, new(big.Int).Add(bx, by))
	f.subPublic(&z, &fx, &fy)
	is("subPublic", &z, new(big.Int).Sub(bx, by))
	f.subTwicePublic(&z, &fx, &fy)
	is("subTwicePublic", &z, new(big.Int).Sub(new(big.Int).Sub(bx, by), by))
	f.threeHalvesPublic(&z, &fx)
	f.add(&z, &z, &z)
	is("threeHalvesPublic, doubled", &z, new(big.Int).Mul(bx, big.NewInt(3)))
	z = fx
	f.sub(&z, &z, &z)
	if f.isZero(&z) != 1 || f.equal(&fx, &fy) != map[bool]uint64{true: 1}[new(big.Int).Mod(new(big.Int).Sub(bx, by), m).Sign() == 0] {
		t.Fatalf("isZero or equal is wrong for %x, %x", bx, by)
	}
	z = fx
	f.mul(&z, &z, &z)
	is("mul in place", &z, new(big.Int).Mul(bx, bx))
	if want := new(big.Int).ModInverse(bx, m); want != nil {
		f.invert(&z, &fx)
		is("invert", &z, new(big.Int).Set(want))
		f.invertPublic(&z, &fx)
		is("invertPublic", &z, want)
	} else {
		f.invert(&z, &fx)
		is("invert of zero", &z, new(big.Int))
		f.invertPublic(&z, &fx)
		is("invertPublic of zero", &z, new(big.Int))
	}
}
