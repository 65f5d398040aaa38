package permit

import (
	"slices"
	"testing"
	"time"

	"elicense/internal/civil"
)

func TestComparePaper(t *testing.T) {
	issued := civil.New(2009, time.May, 12)
	p := Paper{Body: "knb", Series: "АК 15", Number: "0001111", IssuedOn: issued, HolderNumber: "000000000001"}
	claim := PaperClaim{Body: "knb", Series: "ak-15", Number: "№ 000 1111", IssuedOn: issued, HolderNumber: "000000000001"}
	if m := p.Compare(claim); !m.Exact() || len(m.Agrees) != 4 {
		t.Errorf("%+v", m)
	}
	for name, c := range map[string]struct {
		change func(*PaperClaim)
		want   PaperField
	}{
		"series": {func(c *PaperClaim) { c.Series = "15" }, PaperSeries},
		"zeros":  {func(c *PaperClaim) { c.Number = "1111" }, PaperNumber},
		"day":    {func(c *PaperClaim) { c.IssuedOn = issued.AddDays(1) }, PaperIssued},
		"holder": {func(c *PaperClaim) { c.HolderNumber = "000000000002" }, PaperHolder},
	} {
		other := claim
		c.change(&other)
		if m := p.Compare(other); m.Exact() || !slices.Equal(m.Differs, []PaperField{c.want}) || len(m.Agrees) != 3 {
			t.Errorf("%s: %+v", name, m)
		}
	}
	nobody := p
	nobody.HolderNumber = ""
	if m := nobody.Compare(PaperClaim{}); slices.Contains(m.Agrees, PaperHolder) {
		t.Error("two unknown holders are not the same holder")
	}
}
