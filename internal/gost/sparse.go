package gost

import "math/bits"

// c512 is the c of 2^512 − c, the only sparse prime of 512 bits among the curves (RFC 7836, appendix A.1).
const c512 = 569

// mul512Generic sets z = x·y modulo 2^512 − c512, below 2^512.
func mul512Generic(z, x, y *fe) {
	var low, high, middle, other [8]uint64
	x0, x1, y0, y1 := (*[4]uint64)(x[:4]), (*[4]uint64)(x[4:]), (*[4]uint64)(y[:4]), (*[4]uint64)(y[4:])
	mul4(&low, x0, y0)
	mul4(&high, x1, y1)
	mul4(&middle, x0, y1)
	mul4(&other, x1, y0)
	var c, top uint64
	for i := range middle {
		middle[i], c = bits.Add64(middle[i], other[i], c)
	}
	top = c
	fold512(z, &low, &high, &middle, top)
}

// sqr512Generic sets z = x² modulo 2^512 − c512, below 2^512.
func sqr512Generic(z, x *fe) {
	var low, high, middle [8]uint64
	x0, x1 := (*[4]uint64)(x[:4]), (*[4]uint64)(x[4:])
	sqr4(&low, x0)
	sqr4(&high, x1)
	mul4(&middle, x0, x1)
	top := middle[7] >> 63
	for i := 7; i > 0; i-- {
		middle[i] = middle[i]<<1 | middle[i-1]>>63
	}
	middle[0] <<= 1
	fold512(z, &low, &high, &middle, top)
}

// fold512 reduces low + (middle + top·2^512)·2^256 + high·2^512.
func fold512(z *fe, low, high, middle *[8]uint64, top uint64) {
	var c uint64
	low[4], c = bits.Add64(low[4], middle[0], 0)
	low[5], c = bits.Add64(low[5], middle[1], c)
	low[6], c = bits.Add64(low[6], middle[2], c)
	low[7], c = bits.Add64(low[7], middle[3], c)
	high[0], c = bits.Add64(high[0], middle[4], c)
	high[1], c = bits.Add64(high[1], middle[5], c)
	high[2], c = bits.Add64(high[2], middle[6], c)
	high[3], c = bits.Add64(high[3], middle[7], c)
	high[4], c = bits.Add64(high[4], top, c)
	high[5], c = bits.Add64(high[5], 0, c)
	high[6], c = bits.Add64(high[6], 0, c)
	high[7] += c
	var carry uint64
	for i := range z {
		carry, z[i] = multiplyAdd(high[i], c512, low[i], carry)
	}
	z[0], c = bits.Add64(z[0], carry*c512, 0)
	for i := 1; i < 8; i++ {
		z[i], c = bits.Add64(z[i], 0, c)
	}
	z[0] += c * c512 // after a carry the rest is small
}

func add512(z, x, y *fe) {
	var c uint64
	z0, c := bits.Add64(x[0], y[0], 0)
	z1, c := bits.Add64(x[1], y[1], c)
	z2, c := bits.Add64(x[2], y[2], c)
	z3, c := bits.Add64(x[3], y[3], c)
	z4, c := bits.Add64(x[4], y[4], c)
	z5, c := bits.Add64(x[5], y[5], c)
	z6, c := bits.Add64(x[6], y[6], c)
	z7, c := bits.Add64(x[7], y[7], c)
	z0, c = bits.Add64(z0, c*c512, 0)
	z[1], c = bits.Add64(z1, 0, c)
	z[2], c = bits.Add64(z2, 0, c)
	z[3], c = bits.Add64(z3, 0, c)
	z[4], c = bits.Add64(z4, 0, c)
	z[5], c = bits.Add64(z5, 0, c)
	z[6], c = bits.Add64(z6, 0, c)
	z[7], c = bits.Add64(z7, 0, c)
	z[0] = z0 + c*c512 // after a second carry the rest is small
}

func sub512(z, x, y *fe) {
	z0, c := bits.Sub64(x[0], y[0], 0)
	z1, c := bits.Sub64(x[1], y[1], c)
	z2, c := bits.Sub64(x[2], y[2], c)
	z3, c := bits.Sub64(x[3], y[3], c)
	z4, c := bits.Sub64(x[4], y[4], c)
	z5, c := bits.Sub64(x[5], y[5], c)
	z6, c := bits.Sub64(x[6], y[6], c)
	z7, c := bits.Sub64(x[7], y[7], c)
	z0, c = bits.Sub64(z0, c*c512, 0)
	z[1], c = bits.Sub64(z1, 0, c)
	z[2], c = bits.Sub64(z2, 0, c)
	z[3], c = bits.Sub64(z3, 0, c)
	z[4], c = bits.Sub64(z4, 0, c)
	z[5], c = bits.Sub64(z5, 0, c)
	z[6], c = bits.Sub64(z6, 0, c)
	z[7], c = bits.Sub64(z7, 0, c)
	z[0] = z0 - c*c512 // after a second borrow the rest is large
}

// mul256 sets z = x·y modulo 2^256 − k, below 2^256.
func mul256(z, x, y *fe, k uint64) {
	var t [8]uint64
	mul4(&t, (*[4]uint64)(x[:4]), (*[4]uint64)(y[:4]))
	fold256(z, &t, k)
}

// sqr256 sets z = x² modulo 2^256 − k, below 2^256.
func sqr256(z, x *fe, k uint64) {
	var t [8]uint64
	sqr4(&t, (*[4]uint64)(x[:4]))
	fold256(z, &t, k)
}

func fold256(z *fe, t *[8]uint64, k uint64) {
	var carry, c uint64
	carry, z[0] = multiplyAdd(t[4], k, t[0], 0)
	carry, z[1] = multiplyAdd(t[5], k, t[1], carry)
	carry, z[2] = multiplyAdd(t[6], k, t[2], carry)
	carry, z[3] = multiplyAdd(t[7], k, t[3], carry)
	z[0], c = bits.Add64(z[0], carry*k, 0)
	z[1], c = bits.Add64(z[1], 0, c)
	z[2], c = bits.Add64(z[2], 0, c)
	z[3], c = bits.Add64(z[3], 0, c)
	z[0] += c * k
}

func add256(z, x, y *fe, k uint64) {
	z0, c := bits.Add64(x[0], y[0], 0)
	z1, c := bits.Add64(x[1], y[1], c)
	z2, c := bits.Add64(x[2], y[2], c)
	z3, c := bits.Add64(x[3], y[3], c)
	z0, c = bits.Add64(z0, c*k, 0)
	z[1], c = bits.Add64(z1, 0, c)
	z[2], c = bits.Add64(z2, 0, c)
	z[3], c = bits.Add64(z3, 0, c)
	z[0] = z0 + c*k
}

func sub256(z, x, y *fe, k uint64) {
	z0, c := bits.Sub64(x[0], y[0], 0)
	z1, c := bits.Sub64(x[1], y[1], c)
	z2, c := bits.Sub64(x[2], y[2], c)
	z3, c := bits.Sub64(x[3], y[3], c)
	z0, c = bits.Sub64(z0, c*k, 0)
	z[1], c = bits.Sub64(z1, 0, c)
	z[2], c = bits.Sub64(z2, 0, c)
	z[3], c = bits.Sub64(z3, 0, c)
	z[0] = z0 - c*k
}
