package page

import (
	"slices"
	"strings"
	"testing"
)

func TestStripIsDrawnToScale(t *testing.T) {
	s := Strip{ID: "s", Title: "<T>", Desc: "D", First: "000", Last: "999",
		Legend: []StripName{{FillNone, "Free: 750"}, {FillStripes, "Quarantined: 250"}},
		Parts:  []StripPart{{FillNone, 0.5}, {FillStripes, 0.25}, {FillNone, 0.25}}}
	want := []stripRect{{"0.00%", "50.00%", "none"}, {"50.00%", "25.00%", "url(#s-stripes)"}, {"75.00%", "25.00%", "none"}}
	if got := s.rects(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	var b strings.Builder
	if err := StateStrip(s).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`<title id="s-title">&lt;T&gt;</title>`, `<desc id="s-desc">D</desc>`, `role="img"`, `Free: 750`, `id="s-stripes"`, `>999</text>`} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %s", part)
		}
	}
	if strings.Contains(b.String(), "style=") {
		t.Error("an inline style, which the content policy refuses")
	}
	fills := map[string]bool{}
	for _, f := range []StripFill{FillNone, FillDots, FillStripes, FillChecks, FillWhole} {
		fills[s.attr(f)] = true
	}
	if len(fills) != 5 {
		t.Errorf("fills look alike: %v", fills)
	}
}
