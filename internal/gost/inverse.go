package gost

import "math/bits"

// The inverse of public numbers by division steps (D. J. Bernstein, B.-Y. Yang, "Fast constant-time gcd computation and
// modular inversion", 2019), here with branches on the numbers: many times faster than a power.

const (
	low62   = 1<<62 - 1
	limbs62 = 9 // for 512 bits and a sign
)

// signed62 is a signed number in words of 62 bits; the last word in use carries the sign.
type signed62 [limbs62]int64

// steps is the matrix of 62 division steps, times 2^62: f' = (u·f + v·g)/2^62, g' = (q·f + r·g)/2^62.
type steps struct{ u, v, q, r int64 }

// invertPublic sets z = x⁻¹, and zero for zero. Its time depends on x: for public numbers only.
func (f *field) invertPublic(z, x *fe) {
	var v fe
	f.value(&v, x)
	n := 64*f.n/62 + 1
	m, a, b := toSigned62(&f.m, n), toSigned62(&f.m, n), toSigned62(&v, n)
	var d, e signed62 // a ≡ d·v and b ≡ e·v modulo m, all along
	e[0] = 1
	m0 := -f.m0 & low62 // m⁻¹ modulo 2^62
	eta := -1
	for length := n; !b.isZero(length); {
		var t steps
		eta, t = divide(eta, uint64(a[0])|uint64(a[1])<<62, uint64(b[0])|uint64(b[1])<<62)
		t.modulo(&d, &e, &m, m0, n)
		t.exact(&a, &b, length)
		if top := length - 1; top > 1 && (a[top]+1)>>1 == 0 && (b[top]+1)>>1 == 0 { // both 0 or −1
			a[top-1] |= a[top] << 62
			b[top-1] |= b[top] << 62
			a[top], b[top] = 0, 0
			length--
		}
	}
	// Now a is 1 or −1, for m is prime; or m itself if v was zero, and then d is zero. d is between −2m and m.
	negative := d[n-1] < 0
	if negative {
		d.addMultiple(&m, 1, n)
	}
	if a.negative(n) {
		d.addMultiple(&d, -2, n)
	}
	if d[n-1] < 0 {
		d.addMultiple(&m, 1, n)
	}
	v = d.unsigned(n)
	f.set(z, &v)
}

// divide runs 62 division steps on the lowest 64 bits of f, which is odd, and g. It takes several at once: as many low
// bits of g as are sure to vanish before f and g change places are cleared with one multiple of f.
func divide(eta int, f, g uint64) (int, steps) {
	t := steps{u: 1, r: 1}
	for left := 62; ; {
		zeros := bits.TrailingZeros64(g | ^uint64(0)<<left)
		g >>= zeros
		t.u <<= zeros
		t.v <<= zeros
		eta -= zeros
		if left -= zeros; left == 0 {
			return eta, t
		}
		if eta < 0 {
			eta = -eta
			f, g = g, -f
			t.u, t.q = t.q, -t.u
			t.v, t.r = t.r, -t.v
		}
		inverse := 3*f ^ 2 // of f modulo 2^5
		w := -g * inverse & (1<<min(eta+1, left, 5) - 1)
		g += f * w
		t.q += t.u * int64(w)
		t.r += t.v * int64(w)
	}
}

// exact replaces a and b by (u·a + v·b)/2^62 and (q·a + r·b)/2^62, which are whole.
func (t *steps) exact(a, b *signed62, length int) {
	var p, s wide
	for i := range length {
		x, y := a[i], b[i]
		p.addProduct(t.u, x)
		p.addProduct(t.v, y)
		s.addProduct(t.q, x)
		s.addProduct(t.r, y)
		if i > 0 {
			a[i-1], b[i-1] = int64(p.low&low62), int64(s.low&low62)
		}
		p.shift()
		s.shift()
	}
	a[length-1], b[length-1] = int64(p.low), int64(s.low)
}

// modulo does the same to d and e modulo m, adding the multiples of m that make both whole and keep them between −2m and m.
func (t *steps) modulo(d, e, m *signed62, m0 uint64, n int) {
	sd, se := d[n-1]>>63, e[n-1]>>63
	md, me := t.u&sd+t.v&se, t.q&sd+t.r&se
	md -= int64((m0*uint64(t.u*d[0]+t.v*e[0]) + uint64(md)) & low62)
	me -= int64((m0*uint64(t.q*d[0]+t.r*e[0]) + uint64(me)) & low62)
	var p, s wide
	for i := range n {
		x, y := d[i], e[i]
		p.addProduct(t.u, x)
		p.addProduct(t.v, y)
		p.addProduct(md, m[i])
		s.addProduct(t.q, x)
		s.addProduct(t.r, y)
		s.addProduct(me, m[i])
		if i > 0 {
			d[i-1], e[i-1] = int64(p.low&low62), int64(s.low&low62)
		}
		p.shift()
		s.shift()
	}
	d[n-1], e[n-1] = int64(p.low), int64(s.low)
}

// wide is a signed number of 128 bits.
type wide struct{ high, low uint64 }

func (w *wide) addProduct(x, y int64) {
	high, low := bits.Mul64(uint64(x), uint64(y))
	high -= uint64(x>>63&y) + uint64(y>>63&x)
	var c uint64
	w.low, c = bits.Add64(w.low, low, 0)
	w.high += high + c
}

// shift divides by 2^62, rounding down.
func (w *wide) shift() {
	w.low = w.low>>62 | w.high<<2
	w.high = uint64(int64(w.high) >> 62)
}

func toSigned62(x *fe, n int) (s signed62) {
	for i := range n {
		at, shift := 62*i/64, 62*i%64
		w := x[at] >> shift
		if at+1 < len(x) {
			w |= x[at+1] << 1 << (63 - shift)
		}
		s[i] = int64(w & low62)
	}
	return s
}

// unsigned is the way back for a number that is not negative.
func (s *signed62) unsigned(n int) (x fe) {
	for i := range n {
		at, shift := 62*i/64, 62*i%64
		x[at] |= uint64(s[i]) << shift
		if at+1 < len(x) {
			x[at+1] |= uint64(s[i]) >> 1 >> (63 - shift)
		}
	}
	return x
}

func (s *signed62) isZero(n int) bool {
	var all int64
	for _, w := range s[:n] {
		all |= w
	}
	return all == 0
}

// negative is for a number whose words above the sign are zero.
func (s *signed62) negative(n int) bool {
	for i := n - 1; i >= 0; i-- {
		if s[i] != 0 {
			return s[i] < 0
		}
	}
	return false
}

// addMultiple adds k·x, for a small k.
func (s *signed62) addMultiple(x *signed62, k int64, n int) {
	var carry int64
	for i := range n {
		w := s[i] + k*x[i] + carry
		if i < n-1 {
			s[i], carry = w&low62, w>>62
		} else {
			s[i] = w
		}
	}
}
