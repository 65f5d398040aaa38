package config

import (
	"fmt"
	"strconv"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/money"
)

// maxMCI bounds an index, in tenge: ten times what it is beyond every mistake of typing but a missing decimal point.
const maxMCI = 100_000

// Indices are the monthly calculation indices: those of the program, and those that the operator entered once a law on the
// budget set them.
func (c Config) Indices() (money.Table, error) {
	table := money.Seed()
	for _, part := range parts(c.MCI) {
		from, tenge, _ := strings.Cut(part, "=")
		day, err := civil.ParseDate(strings.TrimSpace(from))
		n, bad := strconv.ParseInt(strings.TrimSpace(tenge), 10, 64)
		if err != nil || bad != nil || n <= 0 || n > maxMCI {
			return nil, fmt.Errorf("a day and whole tenge such as 2027-01-01=4500, not %q", part)
		}
		table = table.With(money.Row{From: day, MCI: money.Tiyn(n) * money.Tenge})
	}
	return table, nil
}
