package gost

import "math/bits"

// mul4 sets z = x·y, the whole product: one row for each word of x.
func mul4(z *[8]uint64, x, y *[4]uint64) {
	y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
	var t0, t1, t2, t3, carry uint64
	word := x[0]
	carry, z[0] = bits.Mul64(word, y0)
	carry, t0 = multiplyAdd1(word, y1, carry)
	carry, t1 = multiplyAdd1(word, y2, carry)
	t3, t2 = multiplyAdd1(word, y3, carry)
	word = x[1]
	carry, z[1] = multiplyAdd1(word, y0, t0)
	carry, t0 = multiplyAdd(word, y1, t1, carry)
	carry, t1 = multiplyAdd(word, y2, t2, carry)
	t3, t2 = multiplyAdd(word, y3, t3, carry)
	word = x[2]
	carry, z[2] = multiplyAdd1(word, y0, t0)
	carry, t0 = multiplyAdd(word, y1, t1, carry)
	carry, t1 = multiplyAdd(word, y2, t2, carry)
	t3, t2 = multiplyAdd(word, y3, t3, carry)
	word = x[3]
	carry, z[3] = multiplyAdd1(word, y0, t0)
	carry, z[4] = multiplyAdd(word, y1, t1, carry)
	carry, z[5] = multiplyAdd(word, y2, t2, carry)
	z[7], z[6] = multiplyAdd(word, y3, t3, carry)
}

// sqr4 sets z = x²: the products of different words once, doubled, and the squares.
func sqr4(z *[8]uint64, x *[4]uint64) {
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	carry, z1 := bits.Mul64(x0, x1)
	carry, z2 := multiplyAdd1(x0, x2, carry)
	z4, z3 := multiplyAdd1(x0, x3, carry)
	carry, z3 = multiplyAdd1(x1, x2, z3)
	z5, z4 := multiplyAdd(x1, x3, z4, carry)
	z6, z5 := multiplyAdd1(x2, x3, z5)
	z7 := z6 >> 63
	z6 = z6<<1 | z5>>63
	z5 = z5<<1 | z4>>63
	z4 = z4<<1 | z3>>63
	z3 = z3<<1 | z2>>63
	z2 = z2<<1 | z1>>63
	z1 <<= 1
	var c uint64
	h0, l0 := bits.Mul64(x0, x0)
	h1, l1 := bits.Mul64(x1, x1)
	h2, l2 := bits.Mul64(x2, x2)
	h3, l3 := bits.Mul64(x3, x3)
	z[0] = l0
	z[1], c = bits.Add64(z1, h0, 0)
	z[2], c = bits.Add64(z2, l1, c)
	z[3], c = bits.Add64(z3, h1, c)
	z[4], c = bits.Add64(z4, l2, c)
	z[5], c = bits.Add64(z5, h2, c)
	z[6], c = bits.Add64(z6, l3, c)
	z[7] = z7 + h3 + c
}

// multiplyAdd1 is x·y + a, which fits into two words.
func multiplyAdd1(x, y, a uint64) (high, low uint64) {
	high, low = bits.Mul64(x, y)
	low, c := bits.Add64(low, a, 0)
	return high + c, low
}
