package page

import (
	"slices"
	"strings"
	"testing"
)

func TestChartIsDrawnToScale(t *testing.T) {
	c := Chart{ID: "c", Title: "<T>", Desc: "D", Names: []string{"granted", "refused"}, Rows: []ChartRow{
		{Label: "January", Values: []ChartValue{{40, "40"}, {10, "10"}}},
		{Label: "February", Values: []ChartValue{{0, "0"}, {20, "20"}}},
	}}
	var widths []string
	for _, b := range c.draw().Bars[2:] {
		widths = append(widths, b.Width)
	}
	if want := []string{"70.00%", "17.50%", "35.00%"}; !slices.Equal(widths, want) {
		t.Errorf("bars %v, want %v", widths, want)
	}
	var b strings.Builder
	if err := BarChart(c).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`<title id="c-title">&lt;T&gt;</title>`, `<desc id="c-desc">D</desc>`, `role="img"`, `>40</text>`, `fill="none"`} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %s", part)
		}
	}
	if strings.Contains(b.String(), "style=") {
		t.Error("an inline style, which the content policy refuses")
	}
	if (Chart{Rows: []ChartRow{{Values: []ChartValue{{0, "0"}}}}}).draw().Height == "" {
		t.Error("nothing but zeros")
	}
}

func TestLabelsAreWrapped(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            {""},
		"one two":                     {"one two"},
		"one two three four":          {"one two", "three four"},
		"one two three four five six": {"one two", "three four …"},
		"abcdefghijklmnopq":           {"abcdefghij…"},
	} {
		if got := wrapped(text, 10, 2); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}
