package page

import "strconv"

// Strip is a bar whose parts are in different states, drawn by the server: what of a whole lies where. States differ in how
// they are filled, never in colour alone, and the table beside the strip says the same in words.
type Strip struct {
	ID          string // unique on the page
	Title       string
	Desc        string // for those who do not see it: what it shows, and where the same figures stand
	First, Last string // what stands under its ends
	Legend      []StripName
	Parts       []StripPart
}

// StripName is an entry of the legend.
type StripName struct {
	Fill StripFill
	Text string
}

// StripPart is a part of the bar.
type StripPart struct {
	Fill  StripFill
	Share float64 // of the whole, 0 to 1
}

// StripFill is how a part is filled.
type StripFill string

// The fills, from the lightest to the heaviest.
const (
	FillNone    StripFill = "none"
	FillDots    StripFill = "dots"
	FillStripes StripFill = "stripes"
	FillChecks  StripFill = "checks"
	FillWhole   StripFill = "whole"
)

// attr is the value of fill.
func (s Strip) attr(f StripFill) string {
	switch f {
	case FillDots, FillStripes, FillChecks:
		return "url(#" + s.ID + "-" + string(f) + ")"
	case FillWhole:
		return "currentColor"
	}
	return "none"
}

// stripRect is a part with its place, in per cent of the width.
type stripRect struct{ X, Width, Fill string }

func (s Strip) rects() []stripRect {
	var list []stripRect
	at := 0.0
	for _, p := range s.Parts {
		list = append(list, stripRect{inPercent(at), inPercent(p.Share), s.attr(p.Fill)})
		at += p.Share
	}
	return list
}

func inPercent(share float64) string { return strconv.FormatFloat(share*100, 'f', 2, 64) + "%" }

// Measures of a strip, in pixels of the page.
const (
	stripBar  = 36
	stripEnds = 24 // the line under the bar
)

// legendY is where an entry of the legend stands; the one after the last is where the bar begins.
func (s Strip) legendY(i int) int { return 2 + i*chartText }

func (s Strip) barY() int { return s.legendY(len(s.Legend)) + 6 }

func (s Strip) height() string { return strconv.Itoa(s.barY() + stripBar + stripEnds) }
