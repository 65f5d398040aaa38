package gost

import (
	"crypto"
	"crypto/hmac"
	"crypto/sha512"
	"io"
	"math/bits"
	"slices"
)

// nonceRandom is how many random bytes go into a nonce.
const nonceRandom = 32

// Sign makes a signature r‖s over a digest of the curve's size (RFC 7091, section 6.1), both as the package's comment
// orders their bytes. ErrDigestLength, ErrRandom, and ErrKeyRange for a key that was erased.
//
// The nonce k comes from the key, the digest and 32 bytes of random: the generator of RFC 6979, section 3.2, over
// HMAC-SHA-512 with those bytes as the additional data of section 3.6. A bad source of random numbers therefore does not
// give the key away, and a fault that repeats a computation does not repeat a nonce. With random nil the nonce is the
// plain one of RFC 6979. SHA-512 stands in for Streebog here because it reads no tables at secret indexes.
func (k *PrivateKey) Sign(random io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	c := k.public.curve
	if len(digest) != c.Size() {
		return nil, ErrDigestLength
	}
	if secretScalar(c, &k.d) == 0 {
		return nil, ErrKeyRange
	}
	var extra []byte
	if random != nil {
		extra = make([]byte, nonceRandom)
		if _, err := io.ReadFull(random, extra); err != nil {
			return nil, ErrRandom
		}
	}
	e := c.digestNumber(digest)
	nonces := newNonces(c, &k.d, &e, extra)
	for {
		nonce := nonces.next()
		if signature, ok := k.signWith(&nonce, &e); ok {
			return signature, nil
		}
	}
}

// signWith is steps 3 to 6 with a nonce 0 < k < q. It fails if r or s is zero, which no one will ever see.
func (k *PrivateKey) signWith(nonce, e *fe) ([]byte, bool) {
	c := k.public.curve
	f := &c.q
	point := c.multiplySecret(nonce)
	var x, r, s, t fe
	c.p.value(&x, &point.x)
	f.set(&r, &x)
	f.set(&t, &k.d)
	f.mul(&s, &r, &t)
	f.set(&t, nonce)
	f.mul(&t, &t, e)
	f.add(&s, &s, &t)
	if f.isZero(&r)|f.isZero(&s) == 1 {
		return nil, false
	}
	f.value(&r, &r)
	f.value(&s, &s)
	return f.store(f.store(make([]byte, 0, 2*c.Size()), &r), &s), true
}

// nonces is the generator of RFC 6979, section 3.2, for one signature.
type nonces struct {
	curve *Curve
	k, v  []byte
}

// newNonces is steps b to g. e is in the field's form.
func newNonces(c *Curve, d, e *fe, extra []byte) *nonces {
	n := &nonces{curve: c, k: make([]byte, sha512.Size), v: make([]byte, sha512.Size)}
	for i := range n.v {
		n.v[i] = 1
	}
	var value fe
	c.q.value(&value, e)
	secret, digest := c.q.store(nil, d), c.q.store(nil, &value)
	slices.Reverse(secret) // the RFC writes numbers with the most significant byte first
	slices.Reverse(digest)
	for _, step := range []byte{0, 1} {
		n.k = n.mac(n.v, []byte{step}, secret, digest, extra)
		n.v = n.mac(n.v)
	}
	return n
}

func (n *nonces) mac(parts ...[]byte) []byte {
	h := hmac.New(sha512.New, n.k)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// next is step h: the first candidate in range. That a candidate was out of range says nothing of the one that is used.
func (n *nonces) next() fe {
	q := &n.curve.q
	for {
		n.v = n.mac(n.v)
		t := slices.Clone(n.v[:q.size()])
		slices.Reverse(t)
		candidate := q.load(t)
		// bits2int: the leftmost bits, as many as q has.
		excess := bits.LeadingZeros64(q.m[q.n-1])
		for i := range q.n {
			candidate[i] >>= excess
			if i+1 < q.n {
				candidate[i] |= candidate[i+1] << 1 << (63 - excess)
			}
		}
		ok := secretScalar(n.curve, &candidate) == 1
		n.k = n.mac(n.v, []byte{0})
		n.v = n.mac(n.v)
		if ok {
			return candidate
		}
	}
}
