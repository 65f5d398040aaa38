package register_test

import (
	"context"
	"html"
	"strings"
	"testing"

	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// recording keeps the paper that it was to draw.
type recording struct{ paper port.Paper }

func (r *recording) Render(_ context.Context, p port.Paper) ([]byte, error) {
	r.paper = p
	return []byte("drawn in " + p.Lang), nil
}

// What the document shows, the page shows: both are the boxes of the card.
func TestBoxes(t *testing.T) {
	s := site.Open(t, site.Options{})
	a := s.Organisation(1)
	sent, err := a.Send(a.Complete(map[string]string{"flat": "", "house_letter": ""}))
	if err != nil {
		t.Fatal(err)
	}
	b := s.LogIn(a)
	for _, l := range lang.All() {
		card, err := s.App.Register.Card(t.Context(), a.Actor, sent.Permit)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := card.Rows(s.App.Texts.In(l))
		if err != nil || len(rows) < 3 {
			t.Fatalf("%s: %d rows, %v", l, len(rows), err)
		}
		drawn := &recording{}
		r := *s.App.Register
		r.Renderer = drawn
		if _, err := r.Render(t.Context(), sent.Permit, l); err != nil {
			t.Fatal(err)
		}
		if len(drawn.paper.Rows) != len(rows) {
			t.Fatalf("%s: %d rows in the document, %d boxed", l, len(drawn.paper.Rows), len(rows))
		}
		shown := b.Get("/" + string(l) + "/permits/" + sent.Permit).Body
		filled := 0
		for i, line := range rows {
			for j, box := range line {
				if cell := drawn.paper.Rows[i].Cells[j]; cell.Value != box.Value || cell.Label != box.Label || cell.No != box.No || cell.Width != box.Width {
					t.Errorf("%s: the document has %+v, the card %+v", l, cell, box)
				}
				if strings.Contains(box.Value, " ,") || strings.Contains(box.Value, "\n\n") || strings.Trim(box.Value, " ,;\n") != box.Value || strings.Contains(box.Value, "{") {
					t.Errorf("%s: box %s is %q", l, box.No, box.Value)
				}
				if box.Value == "" {
					continue
				}
				filled++
				for part := range strings.SplitSeq(box.Value, "\n") {
					if !strings.Contains(shown, html.EscapeString(part)) {
						t.Errorf("%s: the page does not show %q", l, part)
					}
				}
			}
		}
		if filled < 5 {
			t.Errorf("%s: only %d boxes hold something", l, filled)
		}
	}
}
