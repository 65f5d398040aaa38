package demo

import (
	_ "embed" // of the example numbers
	"io"
	"strings"
)

//go:embed numbers.csv
var numbers string

// Numbers are blocks of the numbering resource for the demonstration: an example, not the real plan, as the names of the
// places say.
func Numbers() io.Reader {
	return strings.NewReader(strings.ReplaceAll(numbers, "«ҮЛГІ БАЙЛАНЫС» ЖШС,", "«ҮЛГІ БАЙЛАНЫС» ЖШС,"+TradeBIN()))
}
