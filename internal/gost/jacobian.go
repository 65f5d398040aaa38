package gost

// jacobian is the point (x/z², y/z³); z is zero for the neutral one. Its arithmetic branches on the numbers: for public
// points only.
type jacobian struct{ x, y, z fe }

// double sets p = 2·q. p may be q. With m half the usual slope's numerator, all denominators are y·z instead of 2·y·z.
func (c *Curve) double(p, q *jacobian) {
	f := &c.p
	var s, m, yy, zz, t fe
	f.sqr(&yy, &q.y)
	f.mul(&s, &q.x, &yy)
	f.sqr(&zz, &q.z)
	if c.three { // a = −3: 3·x² + a·z⁴ = 3·(x + z²)·(x − z²)
		f.addPublic(&t, &q.x, &zz)
		f.subPublic(&m, &q.x, &zz)
		f.mul(&m, &m, &t)
		f.threeHalvesPublic(&m, &m)
	} else {
		f.sqr(&m, &q.x)
		f.threeHalvesPublic(&m, &m)
		f.sqr(&t, &zz)
		f.mul(&t, &t, &c.halfA)
		f.addPublic(&m, &m, &t)
	}
	f.mul(&p.z, &q.y, &q.z)
	f.sqr(&t, &m)
	f.subTwicePublic(&p.x, &t, &s)
	f.subPublic(&s, &s, &p.x)
	f.mul(&s, &s, &m)
	f.sqr(&yy, &yy)
	f.subPublic(&p.y, &s, &yy)
}

// addAffine sets p = p + q, or p − q where minus says so.
func (c *Curve) addAffine(p *jacobian, q *affine, minus bool) {
	f := &c.p
	if f.isZero(&p.z) == 1 {
		*p = jacobian{q.x, q.y, f.one}
		if minus {
			f.subPublic(&p.y, &fe{}, &q.y)
		}
		return
	}
	var zz, u, s, h, r fe
	f.sqr(&zz, &p.z)
	f.mul(&u, &q.x, &zz)
	f.mul(&s, &q.y, &zz)
	f.mul(&s, &s, &p.z)
	f.subPublic(&h, &u, &p.x)
	if minus { // the difference of −y and p.y, with the other sign
		f.addPublic(&r, &s, &p.y)
	} else {
		f.subPublic(&r, &s, &p.y)
	}
	c.finishAdd(p, &h, &r, &p.z, minus)
}

// add sets p = p + q.
func (c *Curve) add(p, q *jacobian) {
	f := &c.p
	if f.isZero(&q.z) == 1 {
		return
	}
	if f.isZero(&p.z) == 1 {
		*p = *q
		return
	}
	var zz1, zz2, u, s, h, r, zz fe
	f.sqr(&zz1, &p.z)
	f.sqr(&zz2, &q.z)
	f.mul(&u, &q.x, &zz1)
	f.mul(&s, &q.y, &zz1)
	f.mul(&s, &s, &p.z)
	f.mul(&p.x, &p.x, &zz2) // p with the denominators of both
	f.mul(&p.y, &p.y, &zz2)
	f.mul(&p.y, &p.y, &q.z)
	f.mul(&zz, &p.z, &q.z)
	f.subPublic(&h, &u, &p.x)
	f.subPublic(&r, &s, &p.y)
	c.finishAdd(p, &h, &r, &zz, false)
}

// finishAdd ends an addition: p.x and p.y are over the common denominator z, h and r are the other point's coordinates
// less those, r with the other sign where minus says so.
func (c *Curve) finishAdd(p *jacobian, h, r, z *fe, minus bool) {
	f := &c.p
	if f.isZero(h) == 1 {
		if f.isZero(r) == 1 {
			p.z = *z
			c.double(p, p)
			return
		}
		*p = jacobian{}
		return
	}
	var hh, v, t fe
	f.sqr(&hh, h)
	f.mul(&v, &p.x, &hh)
	f.mul(&hh, &hh, h)
	f.mul(&p.z, z, h)
	f.sqr(&t, r)
	f.subPublic(&t, &t, &hh)
	f.subTwicePublic(&p.x, &t, &v)
	if minus {
		f.subPublic(&v, &p.x, &v)
	} else {
		f.subPublic(&v, &v, &p.x)
	}
	f.mul(&v, &v, r)
	f.mul(&hh, &hh, &p.y)
	f.subPublic(&p.y, &v, &hh)
}

// toAffine writes points, none of them neutral, without denominators. All share one inversion.
func (c *Curve) toAffine(out []affine, points []jacobian) {
	f := &c.p
	// out[i].x holds the product of the denominators before i until it is used.
	product := f.one
	for i := range points {
		out[i].x = product
		f.mul(&product, &product, &points[i].z)
	}
	f.invertPublic(&product, &product)
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		var z, zz fe
		f.mul(&z, &product, &out[i].x)
		f.mul(&product, &product, &p.z)
		f.sqr(&zz, &z)
		f.mul(&out[i].x, &p.x, &zz)
		f.mul(&zz, &zz, &z)
		f.mul(&out[i].y, &p.y, &zz)
	}
}
