package pdf

import (
	"strings"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// closing draws the end of the document: who signed, and the check block at the foot of the last page. The two stay
// together, so that no page holds a code alone.
func (l *layout) closing() error {
	check, below := l.checkBlock(), 0.0
	if check != nil {
		below = check.height + gap + 4
	}
	rows, height := l.signatory()
	if height+below > pageHeight*0.7 {
		return fault.New(fault.TooLarge, "pdf.closing")
	}
	if err := l.ensure(height + below); err != nil {
		return err
	}
	if len(rows) > 0 {
		l.y += gap
		l.ornament(func(p *page) { p.line(colorAccent(), 1, marginX, marginX+textWidth, l.y) })
	}
	for _, boxes := range rows {
		l.y += l.drawBoxes(boxes, l.y)
	}
	if check != nil {
		l.drawCheck(check)
	}
	return nil
}

// signatory breaks the pairs of those who signed into rows of two, and gives the height of all with the gap above.
func (l *layout) signatory() (rows [][]box, height float64) {
	const perLine = 2
	for start := 0; start < len(l.d.Signatory); start += perLine {
		var boxes []box
		for _, s := range l.d.Signatory[start:min(start+perLine, len(l.d.Signatory))] {
			boxes = append(boxes, l.box(port.Cell{Label: s.Label, Value: s.Value}, textWidth/perLine, signatoryStyle()))
		}
		rows = append(rows, boxes)
		height += highest(boxes)
	}
	if len(rows) > 0 {
		height += gap
	}
	return rows, height
}

// check is the block by which a reader checks the paper, with its lines broken.
type check struct {
	text, host, address []string
	height              float64
}

// Measures of the check block: the side of the code with its quiet zone, and where the text beside it begins.
const (
	codeSide  = 96.0
	checkText = marginX + codeSide + 8
)

// checkBlock breaks the lines of the check block; nil where the document has none.
func (l *layout) checkBlock() *check {
	v := l.d.Verify
	if l.d.Draft || v.URL == "" && v.Text == "" && v.HostInWords == "" {
		return nil
	}
	width := pageWidth - marginX - checkText
	c := &check{
		text:    l.r.wrap(faceSans(), 8.5, v.Text, width),
		host:    l.r.wrap(faceBold(), 12.5, v.HostInWords, width),
		address: l.r.wrap(faceSans(), 7.5, clean(v.URL), width),
	}
	c.height = max(codeSide, c.textHeight())
	return c
}

func (c *check) textHeight() float64 {
	return 11.5*float64(len(c.text)) + 17*float64(len(c.host)) + 3 + 9.5*float64(len(c.address))
}

// drawCheck draws the check block at the foot of the page: the code, what to do with it, the host in words, and the
// address for those who have no camera.
func (l *layout) drawCheck(c *check) {
	top := textBottom - c.height + 4
	l.ornament(func(p *page) { p.line(colorLine(), 0.5, marginX, marginX+textWidth, top-4) })
	if l.code != nil {
		alt := strings.TrimSpace("QR: " + l.d.Verify.HostInWords)
		l.tagged("Figure", alt, func() { l.page().code(l.code, marginX-4, top, codeSide) })
	}
	l.tagged("P", "", func() {
		y := top + (c.height-c.textHeight())/2 - 2
		lines := func(f face, size, leading float64, col color, part []string) {
			for _, line := range part {
				y += leading
				l.text(f, size, col, checkText, y, line)
			}
		}
		lines(faceSans(), 8.5, 11.5, colorInk(), c.text)
		lines(faceBold(), 12.5, 17, colorAccent(), c.host)
		y += 3
		lines(faceSans(), 7.5, 9.5, colorGrey(), c.address)
	})
	l.y = textBottom
}
