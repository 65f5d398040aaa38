package preview_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/preview"
)

// document is a PDF of pages of a size in points, with one content stream for all.
func document(pages int, side float64, content string) []byte {
	var b bytes.Buffer
	var at []int
	add := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	add("<</Type/Catalog/Pages 2 0 R>>")
	kids := make([]string, pages)
	for i := range kids {
		kids[i] = fmt.Sprintf("%d 0 R", 4+i)
	}
	add("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), pages)
	add("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
	for range pages {
		add("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %g %g]/Contents 3 0 R/Resources<</XObject<</Loop 3 0 R>>>>>>", side, side)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

func open(t *testing.T, c preview.Config) *preview.Previews {
	t.Helper()
	if c.Program == "" {
		c.Program = "pdftoppm"
	}
	p, err := preview.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("pdftoppm of poppler-utils is needed: %v", err)
	}
	return p
}

func TestPagesAreImagesOfOurOwn(t *testing.T) {
	p := open(t, preview.Config{})
	t.Logf("namespaces of its own: %v", p.Apart())
	got, err := p.Page(t.Context(), bytes.NewReader(document(2, 600, "1 0 0 rg 0 0 600 600 re f")), "application/pdf", 2)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := png.Decode(bytes.NewReader(got))
	if err != nil || drawn.Bounds().Dx() != 1400 {
		t.Fatalf("%v, %v", drawn.Bounds(), err)
	}
	if r, g, b, _ := drawn.At(700, 700).RGBA(); r>>8 != 255 || g != 0 || b != 0 {
		t.Errorf("the page is not red: %d %d %d", r, g, b)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 4000, 10)), nil); err != nil {
		t.Fatal(err)
	}
	hidden := append(photo.Bytes(), "<script>alert(1)</script>"...)
	got, err = p.Page(t.Context(), bytes.NewReader(hidden), "image/jpeg", 1)
	if err != nil || bytes.Contains(got, []byte("script")) {
		t.Fatalf("what stands behind the image passes, or %v", err)
	}
	if drawn, err := png.Decode(bytes.NewReader(got)); err != nil || drawn.Bounds().Dx() > 1400 {
		t.Errorf("%v, %v", drawn.Bounds(), err)
	}
}

func TestHostileDocuments(t *testing.T) {
	patient, hurried := open(t, preview.Config{}), open(t, preview.Config{Time: time.Second})
	good := document(1, 600, "0 0 10 10 re f")
	var huge bytes.Buffer
	if err := png.Encode(&huge, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	bomb := huge.Bytes()
	copy(bomb[16:], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}) // width and height
	for _, c := range []struct {
		name    string
		content []byte
		media   string
		page    int
		key     string // empty = an image, "bounded" = an image or a fault, within the time
	}{
		{"garbage", []byte("%PDF-1.4\nnothing of it"), "application/pdf", 1, preview.KeyFailed},
		{"nothing", nil, "application/pdf", 1, preview.KeyFailed},
		{"half a document", good[:len(good)/3], "application/pdf", 1, preview.KeyFailed},
		{"a page of kilometres", document(1, 1e9, "0 0 10 10 re f"), "application/pdf", 1, ""},
		{"a page behind the last", good, "application/pdf", 2, preview.KeyNoPage},
		{"page 0", good, "application/pdf", 0, preview.KeyNoPage},
		{"a page that is never shown", document(100, 600, ""), "application/pdf", 100, preview.KeyNoPage},
		{"100,000 pages", document(100_000, 600, "0 0 10 10 re f"), "application/pdf", 1, "bounded"},
		{"work without end", document(1, 600, strings.Repeat("0 0 m 600 600 0 600 600 0 c 0 0 600 600 re f* ", 400_000)), "application/pdf", 1, preview.KeyFailed},
		{"encrypted", bytes.Replace(good, []byte("trailer\n<<"), []byte("trailer\n<</Encrypt<</Filter/Standard/V 1/R 2/O(................................)/U(................................)/P -4>>/ID[(a)(a)]"), 1), "application/pdf", 1, preview.KeyFailed},
		{"an image of 2³¹ × 2³¹", bomb, "image/png", 1, preview.KeyFailed},
		{"an image that is none", []byte("\x89PNG\r\n\x1a\n"), "image/png", 1, preview.KeyFailed},
		{"the second page of an image", bomb, "image/png", 2, preview.KeyNoPage},
		{"a text document", []byte("PK"), "application/vnd.oasis.opendocument.text", 1, preview.KeyKind},
	} {
		p := patient
		if len(c.content) > 1<<20 {
			p = hurried
		}
		got, err := p.Page(t.Context(), bytes.NewReader(c.content), c.media, c.page)
		switch {
		case c.key == "bounded" && (err == nil || fault.Is(err, preview.KeyFailed)):
		case c.key != "" && !fault.Is(err, c.key):
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		case c.key == "" && (err != nil || len(got) == 0):
			t.Errorf("%s: %v", c.name, err)
		}
	}
	alone(t)
}

// alone demands that no process of these tests is left, be it dead.
func alone(t *testing.T) {
	t.Helper()
	children, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", os.Getpid()))
	if err != nil || len(children) == 0 {
		t.Fatal(err)
	}
	for _, file := range children {
		list, err := os.ReadFile(file)
		if err == nil && len(bytes.TrimSpace(list)) > 0 {
			t.Errorf("processes are left: %s", list)
		}
	}
}

// A program that never ends, writes without end, takes all memory, makes children and reads the environment is stopped.
func TestHostileProgram(t *testing.T) {
	t.Setenv("ELICENSE_SECRET", "secret")
	for name, script := range map[string]string{
		"it sleeps":         "sleep 1000",
		"it loops":          "while :; do :; done",
		"it never stops":    "while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done",
		"it leaves another": "sleep 1000 & sleep 1000 & wait",
		"it writes a file":  "cat > /dev/null; echo x > written || exit 3; printf 'P6\\n1 1\\n255\\nabc'",
		"it has our secret": "test -z \"$ELICENSE_SECRET\" && exit 4; printf 'P6\\n1 1\\n255\\nabc'",
		"it takes all":      "x=0123456789; while :; do x=$x$x; done",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "program")
			text := "#!/bin/sh\nPATH=/usr/bin:/bin\n[ \"$1\" = -v ] && exit 0\n" + script + "\n"
			if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
				t.Fatal(err)
			}
			p := open(t, preview.Config{Program: file, Time: 500 * time.Millisecond, Memory: 256 << 20})
			if _, err := p.Page(t.Context(), strings.NewReader("%PDF"), "application/pdf", 1); !fault.Is(err, preview.KeyFailed) {
				t.Errorf("%v", err)
			}
			alone(t)
		})
	}
}

// Readers who do not wait any more take no process with them.
func TestReadersWhoGo(t *testing.T) {
	p := open(t, preview.Config{AtOnce: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Page(ctx, bytes.NewReader(document(1, 600, "")), "application/pdf", 1); err == nil {
				t.Error("an image for nobody")
			}
		})
	}
	all.Wait()
	alone(t)
}

func TestWithoutTheProgram(t *testing.T) {
	if _, err := preview.Open(t.Context(), preview.Config{Program: "/nowhere/pdftoppm"}); err == nil {
		t.Error("opened without the program")
	}
}
