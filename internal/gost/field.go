package gost

import (
	"encoding/binary"
	"math/bits"
)

// fe is a number of 256 or 512 bits, least significant word first; with 256 bits the upper half is zero. What it stands
// for is known to the field it belongs to.
type fe [8]uint64

// kind is how a field multiplies.
type kind uint8

const (
	montgomery  kind = iota // any odd modulus, numbers kept times 2^(64n) and below the modulus
	sparse512               // 2^512 − c with small c, numbers kept below 2^512
	assembly512             // the same in assembly
	sparse256               // 2^256 − c with small c, numbers kept below 2^256
)

// field is arithmetic modulo an odd prime with its top word not zero: the field of a curve, or the numbers modulo the
// order of its group. No method branches on the numbers or allocates, except those that say so. z may be x or y.
type field struct {
	kind kind
	n    int    // words
	c    uint64 // of a sparse modulus
	m0   uint64 // −m⁻¹ modulo 2^64
	m    fe     // the modulus
	one  fe     // 1 as the field keeps it
	rr   fe     // 2^(128n) modulo m
	half fe     // 1/2 as the field keeps it
}

// makeField prepares the arithmetic modulo m of n words.
func makeField(m fe, n int) field {
	f := field{n: n, m: m}
	inverse := m[0] // right in the lowest 3 bits; each step doubles them
	for range 5 {
		inverse *= 2 - m[0]*inverse
	}
	f.m0 = -inverse
	f.half[0] = 1
	for i := range n {
		f.half[i] += m[i] >> 1 // the lowest word of no modulus here is all ones then
		if i+1 < n {
			f.half[i] |= m[i+1] << 63
		}
	}
	sparse := n == 4 && -m[0] < 1<<10 || n == 8 && -m[0] == c512
	for _, w := range m[1:n] {
		sparse = sparse && w == ^uint64(0)
	}
	if sparse {
		f.c, f.one = -m[0], fe{1}
		switch {
		case n == 4:
			f.kind = sparse256
		case hasADX():
			f.kind = assembly512
		default:
			f.kind = sparse512
		}
		return f
	}
	f.rr[n-1] = 1 << (bits.Len64(m[n-1]) - 1) // below m, for m is no power of two
	for i := 64*(n-1) + bits.Len64(m[n-1]) - 1; i < 128*n; i++ {
		f.add(&f.rr, &f.rr, &f.rr)
	}
	f.mul(&f.one, &f.rr, &fe{1})
	f.set(&f.half, &f.half)
	return f
}

// size is the length of an encoded number in bytes.
func (f *field) size() int { return 8 * f.n }

// mul sets z = x·y.
func (f *field) mul(z, x, y *fe) {
	switch f.kind {
	case assembly512:
		mul512ADX(z, x, y)
	case sparse512:
		mul512Generic(z, x, y)
	case sparse256:
		mul256(z, x, y, f.c)
	case montgomery:
		f.mulMontgomery(z, x, y)
	}
}

// sqr sets z = x².
func (f *field) sqr(z, x *fe) {
	switch f.kind {
	case assembly512:
		sqr512ADX(z, x)
	case sparse512:
		sqr512Generic(z, x)
	case sparse256:
		sqr256(z, x, f.c)
	case montgomery:
		f.mulMontgomery(z, x, x)
	}
}

// add sets z = x + y.
func (f *field) add(z, x, y *fe) {
	switch f.kind {
	case sparse512, assembly512:
		add512(z, x, y)
	case sparse256:
		add256(z, x, y, f.c)
	case montgomery:
		f.addMontgomery(z, x, y)
	}
}

// sub sets z = x − y.
func (f *field) sub(z, x, y *fe) {
	switch f.kind {
	case sparse512, assembly512:
		sub512(z, x, y)
	case sparse256:
		sub256(z, x, y, f.c)
	case montgomery:
		f.subMontgomery(z, x, y)
	}
}

// set gives the field's form of a number below 2^(64n), which need not be below m.
func (f *field) set(z, x *fe) {
	if f.kind == montgomery {
		f.mulMontgomery(z, x, &f.rr)
		return
	}
	*z = *x
}

// value gives the number, below m.
func (f *field) value(z, x *fe) {
	if f.kind == montgomery {
		f.mulMontgomery(z, x, &fe{1})
		return
	}
	*z = *x
	f.reduce(z, 0)
}

// isZero is 1 for zero and 0 for the rest. Of the numbers that a sparse field keeps, 0 and m are zero.
func (f *field) isZero(x *fe) uint64 {
	var all, other uint64
	for i, w := range x {
		all |= w
		other |= w ^ f.m[i]
	}
	zero := 1 ^ (all|-all)>>63
	if f.kind != montgomery {
		zero |= 1 ^ (other|-other)>>63
	}
	return zero
}

// equal is 1 for equal numbers and 0 for others.
func (f *field) equal(x, y *fe) uint64 {
	var d fe
	f.sub(&d, x, y)
	return f.isZero(&d)
}

// reduce subtracts m once from carry·2^(64n) + z if that is at least m.
func (f *field) reduce(z *fe, carry uint64) {
	var d fe
	var borrow uint64
	for i := range f.n {
		d[i], borrow = bits.Sub64(z[i], f.m[i], borrow)
	}
	_, borrow = bits.Sub64(carry, 0, borrow)
	choose(z, z, &d, borrow)
}

// choose sets z to x where bit is 1 and to y where it is 0.
func choose(z, x, y *fe, bit uint64) {
	mask := -bit
	for i := range z {
		z[i] = y[i] ^ mask&(x[i]^y[i])
	}
}

// below is 1 if x < y and 0 if not.
func below(x, y *fe) uint64 {
	var borrow uint64
	for i := range x {
		_, borrow = bits.Sub64(x[i], y[i], borrow)
	}
	return borrow
}

func (f *field) addMontgomery(z, x, y *fe) {
	var carry uint64
	for i := range f.n {
		z[i], carry = bits.Add64(x[i], y[i], carry)
	}
	f.reduce(z, carry)
}

func (f *field) subMontgomery(z, x, y *fe) {
	var borrow, carry uint64
	for i := range f.n {
		z[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	mask := -borrow
	for i := range f.n {
		z[i], carry = bits.Add64(z[i], f.m[i]&mask, carry)
	}
}

// mulMontgomery sets z = x·y/2^(64n), for x·y < m·2^(64n): the method of Montgomery, one word of x after the other.
func (f *field) mulMontgomery(z, x, y *fe) {
	var t fe
	var top uint64 // t and top are one number
	for _, word := range x[:f.n] {
		var carry, c uint64
		for j := range f.n {
			carry, t[j] = multiplyAdd(word, y[j], t[j], carry)
		}
		top, c = bits.Add64(top, carry, 0)
		q := t[0] * f.m0
		carry, _ = multiplyAdd(q, f.m[0], t[0], 0)
		for j := 1; j < f.n; j++ {
			carry, t[j-1] = multiplyAdd(q, f.m[j], t[j], carry)
		}
		var c2 uint64
		t[f.n-1], c2 = bits.Add64(top, carry, 0)
		top = c + c2
	}
	*z = t
	f.reduce(z, top)
}

// multiplyAdd is x·y + a + b, which fits into two words.
func multiplyAdd(x, y, a, b uint64) (high, low uint64) {
	high, low = bits.Mul64(x, y)
	var c uint64
	low, c = bits.Add64(low, a, 0)
	high += c
	low, c = bits.Add64(low, b, 0)
	return high + c, low
}

// power sets z = x^e for a public exponent e, four bits at a time.
func (f *field) power(z, x, e *fe) {
	var table [16]fe
	table[0] = f.one
	for i := 1; i < len(table); i++ {
		f.mul(&table[i], &table[i-1], x)
	}
	r := f.one
	for i := 16*f.n - 1; i >= 0; i-- {
		for range 4 {
			f.sqr(&r, &r)
		}
		if nibble := e[i/16] >> (4 * (i % 16)) & 15; nibble != 0 {
			f.mul(&r, &r, &table[nibble])
		}
	}
	*z = r
}

// invert sets z = x⁻¹ as x^(m−2) (Fermat), and zero for zero, in a time that does not depend on x.
func (f *field) invert(z, x *fe) {
	e := f.m
	e[0] -= 2 // m is odd and not 1, so nothing is borrowed
	f.power(z, x, &e)
}

// load reads a little-endian number of f.size() bytes as it is.
func (f *field) load(b []byte) (x fe) {
	for i := range f.n {
		x[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return x
}

// store appends a number as f.size() bytes, little-endian.
func (f *field) store(b []byte, x *fe) []byte {
	for i := range f.n {
		b = binary.LittleEndian.AppendUint64(b, x[i])
	}
	return b
}
