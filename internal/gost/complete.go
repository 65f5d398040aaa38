package gost

// Multiplication of G by a secret number. The additions are the complete formulas of J. Renes, C. Costello, L. Batina,
// "Complete addition formulas for prime order elliptic curves", 2016, algorithm 1: without exceptions on any two points of
// the subgroup, so that nothing needs to branch. On the curves with cofactor 4 they are complete inside the subgroup, as
// the difference of two of its points never has order 2.

// projective is the point (x/z, y/z); (0, 1, 0) is the neutral one.
type projective struct{ x, y, z fe }

// windows are the points 1 to 8 times 2^(8i)·G.
type windows [][8]affine

// baseSecret are the multiples of G for signing.
func (c *Curve) baseSecret() *windows {
	c.secretOnce.Do(func() {
		w := make(windows, 8*c.p.n)
		var line [8]jacobian
		base := jacobian{c.g.x, c.g.y, c.p.one}
		for i := range w {
			line[0] = base
			for j := 1; j < len(line); j++ {
				line[j] = line[j-1]
				c.add(&line[j], &base)
			}
			c.toAffine(w[i][:], line[:])
			base = line[7]
			for range 5 {
				c.double(&base, &base)
			}
		}
		c.secret = &w
	})
	return c.secret
}

// multiplySecret gives the affine coordinates of k·G, 0 < k < q, in the field's form.
func (c *Curve) multiplySecret(k *fe) affine {
	table := *c.baseSecret()
	// Signed digits −8…7, four bits each: k = Σ d[i]·16^i. q is below 2^(64n), so one digit more takes the carry.
	var d [129]int8
	n := 16 * c.p.n
	var carry int8
	for i := range n {
		v := int8(k[i/16]>>(4*(i%16))&15) + carry
		carry = (v + 8) >> 4
		d[i] = v - carry<<4
	}
	d[n] = carry
	r := projective{y: c.p.one}
	// The odd digits first, times 16, then the even ones: half the table suffices.
	for i := range n / 2 {
		c.addWindow(&r, &table[i], d[2*i+1])
	}
	for range 4 {
		c.addComplete(&r, &r, &r)
	}
	for i := range n / 2 {
		c.addWindow(&r, &table[i], d[2*i])
	}
	// The last carry stands for 16^n = 2^(64n): 2·8 times what the last window begins with, times 16.
	c.addTop(&r, &table[n/2-1], d[n])
	var out affine
	var z fe
	c.p.invert(&z, &r.z)
	c.p.mul(&out.x, &r.x, &z)
	c.p.mul(&out.y, &r.y, &z)
	return out
}

// addTop adds digit·2^(64n)·G, where the window holds multiples of 2^(64n−8)·G.
func (c *Curve) addTop(r *projective, window *[8]affine, digit int8) {
	top := projective{y: c.p.one}
	c.addWindow(&top, window, 8*digit)
	for range 5 {
		c.addComplete(&top, &top, &top)
	}
	c.addComplete(r, r, &top)
}

// addWindow adds digit·window[0], |digit| ≤ 8. It reads all of the window.
func (c *Curve) addWindow(r *projective, window *[8]affine, digit int8) {
	sign := uint64(uint8(digit) >> 7)
	magnitude := uint64(uint8((digit ^ -int8(sign)) + int8(sign)))
	p := projective{y: c.p.one}
	for i := range window {
		different := magnitude ^ uint64(i+1)
		mask := (different|-different)>>63 - 1 // all ones for the point asked for
		for j := range c.p.n {
			p.x[j] ^= mask & (p.x[j] ^ window[i].x[j])
			p.y[j] ^= mask & (p.y[j] ^ window[i].y[j])
			p.z[j] ^= mask & (p.z[j] ^ c.p.one[j])
		}
	}
	var minus fe
	c.p.sub(&minus, &fe{}, &p.y)
	choose(&p.y, &minus, &p.y, sign)
	c.addComplete(r, r, &p)
}

// addComplete sets r = p + q.
func (c *Curve) addComplete(r, p, q *projective) {
	f := &c.p
	var t0, t1, t2, t3, t4, t5, s, x, y, z fe
	f.mul(&t0, &p.x, &q.x)
	f.mul(&t1, &p.y, &q.y)
	f.mul(&t2, &p.z, &q.z)
	cross := func(out, a1, b1, a2, b2, aa, bb *fe) { // a1·b2 + a2·b1, with aa = a1·a2 and bb = b1·b2
		f.add(out, a1, b1)
		f.add(&s, a2, b2)
		f.mul(out, out, &s)
		f.sub(out, out, aa)
		f.sub(out, out, bb)
	}
	cross(&t3, &p.x, &p.y, &q.x, &q.y, &t0, &t1)
	cross(&t4, &p.x, &p.z, &q.x, &q.z, &t0, &t2)
	cross(&t5, &p.y, &p.z, &q.y, &q.z, &t1, &t2)
	f.mul(&z, &c.a, &t4)
	f.mul(&x, &c.b3, &t2)
	f.add(&z, &z, &x)
	f.sub(&x, &t1, &z)
	f.add(&z, &t1, &z)
	f.mul(&y, &x, &z)
	f.add(&t1, &t0, &t0)
	f.add(&t1, &t1, &t0)
	f.mul(&t2, &c.a, &t2)
	f.mul(&t4, &c.b3, &t4)
	f.add(&t1, &t1, &t2)
	f.sub(&t2, &t0, &t2)
	f.mul(&t2, &c.a, &t2)
	f.add(&t4, &t4, &t2)
	f.mul(&t0, &t1, &t4)
	f.add(&r.y, &y, &t0)
	f.mul(&t0, &t5, &t4)
	f.mul(&x, &t3, &x)
	f.sub(&r.x, &x, &t0)
	f.mul(&t0, &t3, &t1)
	f.mul(&z, &t5, &z)
	f.add(&r.z, &z, &t0)
}
