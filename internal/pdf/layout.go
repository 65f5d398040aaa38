package pdf

import (
	"context"
	"fmt"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"

	"rsc.io/qr"
)

// Measures of the page in points.
const (
	marginX    = 50.0
	marginTop  = 34.0
	textWidth  = pageWidth - 2*marginX
	textBottom = pageHeight - 58 // nothing of the text goes lower; the foot line stands below
	footLine   = pageHeight - 46
	gap        = 14.0
)

// layout places the parts of one document on pages. y is the position reached on the current page.
type layout struct {
	*canvas
	ctx  context.Context
	d    port.Paper
	code *qr.Code
	y    float64
}

// draw lays the whole document out; the foot of the pages comes last, because it names their number.
func (l *layout) draw() error {
	if err := l.newPage(); err != nil {
		return err
	}
	l.header()
	l.numbers()
	if l.y > pageHeight/2 {
		// The head stands on the first page whole; a paper whose title fills half of it is a mistake.
		return fault.New(fault.TooLarge, "pdf.head")
	}
	for _, row := range l.d.Rows {
		if err := l.row(row); err != nil {
			return err
		}
	}
	if err := l.notes(); err != nil {
		return err
	}
	if err := l.closing(); err != nil {
		return err
	}
	l.feet()
	return nil
}

// newPage begins a page with what lies under the text: the watermark, the frame of a draft, the ornament.
func (l *layout) newPage() error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if len(l.pages) == MaxPages {
		return fault.New(fault.TooLarge, "pdf.pages").With(fault.Args{"max": fmt.Sprint(MaxPages)})
	}
	l.pages = append(l.pages, &page{buf: make([]byte, 0, 16<<10)})
	l.watermark()
	l.ornament(func(p *page) { p.form(formBand, marginX, marginTop, 1) })
	l.y = marginTop + bandHeight/2
	if len(l.pages) > 1 {
		l.y += 16
		l.ornament(func(*page) {
			number := oneLine(l.d.Number.Value)
			width := l.r.width(faceBold(), 8, number)
			l.text(faceBold(), 8, colorInk(), pageWidth-marginX-width, l.y, number)
			l.text(faceSans(), 8, colorGrey(), marginX, l.y, l.fit(faceSans(), 8, oneLine(l.d.Title), textWidth-width-gap))
		})
		l.y += 10
	}
	return nil
}

// fit shortens a line to a width, with an ellipsis where something is left out.
func (l *layout) fit(f face, size float64, line string, width float64) string {
	if l.r.width(f, size, line) <= width {
		return line
	}
	return strings.TrimRight(l.r.wrap(f, size, line, width-l.r.advance(f, size, '…'))[0], " ") + "…"
}

// watermark draws the mark of a demonstration or a draft behind the text, along the page's diagonal.
func (l *layout) watermark() {
	word, draft := l.d.Watermark, draftWord(l.d.Lang)
	if word == "" && l.d.Draft {
		word = draft
	}
	if word != "" {
		const length, angleSin, angleCos = 620.0, 0.8165, 0.5774
		size := min(120, 100*length/max(1, l.r.width(faceBold(), 100, word)))
		half := l.r.width(faceBold(), size, word) / 2
		l.ornament(func(p *page) {
			pale := colorPale()
			p.op("q")
			p.op("rg", pale[0], pale[1], pale[2])
			// The rotation needs more decimals than lengths do.
			p.buf = fmt.Appendf(p.buf, "%.4f %.4f %.4f %.4f %.2f %.2f cm\nBT\n", angleCos, angleSin, -angleSin, angleCos,
				pageWidth/2, pageHeight/2)
			p.op("Td", -half, -size*0.35)
			l.show(faceBold(), size, word)
			p.buf = append(p.buf, "ET\nQ\n"...)
		})
	}
	if !l.d.Draft {
		return
	}
	l.ornament(func(p *page) {
		p.buf = append(p.buf, "q\n[4 3] 0 d\n"...)
		p.frame(colorWarning(), 0.8, 22, 22, pageWidth-44, pageHeight-44)
		p.op("Q")
		width := l.r.width(faceBold(), 8, draft)
		p.fill(color{1, 1, 1}, marginX-4, 17, width+8, 10)
		l.text(faceBold(), 8, colorWarning(), marginX, 25, draft)
	})
}

// draftWord is what a preview calls itself.
func draftWord(l lang.Lang) string {
	switch l {
	case lang.KK:
		return "ЖОБА"
	case lang.RU:
		return "ПРОЕКТ"
	default:
		return "DRAFT"
	}
}

// header draws the emblem, the licensor and the title, all in the middle.
func (l *layout) header() {
	const middle = pageWidth / 2
	if l.d.Emblem {
		l.y += 10 + rosetteRadius
		l.ornament(func(p *page) { p.form(formRosette, middle, l.y, 1) })
		l.y += rosetteRadius
	}
	if l.d.StateBody != "" {
		l.y += 8
		lines := l.r.balance(faceSerif(), 11.5, l.d.StateBody, textWidth*0.8)
		l.tagged("P", "", func() { l.y = l.centred(faceSerif(), 11.5, 14, colorInk(), middle, l.y, lines) })
		l.y += 9
		l.ornament(func(p *page) { p.line(color{0.74, 0.58, 0.22}, 0.8, middle-32, middle+32, l.y) })
	}
	if l.d.Title != "" {
		l.y += 5
		size := 21.0
		lines := l.r.balance(faceSerifBold(), size, l.d.Title, textWidth)
		if len(lines) > 1 {
			size = 16
			lines = l.r.balance(faceSerifBold(), size, l.d.Title, textWidth*0.92)
		}
		l.tagged("H1", "", func() { l.y = l.centred(faceSerifBold(), size, size*1.22, colorAccent(), middle, l.y, lines) })
	}
	if l.d.Subtitle != "" {
		l.y += 6
		lines := l.r.balance(faceSerif(), 11, l.d.Subtitle, textWidth*0.86)
		l.tagged("P", "", func() { l.y = l.centred(faceSerif(), 11, 13.5, colorGrey(), middle, l.y, lines) })
	}
	l.y += gap
}

// numbers draws the strip with the document's numbers, each under its caption.
func (l *layout) numbers() {
	all := make([]port.Labelled, 0, 1+len(l.d.OtherNumbers))
	for _, n := range append([]port.Labelled{l.d.Number}, l.d.OtherNumbers...) {
		if n.Label != "" || n.Value != "" {
			all = append(all, n)
		}
	}
	const perLine = 3
	for start := 0; start < len(all); start += perLine {
		part := all[start:min(start+perLine, len(all))]
		boxes := make([]box, len(part))
		for i, n := range part {
			boxes[i] = l.box(port.Cell{Label: n.Label, Value: n.Value}, textWidth/float64(len(part)), numberStyle())
		}
		height := highest(boxes)
		l.ornament(func(p *page) {
			p.fill(colorTint(), marginX, l.y, textWidth, height)
			p.line(colorAccent(), 1, marginX, marginX+textWidth, l.y)
		})
		l.drawBoxes(boxes, l.y)
		l.y += height
	}
	if len(all) > 0 {
		l.y += gap
	}
}

// room tells how much of the page is left.
func (l *layout) room() float64 { return textBottom - l.y }

// ensure begins a new page where the next part would not fit whole.
func (l *layout) ensure(height float64) error {
	if height <= l.room() {
		return nil
	}
	return l.newPage()
}

// notes draws the paragraphs under the grid.
func (l *layout) notes() error {
	const size, leading = 8.5, 11.5
	for i, note := range l.d.Notes {
		if note == "" {
			continue
		}
		if i == 0 {
			l.y += gap - 4
		}
		elem := -1
		for _, line := range l.r.wrap(faceSans(), size, note, textWidth) {
			if err := l.ensure(leading); err != nil {
				return err
			}
			l.y += leading
			draw := func() { l.text(faceSans(), size, colorGrey(), marginX, l.y-2, line) }
			if elem < 0 {
				elem = l.tagged("P", "", draw)
			} else {
				l.again(elem, draw)
			}
		}
		l.y += 4
	}
	return nil
}

// feet draws the last line of every page: the number of the document and, where there are several, of the page.
func (l *layout) feet() {
	last := l.pages
	number := oneLine(l.d.Number.Value)
	for i := range last {
		l.pages = last[:i+1]
		l.ornament(func(p *page) {
			p.form(formBand, marginX, footLine+2, 1)
			if len(last) == 1 {
				return
			}
			count := fmt.Sprintf("%d/%d", i+1, len(last))
			l.text(faceSans(), 7.5, colorGrey(), marginX, footLine+17, number)
			l.text(faceSans(), 7.5, colorGrey(), pageWidth-marginX-l.r.width(faceSans(), 7.5, count), footLine+17, count)
		})
	}
	l.pages = last
}
