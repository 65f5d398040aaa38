package pdf

import (
	"math"
)

// The ornaments are drawn like the engine-turned patterns of printed securities: many thin closed curves. They depend
// on nothing, so a Renderer computes and compresses them once and every document carries the same bytes.

// Names of the prepared drawings in the resources of every page.
const (
	formRosette = "/Rosette"
	formBand    = "/Band"
)

// Half the size of the rosette, and the size of the band, in points.
const (
	rosetteRadius = 25.0
	bandWidth     = pageWidth - 2*marginX
	bandHeight    = 7.0
)

// rosette is a neutral emblem around its origin: two wreaths of turned ellipses about a ring.
func rosette() []byte {
	p := &page{}
	accent, gold := colorAccent(), color{0.74, 0.58, 0.22}
	p.op("w", 0.28)
	p.op("RG", accent[0], accent[1], accent[2])
	wreath(p, 26, rosetteRadius*0.62, rosetteRadius*0.38, rosetteRadius*0.30)
	p.op("RG", gold[0], gold[1], gold[2])
	p.op("w", 0.32)
	wreath(p, 16, rosetteRadius*0.30, rosetteRadius*0.22, rosetteRadius*0.12)
	p.op("w", 0.7)
	ellipse(p, 0, 0, rosetteRadius*0.99, rosetteRadius*0.99, 0)
	p.op("RG", accent[0], accent[1], accent[2])
	p.op("w", 0.4)
	ellipse(p, 0, 0, rosetteRadius*0.945, rosetteRadius*0.945, 0)
	ellipse(p, 0, 0, rosetteRadius*0.115, rosetteRadius*0.115, 0)
	return p.buf
}

// wreath draws n ellipses with half axes a and b, their centres at a distance from the origin, each turned a step.
func wreath(p *page, n int, distance, a, b float64) {
	for i := range n {
		turn := 2 * math.Pi * float64(i) / float64(n)
		ellipse(p, distance*math.Cos(turn), distance*math.Sin(turn), a, b, turn)
	}
}

// ellipse draws a closed curve of four Bézier arcs around (cx, cy), turned by an angle.
func ellipse(p *page, cx, cy, a, b, turn float64) {
	const k = 0.5523 // the control length that makes a quarter circle
	sin, cos := math.Sincos(turn)
	at := func(x, y float64) (float64, float64) { return cx + x*cos - y*sin, cy + x*sin + y*cos }
	x, y := at(a, 0)
	p.op("m", x, y)
	quarters := [4][6]float64{
		{a, k * b, k * a, b, 0, b}, {-k * a, b, -a, k * b, -a, 0}, {-a, -k * b, -k * a, -b, 0, -b}, {k * a, -b, a, -k * b, a, 0},
	}
	for _, q := range quarters {
		x1, y1 := at(q[0], q[1])
		x2, y2 := at(q[2], q[3])
		x3, y3 := at(q[4], q[5])
		p.op("c", x1, y1, x2, y2, x3, y3)
	}
	p.op("s")
}

// band is a braid as wide as the text: waves of one length and rising height that cross on the middle line.
func band() []byte {
	p := &page{}
	accent := colorAccent()
	p.op("RG", accent[0], accent[1], accent[2])
	p.op("w", 0.3)
	const waves = 36
	half := bandWidth / (2 * waves)
	for strand := range 4 {
		height := bandHeight / 2 * (1 - 0.26*float64(strand))
		for _, up := range []float64{1, -1} {
			p.op("m", 0, 0)
			for i := range 2 * waves {
				x := float64(i) * half
				p.op("c", x+half*0.36, up*height*1.33, x+half*0.64, up*height*1.33, x+half, 0)
				up = -up
			}
			p.op("S")
		}
	}
	return p.buf
}
