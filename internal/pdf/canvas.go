package pdf

import (
	"strconv"
	"strings"
)

// The page is A4; lengths are points, y counts downwards from the top edge as one reads.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
)

// color is a colour in the device's red, green and blue, 0 to 1.
type color [3]float64

func colorInk() color     { return color{0.10, 0.12, 0.15} }
func colorAccent() color  { return color{0.04, 0.31, 0.40} }
func colorGrey() color    { return color{0.38, 0.43, 0.47} }
func colorLine() color    { return color{0.62, 0.71, 0.75} }
func colorTint() color    { return color{0.945, 0.965, 0.97} }
func colorPale() color    { return color{0.915, 0.935, 0.945} }
func colorWarning() color { return color{0.70, 0.16, 0.12} }

// canvas is a document being drawn: its pages, the characters used so far of each font, and its structure.
type canvas struct {
	r     *Renderer
	cores *[fontCount]*prepared // of the document's language
	used  [fontCount]bool       // which cores the document uses
	extra [fontCount]*subset    // what is not in the cores; nil where nothing is needed
	pages []*page
	elems []element
	err   error // the first character that could not be drawn
}

// page is the content stream of one page, before compression.
type page struct {
	buf   []byte
	marks []int // the element of each marked-content number
}

// element is a node of the structure that reading programs follow: a heading, a paragraph, a figure.
type element struct {
	role  string
	alt   string
	marks []mark
}

// mark is one piece of a page that belongs to an element.
type mark struct{ page, number int }

func (c *canvas) page() *page { return c.pages[len(c.pages)-1] }

// op writes an operator with its operands to the current page.
func (p *page) op(operator string, operands ...float64) {
	for _, v := range operands {
		p.buf = appendNumber(p.buf, v)
		p.buf = append(p.buf, ' ')
	}
	p.buf = append(p.buf, operator...)
	p.buf = append(p.buf, '\n')
}

// tagged draws something that is part of the document's text, as a new element.
func (c *canvas) tagged(role, alt string, draw func()) int {
	c.elems = append(c.elems, element{role: role, alt: alt})
	c.again(len(c.elems)-1, draw)
	return len(c.elems) - 1
}

// again draws a further piece of an element, such as the rest of a long value on the next page.
func (c *canvas) again(elem int, draw func()) {
	p := c.page()
	e := &c.elems[elem]
	e.marks = append(e.marks, mark{len(c.pages) - 1, len(p.marks)})
	p.buf = append(p.buf, '/')
	p.buf = append(p.buf, e.role...)
	p.buf = append(p.buf, "<</MCID "...)
	p.buf = strconv.AppendInt(p.buf, int64(len(p.marks)), 10)
	p.buf = append(p.buf, ">>BDC\n"...)
	p.marks = append(p.marks, elem)
	draw()
	p.buf = append(p.buf, "EMC\n"...)
}

// ornament draws something that carries no text: a line, a background, a page number.
func (c *canvas) ornament(draw func(p *page)) {
	p := c.page()
	p.buf = append(p.buf, "/Artifact BMC\n"...)
	draw(p)
	p.buf = append(p.buf, "EMC\n"...)
}

// text draws one line with its base line at y. Characters go out as glyph numbers in hexadecimal: nothing in a value
// can become an operator.
func (c *canvas) text(f face, size float64, col color, x, y float64, line string) {
	if line == "" {
		return
	}
	p := c.page()
	p.op("rg", col[0], col[1], col[2])
	p.buf = append(p.buf, "BT\n"...)
	p.op("Td", x, pageHeight-y)
	c.show(f, size, line)
	p.buf = append(p.buf, "ET\n"...)
}

// locate finds the number of a character: in the core of its font, or else in the document's own subset.
func (c *canvas) locate(which int, r rune) (resource string, id uint16) {
	if id := c.cores[which].id(r); id != 0 {
		c.used[which] = true
		return coreResource(which), id
	}
	if c.extra[which] == nil {
		c.extra[which] = newSubset(c.r.fonts[which])
	}
	return extraResource(which), c.extra[which].id(r)
}

// show writes a line inside a text object, changing the font where a character needs it.
func (c *canvas) show(f face, size float64, line string) {
	p, current := c.page(), ""
	for _, r := range line {
		which, _, ok := c.r.pick(f, r)
		if !ok && c.err == nil {
			c.err = noGlyph(r)
		}
		resource, id := c.locate(which, r)
		if resource != current {
			if current != "" {
				p.buf = append(p.buf, ">Tj\n"...)
			}
			current = resource
			scaled := size
			if which == f.help {
				scaled *= helpScale
			}
			p.buf = append(p.buf, resource...)
			p.buf = append(p.buf, ' ')
			p.op("Tf", scaled)
			p.buf = append(p.buf, '<')
		}
		const digits = "0123456789ABCDEF"
		p.buf = append(p.buf, digits[id>>12], digits[id>>8&15], digits[id>>4&15], digits[id&15])
	}
	if current != "" {
		p.buf = append(p.buf, ">Tj\n"...)
	}
}

// centred draws lines one under the other around the middle x and gives the y under the last.
func (c *canvas) centred(f face, size, leading float64, col color, x, y float64, lines []string) float64 {
	for _, line := range lines {
		y += leading
		c.text(f, size, col, x-c.r.width(f, size, strings.TrimRight(line, " "))/2, y, line)
	}
	return y
}

// fill paints a rectangle.
func (p *page) fill(col color, x, y, w, h float64) {
	p.op("rg", col[0], col[1], col[2])
	p.op("re", x, pageHeight-y-h, w, h)
	p.op("f")
}

// frame draws the outline of a rectangle.
func (p *page) frame(col color, thick, x, y, w, h float64) {
	p.op("RG", col[0], col[1], col[2])
	p.op("w", thick)
	p.op("re", x, pageHeight-y-h, w, h)
	p.op("S")
}

// line draws a horizontal rule.
func (p *page) line(col color, thick, x1, x2, y float64) {
	p.op("RG", col[0], col[1], col[2])
	p.op("w", thick)
	p.op("m", x1, pageHeight-y)
	p.op("l", x2, pageHeight-y)
	p.op("S")
}

// form draws a prepared drawing with its origin at x, y.
func (p *page) form(name string, x, y, scale float64) {
	p.op("q")
	p.op("cm", scale, 0, 0, scale, x, pageHeight-y)
	p.buf = append(p.buf, name...)
	p.op(" Do")
	p.op("Q")
}

// coreResource and extraResource are the names of a font's two parts in the resources of every page.
func coreResource(which int) string  { return "/C" + "0123456789"[which:which+1] }
func extraResource(which int) string { return "/X" + "0123456789"[which:which+1] }
