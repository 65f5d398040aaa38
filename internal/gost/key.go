package gost

import (
	"crypto"
	"crypto/subtle"
	"io"
	"math/bits"
)

// PublicKey is a point of prime order on a curve. Only valid ones can be made.
type PublicKey struct {
	curve *Curve
	point affine
}

// NewPublicKey reads x‖y, each of the curve's size and little-endian: what the OCTET STRING in a certificate holds. The
// point is checked in full (RFC 7091, section 5.2): ErrKeyLength, ErrCoordinate, ErrNotOnCurve, ErrNotInSubgroup.
func NewPublicKey(c *Curve, encoded []byte) (*PublicKey, error) {
	size := c.Size()
	if len(encoded) != 2*size {
		return nil, ErrKeyLength
	}
	x, y := c.p.load(encoded), c.p.load(encoded[size:])
	if below(&x, &c.p.m) == 0 || below(&y, &c.p.m) == 0 {
		return nil, ErrCoordinate
	}
	k := &PublicKey{curve: c}
	c.p.set(&k.point.x, &x)
	c.p.set(&k.point.y, &y)
	if !c.contains(&k.point) {
		return nil, ErrNotOnCurve
	}
	if c.cofactor != 1 && !c.inSubgroup(&k.point) {
		return nil, ErrNotInSubgroup
	}
	return k, nil
}

// inSubgroup tells whether q times the point is the neutral one.
func (c *Curve) inSubgroup(p *affine) bool {
	var sum jacobian
	for i := 64*c.q.n - 1; i >= 0; i-- {
		c.double(&sum, &sum)
		if c.q.m[i/64]>>(i%64)&1 == 1 {
			c.addAffine(&sum, p, false)
		}
	}
	return c.p.isZero(&sum.z) == 1
}

// Curve is the curve of the key.
func (k *PublicKey) Curve() *Curve { return k.curve }

// Bytes encodes the key as NewPublicKey reads it.
func (k *PublicKey) Bytes() []byte {
	var v fe
	out := make([]byte, 0, 2*k.curve.Size())
	k.curve.p.value(&v, &k.point.x)
	out = k.curve.p.store(out, &v)
	k.curve.p.value(&v, &k.point.y)
	return k.curve.p.store(out, &v)
}

// Equal tells whether the other key is a *PublicKey with the same point on the same curve.
func (k *PublicKey) Equal(other crypto.PublicKey) bool {
	o, ok := other.(*PublicKey)
	return ok && o.curve == k.curve && k.curve.p.equal(&k.point.x, &o.point.x)&k.curve.p.equal(&k.point.y, &o.point.y) == 1
}

// PreparedKey is a public key with 16 KB of tables of its multiples. Making it costs about as much as one verification: for
// the keys of authorities, which are used over and over. It is safe for concurrent use.
type PreparedKey struct {
	key       *PublicKey
	multiples *oddMultiples
}

// Prepare makes the tables.
func (k *PublicKey) Prepare() *PreparedKey {
	return &PreparedKey{key: k, multiples: k.curve.makeMultiples(&k.point, widthPrepared)}
}

// PublicKey is the key that was prepared.
func (k *PreparedKey) PublicKey() *PublicKey { return k.key }

// PrivateKey is a number d with 0 < d < q, and its public key d·G. It is a crypto.Signer.
type PrivateKey struct {
	d      fe
	public PublicKey
}

var _ crypto.Signer = (*PrivateKey)(nil)

// NewPrivateKey reads d, of the curve's size and little-endian, as a key of 2015 has it in its PKCS #8; a key of 2004 has
// an INTEGER there, which is to be reversed. ErrKeyLength, ErrKeyRange.
func NewPrivateKey(c *Curve, encoded []byte) (*PrivateKey, error) {
	if len(encoded) != c.Size() {
		return nil, ErrKeyLength
	}
	k := &PrivateKey{d: c.q.load(encoded)}
	if secretScalar(c, &k.d) == 0 {
		return nil, ErrKeyRange
	}
	k.public = PublicKey{curve: c, point: c.multiplySecret(&k.d)}
	return k, nil
}

// GenerateKey makes a key from random numbers: the first of the curve's length that is in range. ErrRandom.
func GenerateKey(c *Curve, random io.Reader) (*PrivateKey, error) {
	buf := make([]byte, c.Size())
	for range 1000 { // a curve refuses at most three of four
		if _, err := io.ReadFull(random, buf); err != nil {
			return nil, ErrRandom
		}
		if k, err := NewPrivateKey(c, buf); err == nil {
			return k, nil
		}
	}
	return nil, ErrRandom
}

// secretScalar is 1 if 0 < x < q, without a branch on x.
func secretScalar(c *Curve, x *fe) uint64 {
	var all uint64
	for _, w := range x {
		all |= w
	}
	return (all | -all) >> 63 & below(x, &c.q.m)
}

// Public is the public key, a *PublicKey.
func (k *PrivateKey) Public() crypto.PublicKey { return k.PublicKey() }

// PublicKey is the public key.
func (k *PrivateKey) PublicKey() *PublicKey { return &k.public }

// Bytes encodes the key as NewPrivateKey reads it.
func (k *PrivateKey) Bytes() []byte {
	return k.public.curve.q.store(make([]byte, 0, k.public.curve.Size()), &k.d)
}

// Equal tells whether the other key is a *PrivateKey with the same number on the same curve, without a branch on it.
func (k *PrivateKey) Equal(other crypto.PrivateKey) bool {
	o, ok := other.(*PrivateKey)
	return ok && o.public.curve == k.public.curve && subtle.ConstantTimeCompare(k.Bytes(), o.Bytes()) == 1
}

// Erase overwrites the number; afterwards Sign gives ErrKeyRange. Copies that the collector or the stack made may remain.
func (k *PrivateKey) Erase() { k.d = fe{} }

// addBelow adds step to x if the sum is below the limit, and tells so.
func addBelow(x, step, limit *fe, n int) bool {
	var t fe
	var carry uint64
	for i := range n {
		t[i], carry = bits.Add64(x[i], step[i], carry)
	}
	if carry == 1 || below(&t, limit) == 0 {
		return false
	}
	*x = t
	return true
}
