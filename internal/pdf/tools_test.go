package pdf

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"elicense/internal/port"
)

// shared makes one Renderer for all tests, as the program does.
func shared() func(t testing.TB) *Renderer {
	made := sync.OnceValues(New)
	return func(t testing.TB) *Renderer {
		t.Helper()
		r, err := made()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

var renderer = shared()

func render(t testing.TB, d port.Paper) []byte {
	t.Helper()
	out, err := renderer(t).Render(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tool runs a program over a file; the tests want an independent reader. A missing one fails the run, except -short.
func tool(t testing.TB, pdf []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if testing.Short() {
			t.Skipf("%s is not installed", name)
		}
		t.Fatalf("%s is needed (Debian: poppler-utils, qpdf): %v", name, err)
	}
	path := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = path
		}
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func textOf(t testing.TB, pdf []byte) string {
	t.Helper()
	return tool(t, pdf, "pdftotext", "-layout", "FILE", "-")
}

// checked runs the independent syntax check; a warning is a failure too.
func checked(t testing.TB, pdf []byte) {
	t.Helper()
	tool(t, pdf, "qpdf", "--check", "FILE")
}
