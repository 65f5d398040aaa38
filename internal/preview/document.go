package preview

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"elicense/internal/fault"
)

// document has a page of a PDF drawn.
func (p *Previews) document(ctx context.Context, data []byte, page int) ([]byte, error) {
	n := strconv.Itoa(page)
	// Without -png the page comes as PPM, the simplest of formats: what reads it here is a few lines.
	out, said, err := p.run(ctx, bytes.NewReader(data), "-q", "-f", n, "-l", n, "-singlefile", "-scale-to", strconv.Itoa(longest), "-")
	switch {
	case page > 1 && strings.Contains(said, "Wrong page range"): // a document without a first page is broken
		return nil, fault.New(fault.NotFound, KeyNoPage)
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, failed(err)
	}
	drawn, err := readPPM(bytes.NewReader(out))
	if err != nil {
		return nil, failed(err)
	}
	return written(drawn)
}

// run runs the program over an input that it gets only when its limits are set. It gives what was written, within bounds; an
// output beyond them is an error, and so is a program that took too long: the whole group of its processes is killed and
// waited for.
func (p *Previews) run(ctx context.Context, in io.Reader, args ...string) (out []byte, said string, err error) {
	folder, err := os.MkdirTemp("", "preview-")
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = os.RemoveAll(folder) }() // nothing is written there; the next sweep of the system finds it
	ctx, cancel := context.WithTimeout(ctx, p.config.Time)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.program, args...)
	cmd.Env, cmd.Dir = []string{}, folder
	cmd.WaitDelay = time.Second
	var stdout, stderr bounded
	stdout.left, stderr.left = maxOutput, 4<<10
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	feed, err := cmd.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	confine(cmd, p.apart)
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	if err := limit(cmd.Process.Pid, p.config); err != nil {
		cancel()
		_ = cmd.Wait() // it was killed
		return nil, "", err
	}
	_, _ = io.Copy(feed, in) // a program that has seen enough closes its end
	_ = feed.Close()
	err = cmd.Wait()
	if err == nil && stdout.over {
		err = errors.New("the page is too large")
	}
	return stdout.Bytes(), stderr.String(), err
}

// bounded keeps so many bytes and lets the writer fail beyond them.
type bounded struct {
	bytes.Buffer
	left int
	over bool
}

func (b *bounded) Write(data []byte) (int, error) {
	if len(data) > b.left {
		b.over = true
		return 0, io.ErrShortWrite
	}
	b.left -= len(data)
	return b.Buffer.Write(data)
}

// readPPM reads a binary PPM of 8 bits (netpbm, P6), of at most longest × longest pixels.
func readPPM(in io.Reader) (image.Image, error) {
	r := bufio.NewReader(in)
	var width, height, most int
	if _, err := fmt.Fscanf(r, "P6\n%d %d\n%d\n", &width, &height, &most); err != nil {
		return nil, err
	}
	if width < 1 || height < 1 || width > longest || height > longest || most != 255 {
		return nil, errors.New("not an image of a page")
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	row := make([]byte, 3*width)
	for y := range height {
		if _, err := io.ReadFull(r, row); err != nil {
			return nil, err
		}
		for x := range width {
			at := out.PixOffset(x, y)
			copy(out.Pix[at:at+3], row[3*x:])
			out.Pix[at+3] = 255
		}
	}
	return out, nil
}
