package gost

import "math/bits"

// The rows of a product of four words are written out so that carries stay in the processor's flag: the compiler turns
// neighbouring bits.Add64 into a chain of additions with carry, and each row fits the registers.

// mul4 sets z = x·y, the whole product.
func mul4(z *[8]uint64, x, y *[4]uint64) {
	var c uint64
	a := x[0]
	h0, l0 := bits.Mul64(a, y[0])
	h1, l1 := bits.Mul64(a, y[1])
	h2, l2 := bits.Mul64(a, y[2])
	h3, l3 := bits.Mul64(a, y[3])
	z[0] = l0
	t0, c := bits.Add64(l1, h0, 0)
	t1, c := bits.Add64(l2, h1, c)
	t2, c := bits.Add64(l3, h2, c)
	t3, _ := bits.Add64(h3, 0, c)

	a = x[1]
	h0, l0 = bits.Mul64(a, y[0])
	h1, l1 = bits.Mul64(a, y[1])
	h2, l2 = bits.Mul64(a, y[2])
	h3, l3 = bits.Mul64(a, y[3])
	z[1], c = bits.Add64(t0, l0, 0)
	t0, c = bits.Add64(t1, l1, c)
	t1, c = bits.Add64(t2, l2, c)
	t2, c = bits.Add64(t3, l3, c)
	t3, _ = bits.Add64(h3, 0, c)
	t0, c = bits.Add64(t0, h0, 0)
	t1, c = bits.Add64(t1, h1, c)
	t2, c = bits.Add64(t2, h2, c)
	t3, _ = bits.Add64(t3, 0, c)

	a = x[2]
	h0, l0 = bits.Mul64(a, y[0])
	h1, l1 = bits.Mul64(a, y[1])
	h2, l2 = bits.Mul64(a, y[2])
	h3, l3 = bits.Mul64(a, y[3])
	z[2], c = bits.Add64(t0, l0, 0)
	t0, c = bits.Add64(t1, l1, c)
	t1, c = bits.Add64(t2, l2, c)
	t2, c = bits.Add64(t3, l3, c)
	t3, _ = bits.Add64(h3, 0, c)
	t0, c = bits.Add64(t0, h0, 0)
	t1, c = bits.Add64(t1, h1, c)
	t2, c = bits.Add64(t2, h2, c)
	t3, _ = bits.Add64(t3, 0, c)

	a = x[3]
	h0, l0 = bits.Mul64(a, y[0])
	h1, l1 = bits.Mul64(a, y[1])
	h2, l2 = bits.Mul64(a, y[2])
	h3, l3 = bits.Mul64(a, y[3])
	z[3], c = bits.Add64(t0, l0, 0)
	t0, c = bits.Add64(t1, l1, c)
	t1, c = bits.Add64(t2, l2, c)
	t2, c = bits.Add64(t3, l3, c)
	t3, _ = bits.Add64(h3, 0, c)
	z[4], c = bits.Add64(t0, h0, 0)
	z[5], c = bits.Add64(t1, h1, c)
	z[6], c = bits.Add64(t2, h2, c)
	z[7], _ = bits.Add64(t3, 0, c)
}

// addMul4 sets z = z + x·y and gives the carry.
func addMul4(z *[8]uint64, x, y *[4]uint64) uint64 {
	var c uint64
	a := x[0]
	h0, l0 := bits.Mul64(a, y[0])
	h1, l1 := bits.Mul64(a, y[1])
	h2, l2 := bits.Mul64(a, y[2])
	h3, l3 := bits.Mul64(a, y[3])
	z[0], c = bits.Add64(z[0], l0, 0)
	t0, c := bits.Add64(z[1], l1, c)
	t1, c := bits.Add64(z[2], l2, c)
	t2, c := bits.Add64(z[3], l3, c)
	t3, _ := bits.Add64(h3, 0, c)
	t0, c = bits.Add64(t0, h0, 0)
	t1, c = bits.Add64(t1, h1, c)
	t2, c = bits.Add64(t2, h2, c)
	t3, _ = bits.Add64(t3, 0, c)

	a = x[1]
	h0, l0 = bits.Mul64(a, y[0])
	h1, l1 = bits.Mul64(a, y[1])
	h2, l2 = bits.Mul64(a, y[2])
	h3, l3 = bits.Mul64(a, y[3])
	z[1], c = bits.Add64(t0, l0, 0)
	t0, c = bits.Add64(t1, l1, c)
	t1, c = bits.Add64(t2, l2, c)
	t2, c = bits.Add64(t3, l3, c)
	t3, _ = bits.Add64(h3, 0, c)
	t0, c = bits.Add64(t0, h0, 0)
	t1, c = bits.Add64(t1, h1, c)
	t2, c = bits.Add64(t2, h2, c)
	t3, _ = bits.Add64(t3, 0, c)

	a = x[2]
	h0, l0 = bits.Mul64(a, y[0])
	h1, l1 = bits.Mul64(a, y[1])
	h2, l2 = bits.Mul64(a, y[2])
	h3, l3 = bits.Mul64(a, y[3])
	z[2], c = bits.Add64(t0, l0, 0)
	t0, c = bits.Add64(t1, l1, c)
	t1, c = bits.Add64(t2, l2, c)
	t2, c = bits.Add64(t3, l3, c)
	t3, _ = bits.Add64(h3, 0, c)
	t0, c = bits.Add64(t0, h0, 0)
	t1, c = bits.Add64(t1, h1, c)
	t2, c = bits.Add64(t2, h2, c)
	t3, _ = bits.Add64(t3, 0, c)

	a = x[3]
	h0, l0 = bits.Mul64(a, y[0])
	h1, l1 = bits.Mul64(a, y[1])
	h2, l2 = bits.Mul64(a, y[2])
	h3, l3 = bits.Mul64(a, y[3])
	z[3], c = bits.Add64(t0, l0, 0)
	t0, c = bits.Add64(t1, l1, c)
	t1, c = bits.Add64(t2, l2, c)
	t2, c = bits.Add64(t3, l3, c)
	t3, _ = bits.Add64(h3, 0, c)
	t0, c = bits.Add64(t0, h0, 0)
	t1, c = bits.Add64(t1, h1, c)
	t2, c = bits.Add64(t2, h2, c)
	t3, _ = bits.Add64(t3, 0, c)
	z[4], c = bits.Add64(t0, z[4], 0)
	z[5], c = bits.Add64(t1, z[5], c)
	z[6], c = bits.Add64(t2, z[6], c)
	z[7], c = bits.Add64(t3, z[7], c)
	return c
}

// sqr4 sets z = x²: the products of different words once, doubled, and the squares.
func sqr4(z *[8]uint64, x *[4]uint64) {
	var c uint64
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	t2, t1 := bits.Mul64(x0, x1)
	h2, l2 := bits.Mul64(x0, x2)
	h3, l3 := bits.Mul64(x0, x3)
	t2, c = bits.Add64(t2, l2, 0)
	t3, c := bits.Add64(l3, h2, c)
	t4, _ := bits.Add64(h3, 0, c)
	h3, l3 = bits.Mul64(x1, x2)
	h4, l4 := bits.Mul64(x1, x3)
	h5, l5 := bits.Mul64(x2, x3)
	t3, c = bits.Add64(t3, l3, 0)
	t4, c = bits.Add64(t4, h3, c)
	t5, c := bits.Add64(l5, h4, c)
	t6, _ := bits.Add64(h5, 0, c)
	t4, c = bits.Add64(t4, l4, 0)
	t5, c = bits.Add64(t5, 0, c)
	t6, _ = bits.Add64(t6, 0, c)
	t1, c = bits.Add64(t1, t1, 0)
	t2, c = bits.Add64(t2, t2, c)
	t3, c = bits.Add64(t3, t3, c)
	t4, c = bits.Add64(t4, t4, c)
	t5, c = bits.Add64(t5, t5, c)
	t6, c = bits.Add64(t6, t6, c)
	t7, _ := bits.Add64(0, 0, c)
	h0, l0 := bits.Mul64(x0, x0)
	h1, l1 := bits.Mul64(x1, x1)
	h2, l2 = bits.Mul64(x2, x2)
	h3, l3 = bits.Mul64(x3, x3)
	z[0] = l0
	z[1], c = bits.Add64(t1, h0, 0)
	z[2], c = bits.Add64(t2, l1, c)
	z[3], c = bits.Add64(t3, h1, c)
	z[4], c = bits.Add64(t4, l2, c)
	z[5], c = bits.Add64(t5, h2, c)
	z[6], c = bits.Add64(t6, l3, c)
	z[7], _ = bits.Add64(t7, h3, c)
}
