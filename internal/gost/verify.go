package gost

// Verify checks a signature r‖s over a digest (RFC 7091, section 6.2), both as the package's comment orders their bytes.
// It gives nil only for a valid one, else ErrDigestLength, ErrSignatureLength, ErrSignatureRange or ErrSignature. The
// digest is one of the hash that goes with the curve: which one, the caller knows from the algorithm identifiers.
func (k *PublicKey) Verify(digest, signature []byte) error {
	var r, u, v fe
	if err := k.curve.prepareVerify(&r, &u, &v, digest, signature); err != nil {
		return err
	}
	var p jacobian
	k.curve.sumOnce(&p, &u, &v, &k.point)
	return k.curve.compare(&p, &r)
}

// Verify is PublicKey.Verify at less than half the cost.
func (k *PreparedKey) Verify(digest, signature []byte) error {
	c := k.key.curve
	var r, u, v fe
	if err := c.prepareVerify(&r, &u, &v, digest, signature); err != nil {
		return err
	}
	var p jacobian
	c.sumPrepared(&p, &u, &v, k.multiples)
	return c.compare(&p, &r)
}

// prepareVerify is steps 1 to 4: r, and the numbers u = s/e and v = −r/e modulo q.
func (c *Curve) prepareVerify(r, u, v *fe, digest, signature []byte) error {
	size := c.Size()
	if len(digest) != size {
		return ErrDigestLength
	}
	if len(signature) != 2*size {
		return ErrSignatureLength
	}
	*r = c.q.load(signature)
	s := c.q.load(signature[size:])
	if !c.isScalar(r) || !c.isScalar(&s) {
		return ErrSignatureRange
	}
	e := c.digestNumber(digest)
	c.q.invertPublic(&e, &e)
	c.q.set(u, &s)
	c.q.mul(u, u, &e)
	c.q.value(u, u)
	c.q.set(v, r)
	c.q.mul(v, v, &e)
	c.q.sub(v, &fe{}, v)
	c.q.value(v, v)
	return nil
}

// digestNumber is e of RFC 7091, section 6.1, step 2, in the form of the field of q: the digest modulo q, or 1 for zero.
func (c *Curve) digestNumber(digest []byte) fe {
	e := c.q.load(digest)
	c.q.set(&e, &e)
	choose(&e, &c.q.one, &e, c.q.isZero(&e))
	return e
}

// isScalar tells whether 0 < x < q.
func (c *Curve) isScalar(x *fe) bool {
	return *x != fe{} && below(x, &c.q.m) == 1
}

// compare is the last step: x of the point, modulo q, must be r. Instead of dividing x by z², r is multiplied, and so is
// r + i·q for as long as that is below p: x may have lost multiples of q.
func (c *Curve) compare(p *jacobian, r *fe) error {
	f := &c.p
	if f.isZero(&p.z) == 1 {
		return ErrSignature
	}
	var zz, t fe
	f.sqr(&zz, &p.z)
	for candidate := *r; ; {
		f.set(&t, &candidate)
		f.mul(&t, &t, &zz)
		if f.equal(&t, &p.x) == 1 {
			return nil
		}
		if !addBelow(&candidate, &c.q.m, &f.m, f.n) {
			return ErrSignature
		}
	}
}
