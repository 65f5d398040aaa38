package pdf

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/lang"
)

// TestCodeOnThePage renders the page and compares every module of the code with the matrix.
func TestCodeOnThePage(t *testing.T) {
	d := tradeLicence(lang.KK)
	code, err := qrOf(d)
	if err != nil {
		t.Fatal(err)
	}
	const dpi = 288
	prefix := filepath.Join(t.TempDir(), "page")
	tool(t, render(t, d), "pdftoppm", "-r", "288", "-png", "-singlefile", "FILE", prefix)
	f, err := os.Open(prefix + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	// The code is the lowest block on the left; its corner is found on the page, not taken from the layout.
	dark := func(x, y float64) bool {
		r, g, b, _ := page.At(int(x), int(y)).RGBA()
		return r+g+b < 3*0x4000
	}
	left, top := -1, -1
	scale := dpi / 72.0
	for y := int(680 * scale); top < 0 && y < int(780*scale); y++ {
		for x := int(marginX * scale); x < int(150*scale); x++ {
			if dark(float64(x), float64(y)) && dark(float64(x+4), float64(y+4)) {
				left, top = x, y
				break
			}
		}
	}
	if top < 0 {
		t.Fatal("no code on the page")
	}
	right := left
	for x := left; x < left+int(100*scale); x++ {
		if dark(float64(x), float64(top+4)) {
			right = x
		}
	}
	module := float64(right-left+1) / float64(code.Size)
	if module < 4 {
		t.Fatalf("a module is %.2f pixels", module)
	}
	for y := range code.Size {
		for x := range code.Size {
			if got := dark(float64(left)+(float64(x)+0.5)*module, float64(top)+(float64(y)+0.5)*module); got != code.Black(x, y) {
				t.Fatalf("module %d,%d is dark: %v", x, y, got)
			}
		}
	}
	if !strings.HasPrefix(d.Verify.URL, "https://") {
		t.Error("the sample leads nowhere safe")
	}
}
