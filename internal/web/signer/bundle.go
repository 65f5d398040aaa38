package signer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"elicense/internal/fault"
	"elicense/internal/web"
)

// files are the hand-written scripts; built is what `make signer` makes: the program, packed, and the Go toolchain's script
// that starts it. Where it has not run, built holds its README only.
//
//go:embed files built
var embedded embed.FS

// The names of the files.
const (
	filesPath   = "/files/"
	fileFrame   = "frame.js"
	fileWorker  = "worker.js"
	fileStyle   = "frame.css"
	fileStart   = "wasm_exec.js"
	fileModule  = "signer.wasm"
	kindScript  = "text/javascript; charset=utf-8"
	kindStyle   = "text/css; charset=utf-8"
	kindProgram = "application/wasm"
)

// ErrNotBuilt: this binary was built without `make signer`.
var ErrNotBuilt = errors.New("the signer is not built in: `make build` builds it, `go build` alone does not")

// Bundle is the files of one version. They refer to each other by name, so the version stands in the folder.
type Bundle struct {
	version string
	files   map[string]file
}

// file is a file in the encodings in which it is there; plain may be nil where the others are not.
type file struct {
	kind                string
	plain, gzip, brotli []byte
}

// Load reads the embedded files: ErrNotBuilt without the program.
func Load() (*Bundle, error) { return LoadFrom(embedded) }

// LoadFrom reads the bundle from a tree with the folders files and built, for tests.
func LoadFrom(tree fs.FS) (*Bundle, error) {
	b := &Bundle{files: map[string]file{}}
	var module file
	var err1, err2 error
	module.kind = kindProgram
	module.brotli, err1 = fs.ReadFile(tree, "built/"+fileModule+".br")
	module.gzip, err2 = fs.ReadFile(tree, "built/"+fileModule+".gz")
	if err := errors.Join(err1, err2); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	} else if err != nil {
		return nil, fmt.Errorf("signer: %w", err)
	}
	b.files[fileModule] = module
	digest := sha256.New()
	digest.Write(module.gzip)
	for _, f := range []struct{ folder, name, kind string }{
		{"files/", fileFrame, kindScript}, {"files/", fileWorker, kindScript}, {"files/", fileStyle, kindStyle}, {"built/", fileStart, kindScript},
	} {
		plain, err := fs.ReadFile(tree, f.folder+f.name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNotBuilt
		} else if err != nil {
			return nil, fmt.Errorf("signer: %w", err)
		}
		digest.Write(plain)
		b.files[f.name] = file{kind: f.kind, plain: plain}
	}
	b.version = base64.RawURLEncoding.EncodeToString(digest.Sum(nil)[:9])
	return b, nil
}

// Href is the address of a file.
func (b *Bundle) Href(name string) string { return filesPath + b.version + "/" + name }

// file serves a file at its present address only.
func (s *Signer) file(w http.ResponseWriter, r *web.Request) error {
	f, ok := s.Bundle.files[r.PathValue("name")]
	if !ok || r.PathValue("version") != s.Bundle.version {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	h := w.Header()
	if r.PathValue("name") == fileWorker {
		h.Set(web.HeaderPolicy, workerPolicy())
	}
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body, encoding := f.choose(r.Header.Get("Accept-Encoding"))
	if body == nil { // the program for somebody who takes nothing packed
		unpacked, err := gzip.NewReader(bytes.NewReader(f.gzip))
		if err != nil {
			return err
		}
		if r.Method != http.MethodHead {
			_, _ = io.Copy(w, unpacked) // the reader went away: nothing to do about it
		}
		return nil
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // as above
	}
	return nil
}

// choose gives the smallest encoding that is there and taken; nil when the file has to be unpacked.
func (f file) choose(accept string) (body []byte, encoding string) {
	switch {
	case f.brotli != nil && accepts(accept, "br"):
		return f.brotli, "br"
	case f.gzip != nil && accepts(accept, "gzip"):
		return f.gzip, "gzip"
	}
	return f.plain, ""
}

// accepts reads Accept-Encoding; "br;q=0" is a refusal (RFC 9110, 12.5.3).
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		v, err := strconv.ParseFloat(q, 64)
		return err == nil && v > 0
	}
	return false
}
