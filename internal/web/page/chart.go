package page

import (
	"strconv"
	"strings"
)

// Chart is a bar chart, drawn by the server. It says nothing that the table beside it does not say; words and figures keep
// their size at any width, because only the lengths of bars follow the width.
type Chart struct {
	ID    string // unique on the page
	Title string
	Desc  string   // for those who do not see it: what is compared, and where the same figures stand
	Names []string // of the values of a row, told in a legend; empty = each row has one value
	Rows  []ChartRow
}

// ChartRow is a label with its bars.
type ChartRow struct {
	Label  string
	Values []ChartValue
}

// ChartValue is one bar.
type ChartValue struct {
	N    int
	Text string // the figure as the language writes it
}

// Measures of a chart, in pixels of the page; a line holds so many letters of the label that it fits into 288 pixels.
const (
	chartLetters = 34
	chartLines   = 3
	chartText    = 20 // a line of words
	chartBar     = 16
	chartGap     = 12
	chartWidest  = 70 // per cent of the width: the figure stands behind the bar
)

// drawing is a chart laid out: words, bars and where they stand. Values of one row differ in being filled or not, never in
// colour alone.
type drawing struct {
	Height string
	Words  []drawnText
	Bars   []drawnBar
}

type drawnText struct{ X, DX, Y, Text string }

type drawnBar struct {
	X, Y, Width string
	Filled      bool
}

func (c Chart) draw() drawing {
	var d drawing
	most := 1
	for _, r := range c.Rows {
		for _, v := range r.Values {
			most = max(most, v.N)
		}
	}
	y := 2
	for i, name := range c.Names {
		d.Bars = append(d.Bars, drawnBar{"1", strconv.Itoa(y), strconv.Itoa(chartText), i == 0})
		d.Words = append(d.Words, drawnText{"0", strconv.Itoa(chartText + 8), strconv.Itoa(y + 13), name})
		y += chartText
	}
	if len(c.Names) > 0 {
		y += chartGap
	}
	for _, r := range c.Rows {
		for _, line := range wrapped(r.Label, chartLetters, chartLines) {
			d.Words = append(d.Words, drawnText{"0", "0", strconv.Itoa(y + 14), line})
			y += chartText
		}
		for i, v := range r.Values {
			width := percent(v.N*chartWidest, most)
			if v.N > 0 {
				d.Bars = append(d.Bars, drawnBar{"1", strconv.Itoa(y), width, i == 0})
			}
			d.Words = append(d.Words, drawnText{width, "8", strconv.Itoa(y + 13), v.Text})
			y += chartBar + 4
		}
		y += chartGap
	}
	d.Height = strconv.Itoa(y)
	return d
}

func percent(part, whole int) string {
	return strconv.FormatFloat(float64(part)/float64(whole), 'f', 2, 64) + "%"
}

// wrapped breaks a text between words into lines of so many letters; what does not fit into the lines ends in "…".
func wrapped(text string, letters, lines int) []string {
	var list []string
	line := ""
	for _, word := range strings.Fields(text) {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && len([]rune(next)) > letters {
			list, next = append(list, line), word
		}
		line = next
	}
	list = append(list, line)
	if len(list) > lines {
		list = list[:lines]
		list[lines-1] += " …"
	}
	for i, l := range list {
		if r := []rune(l); len(r) > letters+2 {
			list[i] = string(r[:letters]) + "…"
		}
	}
	return list
}
