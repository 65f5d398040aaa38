package gost

import "math/bits"

// Sums of public numbers. They take the same numbers as field.add and field.sub and give the same; a carry that is all but
// never there is handled in a branch.

// addPublic sets z = x + y.
func (f *field) addPublic(z, x, y *fe) {
	if f.kind != sparse512 && f.kind != assembly512 {
		f.add(z, x, y)
		return
	}
	z0, c := bits.Add64(x[0], y[0], 0)
	z1, c := bits.Add64(x[1], y[1], c)
	z2, c := bits.Add64(x[2], y[2], c)
	z3, c := bits.Add64(x[3], y[3], c)
	z4, c := bits.Add64(x[4], y[4], c)
	z5, c := bits.Add64(x[5], y[5], c)
	z6, c := bits.Add64(x[6], y[6], c)
	z7, c := bits.Add64(x[7], y[7], c)
	z0, c = bits.Add64(z0, c*c512, 0)
	z[0], z[1], z[2], z[3], z[4], z[5], z[6], z[7] = z0, z1, z2, z3, z4, z5, z6, z7
	if c != 0 {
		carry512(z)
	}
}

// subPublic sets z = x − y.
func (f *field) subPublic(z, x, y *fe) {
	if f.kind != sparse512 && f.kind != assembly512 {
		f.sub(z, x, y)
		return
	}
	z0, c := bits.Sub64(x[0], y[0], 0)
	z1, c := bits.Sub64(x[1], y[1], c)
	z2, c := bits.Sub64(x[2], y[2], c)
	z3, c := bits.Sub64(x[3], y[3], c)
	z4, c := bits.Sub64(x[4], y[4], c)
	z5, c := bits.Sub64(x[5], y[5], c)
	z6, c := bits.Sub64(x[6], y[6], c)
	z7, c := bits.Sub64(x[7], y[7], c)
	z0, c = bits.Sub64(z0, c*c512, 0)
	z[0], z[1], z[2], z[3], z[4], z[5], z[6], z[7] = z0, z1, z2, z3, z4, z5, z6, z7
	if c != 0 {
		borrow512(z)
	}
}

// subTwicePublic sets z = x − 2·y.
func (f *field) subTwicePublic(z, x, y *fe) {
	if f.kind != sparse512 && f.kind != assembly512 {
		f.sub(z, x, y)
		f.sub(z, z, y)
		return
	}
	z0, c := bits.Sub64(x[0], y[0]<<1, 0)
	z1, c := bits.Sub64(x[1], y[1]<<1|y[0]>>63, c)
	z2, c := bits.Sub64(x[2], y[2]<<1|y[1]>>63, c)
	z3, c := bits.Sub64(x[3], y[3]<<1|y[2]>>63, c)
	z4, c := bits.Sub64(x[4], y[4]<<1|y[3]>>63, c)
	z5, c := bits.Sub64(x[5], y[5]<<1|y[4]>>63, c)
	z6, c := bits.Sub64(x[6], y[6]<<1|y[5]>>63, c)
	z7, c := bits.Sub64(x[7], y[7]<<1|y[6]>>63, c)
	z0, c = bits.Sub64(z0, (c+y[7]>>63)*c512, 0)
	z[0], z[1], z[2], z[3], z[4], z[5], z[6], z[7] = z0, z1, z2, z3, z4, z5, z6, z7
	if c != 0 {
		borrow512(z)
	}
}

// threeHalvesPublic sets z = 3/2·x.
func (f *field) threeHalvesPublic(z, x *fe) {
	if f.kind != sparse512 && f.kind != assembly512 {
		var t fe
		f.mul(&t, x, &f.half)
		f.add(z, x, &t)
		return
	}
	// x/2, or (x + m)/2 for an odd x, which is (x − c)/2 + 2^511.
	odd := x[0] & 1
	h0, c := bits.Sub64(x[0], -odd&c512, 0)
	h := fe{h0, x[1], x[2], x[3], x[4], x[5], x[6], x[7]}
	if c != 0 {
		for i := 1; i < 8; i++ {
			h[i], c = bits.Sub64(h[i], 0, c)
		}
		odd -= c // below zero: what is lent is 2^512
	}
	h[0] = h[0]>>1 | h[1]<<63
	h[1] = h[1]>>1 | h[2]<<63
	h[2] = h[2]>>1 | h[3]<<63
	h[3] = h[3]>>1 | h[4]<<63
	h[4] = h[4]>>1 | h[5]<<63
	h[5] = h[5]>>1 | h[6]<<63
	h[6] = h[6]>>1 | h[7]<<63
	h[7] = h[7]>>1 | odd<<63
	f.addPublic(z, x, &h)
}

// carry512 adds 2^64, carried out of the lowest word, to a number; borrow512 subtracts it.
func carry512(z *fe) {
	c := uint64(1)
	for i := 1; i < 8; i++ {
		z[i], c = bits.Add64(z[i], 0, c)
	}
	z[0] += c * c512
}

func borrow512(z *fe) {
	c := uint64(1)
	for i := 1; i < 8; i++ {
		z[i], c = bits.Sub64(z[i], 0, c)
	}
	z[0] -= c * c512
}
