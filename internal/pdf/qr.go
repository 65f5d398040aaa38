package pdf

import (
	"math"

	"elicense/internal/fault"
	"elicense/internal/port"

	"rsc.io/qr"
)

// quietZone is the blank margin that a code needs on every side, in modules (ISO/IEC 18004).
const quietZone = 4

// qrOf makes the code of a document's address, or nil where the document has none. Level M mends 15 % of damage: enough
// for a folded sheet, and the modules stay large.
func qrOf(d port.Paper) (*qr.Code, error) {
	if d.Draft || d.Verify.URL == "" {
		return nil, nil
	}
	code, err := qr.Encode(d.Verify.URL, qr.M)
	if err != nil {
		return nil, fault.New(fault.Invalid, "pdf.qr").Because(err)
	}
	return code, nil
}

// code draws a QR code as one path of rectangles, a run of dark modules each, so that no seams show at any scale. The
// quiet zone is inside the side.
func (p *page) code(code *qr.Code, x, y, side float64) {
	across := code.Size + 2*quietZone
	module := math.Floor(side/float64(across)*100) / 100
	x, y = x+(side-module*float64(across))/2, y+(side-module*float64(across))/2
	p.fill(color{1, 1, 1}, x, y, module*float64(across), module*float64(across))
	p.op("q")
	// One module is the unit and y counts down, so the path needs integers only.
	p.op("cm", module, 0, 0, -module, x+module*quietZone, pageHeight-y-module*quietZone)
	p.op("rg", 0, 0, 0)
	for row := range code.Size {
		for start := 0; start < code.Size; start++ {
			end := start
			for end < code.Size && code.Black(end, row) {
				end++
			}
			if end > start {
				p.op("re", float64(start), float64(row), float64(end-start), 1)
				start = end
			}
		}
	}
	p.op("f")
	p.op("Q")
}
