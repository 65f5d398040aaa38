// Package preview makes images of the pages of uploaded documents (port.Previews). What reads a PDF is another program,
// pdftoppm of poppler, in a process that is bounded in time, memory and output, and that has nothing to lose; what comes out
// of it is decoded and written anew, so that a reader gets pixels only.
package preview

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // what people photograph
	"image/png"
	"io"
	"os/exec"
	"strings"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// Config says which program reads, and how much it may take.
type Config struct {
	Program string        // path of pdftoppm, or its name in PATH
	Time    time.Duration // of one page; 0 = 10 seconds
	Memory  uint64        // address space in bytes; 0 = 512 MiB
	AtOnce  int           // processes at the same time; 0 = 2
}

// Bounds of what comes in and out.
const (
	longest   = 1400             // pixels of the longer side of an image
	maxInput  = 40 << 20         // bytes of a document
	maxOutput = 24 << 20         // bytes that the program may write: a page of 1400 × 1400 is 6 MB as PPM
	maxPixels = 40_000_000       // of an uploaded image, before it is decoded
	waiting   = 15 * time.Second // for a place among those at once
)

// The faults.
const (
	KeyFailed = "preview.failed"
	KeyNoPage = "preview.no-page"
	KeyKind   = "preview.kind"
	KeyBusy   = "preview.busy"
)

// Previews makes the images.
type Previews struct {
	program string
	config  Config
	places  chan struct{}
	apart   bool // the kernel gives processes namespaces of their own: no network, no files of ours
}

// Open finds the program and learns what the kernel offers. The error says that no images can be made on this machine.
func Open(ctx context.Context, c Config) (*Previews, error) {
	if !limited {
		return nil, errors.New("preview: a process cannot be limited on this system")
	}
	program, err := exec.LookPath(c.Program)
	if err != nil {
		return nil, err
	}
	if c.Time == 0 {
		c.Time = 10 * time.Second
	}
	if c.Memory == 0 {
		c.Memory = 512 << 20
	}
	if c.AtOnce == 0 {
		c.AtOnce = 2
	}
	p := &Previews{program: program, config: c, places: make(chan struct{}, c.AtOnce), apart: true}
	if _, _, err := p.run(ctx, strings.NewReader(""), "-v"); err != nil {
		p.apart = false
		if _, _, err := p.run(ctx, strings.NewReader(""), "-v"); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Apart tells whether the program runs in namespaces of its own.
func (p *Previews) Apart() bool { return p.apart }

// Page gives a page as PNG.
func (p *Previews) Page(ctx context.Context, content io.Reader, media string, page int) ([]byte, error) {
	if page < 1 || page > port.MaxPreviewPages {
		return nil, fault.New(fault.NotFound, KeyNoPage)
	}
	switch media {
	case "application/pdf", "image/png", "image/jpeg":
	default:
		return nil, fault.New(fault.Invalid, KeyKind)
	}
	if media != "application/pdf" && page > 1 {
		return nil, fault.New(fault.NotFound, KeyNoPage)
	}
	full := time.NewTimer(waiting)
	defer full.Stop()
	select {
	case p.places <- struct{}{}:
	case <-full.C:
		return nil, fault.New(fault.Unavailable, KeyBusy)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.places }()
	data, err := io.ReadAll(io.LimitReader(content, maxInput+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxInput:
		return nil, failed(errors.New("the document is too large"))
	case media == "application/pdf":
		return p.document(ctx, data, page)
	}
	return picture(data)
}

func failed(err error) error { return fault.New(fault.Invalid, KeyFailed).Because(err) }

// picture writes an uploaded image anew: nothing but its pixels is left.
func picture(data []byte) ([]byte, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, failed(err)
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return nil, failed(errors.New("the image is too large"))
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, failed(err)
	}
	return written(smaller(decoded))
}

// smaller takes every n-th pixel, so that the longer side fits.
func smaller(of image.Image) image.Image {
	b := of.Bounds()
	n := (max(b.Dx(), b.Dy()) + longest - 1) / longest
	if n <= 1 {
		return of
	}
	out := image.NewRGBA(image.Rect(0, 0, max(b.Dx()/n, 1), max(b.Dy()/n, 1)))
	for y := range out.Bounds().Dy() {
		for x := range out.Bounds().Dx() {
			out.Set(x, y, of.At(b.Min.X+x*n, b.Min.Y+y*n))
		}
	}
	return out
}

func written(of image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, of)
	return out.Bytes(), err
}
