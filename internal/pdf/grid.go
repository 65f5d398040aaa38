package pdf

import (
	"elicense/internal/port"
)

// style is how a box sets its caption and its value.
type style struct {
	label, labelLeading float64
	value, leading      float64
	face                face
	padding             float64
	framed              bool
}

func cellStyle() style {
	return style{label: 6.8, labelLeading: 8.4, value: 9.8, leading: 12.6, face: faceSans(), padding: 5.5, framed: true}
}

func numberStyle() style {
	return style{label: 7, labelLeading: 9, value: 12.5, leading: 15.5, face: faceBold(), padding: 5.5}
}

func signatoryStyle() style {
	return style{label: 6.8, labelLeading: 8.4, value: 9.8, leading: 12.6, face: faceSerif(), padding: 5.5}
}

// box is one box with its lines broken; next counts the lines that stand on earlier pages.
type box struct {
	style  style
	no     string
	indent float64 // of the caption, after the box's number
	label  []string
	value  []string
	next   int // lines already drawn, captions first
	elem   int // its element once begun, -1 before
	width  float64
}

// box breaks the lines of one box for a width.
func (l *layout) box(cell port.Cell, width float64, s style) box {
	b := box{style: s, no: cell.No, elem: -1, width: width}
	inner := width - 2*s.padding
	if cell.No != "" {
		b.indent = min(l.r.width(faceBold(), s.label, cell.No)+3.5, inner/2)
	}
	if cell.Label != "" {
		b.label = l.r.wrap(faceSans(), s.label, cell.Label, inner-b.indent)
	} else if cell.No != "" {
		b.label = []string{""}
	}
	if cell.Value != "" {
		b.value = l.r.wrap(s.face, s.value, cell.Value, inner)
	}
	return b
}

// lineHeight is the height of the line with an index, captions first.
func (b *box) lineHeight(i int) float64 {
	if i < len(b.label) {
		return b.style.labelLeading
	}
	return b.style.leading
}

func (b *box) lines() int { return len(b.label) + len(b.value) }

// height is what the lines not yet drawn take, with the padding; an empty box has room for one line.
func (b *box) height() float64 {
	h := 2 * b.style.padding
	for i := b.next; i < b.lines(); i++ {
		h += b.lineHeight(i)
	}
	if len(b.value) == 0 {
		h += b.style.leading
	}
	return h
}

// take tells how many further lines fit into a height.
func (b *box) take(height float64) int {
	height -= 2 * b.style.padding
	i := b.next
	for ; i < b.lines() && b.lineHeight(i) <= height; i++ {
		height -= b.lineHeight(i)
	}
	return i - b.next
}

// drawBox draws the lines of a box that fit into the height, and its frame.
func (l *layout) drawBox(b *box, x, y, height float64) {
	if b.style.framed {
		l.ornament(func(p *page) { p.frame(colorLine(), 0.5, x, y, b.width, height) })
	}
	n := b.take(height + 0.01) // the hundredth forgives rounding
	if n == 0 {
		return
	}
	draw := func() {
		at := y + b.style.padding
		for i := b.next; i < b.next+n; i++ {
			at += b.lineHeight(i)
			l.boxLine(b, i, x+b.style.padding, at)
		}
	}
	if b.elem < 0 {
		b.elem = l.tagged("P", "", draw)
	} else {
		l.again(b.elem, draw)
	}
	b.next += n
}

// boxLine draws one line of a box whose lower edge is at y.
func (l *layout) boxLine(b *box, i int, x, y float64) {
	s := b.style
	if i >= len(b.label) {
		l.text(s.face, s.value, colorInk(), x, y-s.value*0.22, b.value[i-len(b.label)])
		return
	}
	base := y - s.label*0.28
	if i == 0 && b.no != "" {
		l.text(faceBold(), s.label, colorAccent(), x, base, b.no+" ")
	}
	l.text(faceSans(), s.label, colorGrey(), x+b.indent, base, b.label[i])
}

// row draws one row of the grid. A row that does not fit goes to the next page whole; one that is longer than half a
// page is parted instead, between lines, and goes on in boxes of its own on the next page.
func (l *layout) row(row port.Row) error {
	if len(row.Cells) == 0 {
		return nil
	}
	widths := shares(row.Cells)
	boxes := make([]box, len(row.Cells))
	for i, cell := range row.Cells {
		boxes[i] = l.box(cell, widths[i], cellStyle())
	}
	for {
		height := highest(boxes)
		whole := height <= l.room()
		if !whole && (height < pageHeight/2 || l.room() < 80) {
			if err := l.newPage(); err != nil {
				return err
			}
			continue
		}
		if !whole {
			height = l.parted(boxes)
		}
		l.drawRow(boxes, l.y, height)
		l.y += height
		if whole {
			return nil
		}
		if err := l.newPage(); err != nil {
			return err
		}
	}
}

// highest is the height that all boxes of a row get.
func highest(boxes []box) float64 {
	height := 0.0
	for i := range boxes {
		height = max(height, boxes[i].height())
	}
	return height
}

// drawBoxes draws boxes beside each other as high as the highest, and gives that height.
func (l *layout) drawBoxes(boxes []box, y float64) float64 {
	height := highest(boxes)
	l.drawRow(boxes, y, height)
	return height
}

func (l *layout) drawRow(boxes []box, y, height float64) {
	x := marginX
	for i := range boxes {
		l.drawBox(&boxes[i], x, y, height)
		x += boxes[i].width
	}
}

// parted is the height of the piece of a long row that ends the page: the most lines that fit, and not a point more.
func (l *layout) parted(boxes []box) float64 {
	height := 0.0
	for i := range boxes {
		b := &boxes[i]
		used := 2 * b.style.padding
		for n := b.next; n < b.next+b.take(l.room()); n++ {
			used += b.lineHeight(n)
		}
		height = max(height, used)
	}
	return height
}

// shares turns the widths of a row's cells, in twelfths, into points that fill the page. Cells without a width share
// what the others leave, at least one twelfth each.
func shares(cells []port.Cell) []float64 {
	given, open := 0, 0
	for _, c := range cells {
		if c.Width > 0 {
			given += min(c.Width, 12)
		} else {
			open++
		}
	}
	rest := 0.0
	if open > 0 {
		rest = max(1, float64(12-given)/float64(open))
	}
	total := float64(given) + rest*float64(open)
	widths := make([]float64, len(cells))
	for i, c := range cells {
		w := rest
		if c.Width > 0 {
			w = float64(min(c.Width, 12))
		}
		widths[i] = w / total * textWidth
	}
	return widths
}
