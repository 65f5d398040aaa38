package page

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// Code is a QR code of a text, drawn without a script. Label is its text for those who do not see it.
type Code struct {
	Label string
	path  string // of the dark modules, one module a unit
	side  int    // with the quiet zone, in modules
}

// quietZone is the blank margin on every side, in modules (ISO/IEC 18004).
const quietZone = 4

// NewCode makes a code with 15 % of redundancy. A text that is too long for a code is an error.
func NewCode(text, label string) (Code, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return Code{}, err
	}
	var path strings.Builder
	for row := range code.Size {
		for start := 0; start < code.Size; start++ {
			end := start
			for end < code.Size && code.Black(end, row) {
				end++
			}
			if run := strconv.Itoa(end - start); end > start {
				path.WriteString("M" + strconv.Itoa(start+quietZone) + " " + strconv.Itoa(row+quietZone) + "h" + run + "v1h-" + run + "z")
				start = end
			}
		}
	}
	return Code{Label: label, path: path.String(), side: code.Size + 2*quietZone}, nil
}

func (c Code) box() string {
	side := strconv.Itoa(c.side)
	return "0 0 " + side + " " + side
}
