package gost

import "math/bits"

// c512 is the c of 2^512 − c, the only sparse prime of 512 bits among the curves (RFC 7836, appendix A.1).
const c512 = 569

// mul512Generic sets z = x·y modulo 2^512 − c512, below 2^512.
func mul512Generic(z, x, y *fe) {
	var low, high, middle [8]uint64
	x0, x1, y0, y1 := (*[4]uint64)(x[:4]), (*[4]uint64)(x[4:]), (*[4]uint64)(y[:4]), (*[4]uint64)(y[4:])
	mul4(&low, x0, y0)
	mul4(&high, x1, y1)
	mul4(&middle, x0, y1)
	top := addMul4(&middle, x1, y0)
	fold512(z, &low, &high, &middle, top)
}

// sqr512Generic sets z = x² modulo 2^512 − c512, below 2^512.
func sqr512Generic(z, x *fe) {
	var low, high, middle [8]uint64
	x0, x1 := (*[4]uint64)(x[:4]), (*[4]uint64)(x[4:])
	sqr4(&low, x0)
	sqr4(&high, x1)
	mul4(&middle, x0, x1)
	var c uint64
	middle[0], c = bits.Add64(middle[0], middle[0], 0)
	middle[1], c = bits.Add64(middle[1], middle[1], c)
	middle[2], c = bits.Add64(middle[2], middle[2], c)
	middle[3], c = bits.Add64(middle[3], middle[3], c)
	middle[4], c = bits.Add64(middle[4], middle[4], c)
	middle[5], c = bits.Add64(middle[5], middle[5], c)
	middle[6], c = bits.Add64(middle[6], middle[6], c)
	middle[7], c = bits.Add64(middle[7], middle[7], c)
	fold512(z, &low, &high, &middle, c)
}

// fold512 reduces low + (middle + top·2^512)·2^256 + high·2^512.
func fold512(z *fe, low, high, middle *[8]uint64, top uint64) {
	var c uint64
	l4, c := bits.Add64(low[4], middle[0], 0)
	l5, c := bits.Add64(low[5], middle[1], c)
	l6, c := bits.Add64(low[6], middle[2], c)
	l7, c := bits.Add64(low[7], middle[3], c)
	h0, c := bits.Add64(high[0], middle[4], c)
	h1, c := bits.Add64(high[1], middle[5], c)
	h2, c := bits.Add64(high[2], middle[6], c)
	h3, c := bits.Add64(high[3], middle[7], c)
	h4, c := bits.Add64(high[4], top, c)
	h5, c := bits.Add64(high[5], 0, c)
	h6, c := bits.Add64(high[6], 0, c)
	h7, _ := bits.Add64(high[7], 0, c)
	g0, h0 := bits.Mul64(h0, c512)
	g1, h1 := bits.Mul64(h1, c512)
	g2, h2 := bits.Mul64(h2, c512)
	g3, h3 := bits.Mul64(h3, c512)
	z0, c := bits.Add64(low[0], h0, 0)
	z1, c := bits.Add64(low[1], h1, c)
	z2, c := bits.Add64(low[2], h2, c)
	z3, c := bits.Add64(low[3], h3, c)
	g3, _ = bits.Add64(g3, 0, c)
	z1, c = bits.Add64(z1, g0, 0)
	z2, c = bits.Add64(z2, g1, c)
	z3, c = bits.Add64(z3, g2, c)
	l4, c = bits.Add64(l4, g3, c)
	k := c
	g4, h4 := bits.Mul64(h4, c512)
	g5, h5 := bits.Mul64(h5, c512)
	g6, h6 := bits.Mul64(h6, c512)
	g7, h7 := bits.Mul64(h7, c512)
	l4, c = bits.Add64(l4, h4, 0)
	l5, c = bits.Add64(l5, h5, c)
	l6, c = bits.Add64(l6, h6, c)
	l7, c = bits.Add64(l7, h7, c)
	g7, _ = bits.Add64(g7, 0, c)
	l5, c = bits.Add64(l5, g4+k, 0)
	l6, c = bits.Add64(l6, g5, c)
	l7, c = bits.Add64(l7, g6, c)
	g7, _ = bits.Add64(g7, 0, c)
	z0, c = bits.Add64(z0, g7*c512, 0)
	z[1], c = bits.Add64(z1, 0, c)
	z[2], c = bits.Add64(z2, 0, c)
	z[3], c = bits.Add64(z3, 0, c)
	z[4], c = bits.Add64(l4, 0, c)
	z[5], c = bits.Add64(l5, 0, c)
	z[6], c = bits.Add64(l6, 0, c)
	z[7], c = bits.Add64(l7, 0, c)
	z[0] = z0 + c*c512
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
