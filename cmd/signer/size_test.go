package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxPacked is what a browser that knows no brotli may have to load, in bytes. What the others load is measured where it is
// made: internal/web/signer.
const maxPacked = 1_700_000

// The program as the browser gets it is small enough. A package that is imported for convenience shows here.
func TestSize(t *testing.T) {
	if testing.Short() {
		t.Skip("builds for the browser")
	}
	out := filepath.Join(t.TempDir(), "signer.wasm")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	program := must(os.ReadFile(out))
	var packed bytes.Buffer
	w := must(gzip.NewWriterLevel(&packed, gzip.BestCompression))
	must(w.Write(program))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, gzip %d", len(program), packed.Len())
	if packed.Len() > maxPacked {
		t.Errorf("%d bytes with gzip, at most %d", packed.Len(), maxPacked)
	}
}
