package page

import (
	"fmt"
	"strings"
	"testing"

	"rsc.io/qr"
)

// The path darkens exactly the modules of the code, inside a quiet zone of four.
func TestCodeIsDrawn(t *testing.T) {
	const text = "mobileSign:https://elicense.example/egov-mobile/mgovSign/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	c, err := NewCode(text, "code")
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	if c.side != want.Size+8 || c.box() != fmt.Sprintf("0 0 %d %[1]d", want.Size+8) {
		t.Fatalf("%d modules in %q", want.Size, c.box())
	}
	dark := map[[2]int]bool{}
	for part := range strings.SplitSeq(strings.TrimSuffix(c.path, "z"), "z") {
		var x, y, run, back int
		if _, err := fmt.Sscanf(part, "M%d %dh%dv1h%d", &x, &y, &run, &back); err != nil || back != -run {
			t.Fatalf("%q: %v", part, err)
		}
		for i := range run {
			dark[[2]int{x + i, y}] = true
		}
	}
	for y := range c.side {
		for x := range c.side {
			if got := dark[[2]int{x, y}]; got != (x >= 4 && y >= 4 && x < c.side-4 && y < c.side-4 && want.Black(x-4, y-4)) {
				t.Fatalf("module %d, %d: dark %v", x, y, got)
			}
		}
	}
	if _, err := NewCode(strings.Repeat("x", 5000), ""); err == nil {
		t.Error("5,000 characters fit into a code")
	}
}
