package documents

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"elicense/internal/fault"

	"github.com/gabriel-vasile/mimetype"
)

// headSize is how much of a file is looked at before it is stored.
const headSize = 16 << 10

// kind is an accepted kind of file.
type kind struct {
	media   string
	endings []string
	zip     bool // a container whose kind only the whole tells
	check   func(content *at, size int64) error
}

// kinds are what state bodies can read everywhere: scans, pictures, texts and tables. No archives, and nothing that runs.
func kinds() []kind {
	return []kind{
		{media: "application/pdf", endings: []string{"pdf"}, check: checkPDF},
		{media: "image/jpeg", endings: []string{"jpg", "jpeg"}, check: picture(jpeg.DecodeConfig)},
		{media: "image/png", endings: []string{"png"}, check: picture(png.DecodeConfig)},
		{media: docx, endings: []string{"docx"}, zip: true, check: office(docx)},
		{media: xlsx, endings: []string{"xlsx"}, zip: true, check: office(xlsx)},
		{media: odt, endings: []string{"odt"}, zip: true, check: office(odt)},
		{media: ods, endings: []string{"ods"}, zip: true, check: office(ods)},
	}
}

// Endings lists the accepted endings, for the hint and the accept attribute of a form.
func Endings() []string {
	var out []string
	for _, k := range kinds() {
		out = append(out, k.endings...)
	}
	return out
}

// guess finds the kind by the beginning of the content and demands that the name's ending agrees.
func guess(head []byte, file string) (kind, error) {
	if len(head) == 0 {
		return kind{}, refuse(fault.Invalid, KeyEmpty)
	}
	named := slices.IndexFunc(kinds(), func(k kind) bool { return slices.Contains(k.endings, ending(file)) })
	found, container := -1, false
	for m := mimetype.Detect(head); m != nil; m = m.Parent() {
		if i := slices.IndexFunc(kinds(), func(k kind) bool { return !k.zip && m.Is(k.media) }); i >= 0 {
			found = i
		}
		container = container || m.Is("application/zip")
	}
	switch {
	case named >= 0 && (named == found || (container && kinds()[named].zip)):
		return kinds()[named], nil
	case named < 0 && found < 0:
		return kind{}, refuse(fault.Invalid, KeyType)
	}
	return kind{}, refuse(fault.Invalid, KeyMismatch)
}

// at reads a stored file at any place.
type at struct{ io.ReadSeeker }

// ReadAt implements io.ReaderAt for one goroutine.
func (a *at) ReadAt(p []byte, off int64) (int, error) {
	if _, err := a.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(a.ReadSeeker, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// part reads from a place to another, both cut to the file.
func (a *at) part(from, to, size int64) ([]byte, error) {
	from, to = max(0, from), min(to, size)
	p := make([]byte, max(0, to-from))
	n, err := a.ReadAt(p, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return p[:n], nil
}

// single makes sure that a file that is no container is not also a ZIP archive (read from its end) or a page of HTML (read
// from its beginning).
func single(content *at, size int64) error {
	tail, err := content.part(size-zipTail, size, size)
	if err != nil {
		return err
	}
	head, err := content.part(0, 1024, size)
	if err != nil {
		return err
	}
	head = bytes.ToLower(head)
	for _, tag := range []string{"<html", "<script", "<!doctype", "<svg", "<body", "<iframe", "<?php"} {
		if bytes.Contains(head, []byte(tag)) {
			return refuse(fault.Invalid, KeySuspicious)
		}
	}
	if bytes.Contains(tail, []byte("PK\x05\x06")) {
		return refuse(fault.Invalid, KeySuspicious)
	}
	return nil
}

// checkPDF demands the header at the first byte and the mark of the end, and refuses what starts something when the file is
// opened. Names inside compressed streams are not seen: that is the scanner's and the reader's business.
func checkPDF(content *at, size int64) error {
	head, err := content.part(0, 8, size)
	if err != nil {
		return err
	}
	tail, err := content.part(size-2048, size, size)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(head, []byte("%PDF-")) {
		return refuse(fault.Invalid, KeyMismatch)
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return refuse(fault.Invalid, KeyUnreadable)
	}
	if err := single(content, size); err != nil {
		return err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	found, err := contains(content, "/JavaScript", "/Launch")
	if err == nil && found {
		err = refuse(fault.Invalid, KeyActive)
	}
	return err
}

// contains looks for words in a stream.
func contains(r io.Reader, words ...string) (bool, error) {
	const keep = 64 // longer than any word, so that none is cut by the border of two blocks
	buf := make([]byte, keep+64<<10)
	have := 0
	for {
		n, err := r.Read(buf[have:])
		have += n
		for _, word := range words {
			if bytes.Contains(buf[:have], []byte(word)) {
				return true, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if have > keep {
			copy(buf, buf[have-keep:have])
			have = keep
		}
	}
}

// maxPixels bounds a picture: an A0 sheet scanned at 300 dots per inch has 140 million.
const maxPixels = 200_000_000

// picture reads the header only; nothing is decoded.
func picture(header func(io.Reader) (image.Config, error)) func(*at, int64) error {
	return func(content *at, size int64) error {
		if err := single(content, size); err != nil {
			return err
		}
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return err
		}
		config, err := header(io.LimitReader(content, 8<<20))
		if err != nil {
			return refuse(fault.Invalid, KeyUnreadable).Because(err)
		}
		if int64(config.Width)*int64(config.Height) > maxPixels {
			return refuse(fault.Invalid, KeySuspicious)
		}
		return nil
	}
}
