package gost

// Multiplication of public points by public numbers: interleaved windows of signed odd digits (wNAF). A number is written
// with digits that are zero or odd; the digits of several numbers share the doublings.

const (
	maxBits = 512
	// rows cut the doublings of a prepared point to a quarter: row i holds multiples of 2^(i·bits/rows) times it.
	rows = 4
	// Widths of the windows, in bits. A row of width w has 2^(w−2) points of 128 bytes.
	widthG        = 9 // 64 KB for a curve, made once
	widthPrepared = 7 // 16 KB for a key
	widthOnce     = 5 // made for every verification
)

// digits are a number as Σ d[i]·2^i.
type digits [maxBits + 1]int16

// oddMultiples are the points 1, 3, 5, … times a point, and the same for further powers of two times it.
type oddMultiples struct {
	width int
	rows  [rows][]affine
}

// recode writes a number of n words in digits of the width: of that many neighbours at most one is not zero. The digits
// reach up to 64·n itself.
func (d *digits) recode(x *fe, n, width int) {
	*d = digits{}
	var carry uint64
	for i := 0; i < 64*n; {
		at, shift := i/64, i%64
		w := x[at] >> shift
		if w&1 == carry {
			i++
			continue
		}
		if at+1 < n {
			w |= x[at+1] << 1 << (63 - shift)
		}
		w = w&(1<<width-1) + carry // odd
		carry = w >> (width - 1)
		d[i] = int16(w) - int16(carry<<width)
		i += width
	}
	d[64*n] = int16(carry)
}

// makeMultiples prepares a point. With one row it serves a single use.
func (c *Curve) makeMultiples(p *affine, width int) *oddMultiples {
	const per = 1 << (widthG - 2)
	n := 1 << (width - 2)
	m := &oddMultiples{width: width}
	points := make([]affine, rows*n)
	var line [per]jacobian
	base := jacobian{p.x, p.y, c.p.one}
	for i := range m.rows {
		if i > 0 {
			for range 64 * c.p.n / rows {
				c.double(&base, &base)
			}
		}
		c.oddLine(line[:n], &base)
		m.rows[i] = points[i*n : (i+1)*n]
		c.toAffine(m.rows[i], line[:n])
	}
	return m
}

// oddLine sets line to 1, 3, 5, … times p.
func (c *Curve) oddLine(line []jacobian, p *jacobian) {
	var twice jacobian
	c.double(&twice, p)
	line[0] = *p
	for i := 1; i < len(line); i++ {
		line[i] = line[i-1]
		c.add(&line[i], &twice)
	}
}

// term is a number times a point of which odd multiples are known: digit i stands for the row from i/stride on.
type term struct {
	digits digits
	row    [rows][]affine
}

// sum sets p to the sum of the terms, whose digits reach up to the length in each of the rows.
func (c *Curve) sum(p *jacobian, terms []*term, stride int) {
	*p = jacobian{}
	for i := stride; i >= 0; i-- {
		if i < stride {
			c.double(p, p)
		}
		for _, t := range terms {
			for j, row := range &t.row {
				if row == nil {
					break
				}
				// The last row has the digit of the carry too; in the others the digit belongs to the next row.
				if i == stride && j+1 < rows && t.row[j+1] != nil {
					continue
				}
				if d := t.digits[j*stride+i]; d > 0 {
					c.addAffine(p, &row[d>>1], false)
				} else if d < 0 {
					c.addAffine(p, &row[-d>>1], true)
				}
			}
		}
	}
}

// basePublic are the multiples of G for verification.
func (c *Curve) basePublic() *oddMultiples {
	c.publicOnce.Do(func() { c.public = c.makeMultiples(&c.g, widthG) })
	return c.public
}

// sumOnce sets p = u·G + v·q for a point that is not prepared.
func (c *Curve) sumOnce(p *jacobian, u, v *fe, q *affine) {
	var line [1 << (widthOnce - 2)]jacobian
	var points [1 << (widthOnce - 2)]affine
	c.oddLine(line[:], &jacobian{q.x, q.y, c.p.one})
	c.toAffine(points[:], line[:])
	var tg, tq term
	tg.digits.recode(u, c.p.n, widthG)
	tq.digits.recode(v, c.p.n, widthOnce)
	tg.row[0], tq.row[0] = c.basePublic().rows[0], points[:]
	terms := [2]*term{&tg, &tq}
	c.sum(p, terms[:], 64*c.p.n)
}

// sumPrepared sets p = u·G + v·q.
func (c *Curve) sumPrepared(p *jacobian, u, v *fe, q *oddMultiples) {
	var tg, tq term
	tg.digits.recode(u, c.p.n, widthG)
	tq.digits.recode(v, c.p.n, q.width)
	tg.row, tq.row = c.basePublic().rows, q.rows
	terms := [2]*term{&tg, &tq}
	c.sum(p, terms[:], 64*c.p.n/rows)
}
