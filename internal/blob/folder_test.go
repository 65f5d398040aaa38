package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

func open(t *testing.T) *Folder {
	t.Helper()
	f, err := Open(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	var _ port.Blobs = f
	return f
}

// left lists what lies in tmp.
func left(t *testing.T, f *Folder) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(f.tmp(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestRoundTrip(t *testing.T) {
	f, ctx := open(t), context.Background()
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		content := bytes.Repeat([]byte{byte(size), 1, 2}, size)[:size]
		for range 2 { // the second time it is there already
			digest, n, err := f.Put(ctx, iotest.HalfReader(bytes.NewReader(content)), int64(size))
			if err != nil || n != int64(size) || digest != digestOf(content) {
				t.Fatalf("%d bytes: %s %d %v", size, digest, n, err)
			}
		}
		r, err := f.Open(ctx, digestOf(content))
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, content); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if l := left(t, f); len(l) != 0 {
		t.Errorf("left behind: %v", l)
	}
}

// counting counts the bytes that are asked of it.
type counting struct{ n int64 }

func (c *counting) Read(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func TestNothingHalfWritten(t *testing.T) {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	endless := &counting{}
	cases := []struct {
		name string
		ctx  context.Context
		r    io.Reader
		kind fault.Kind
		key  string
	}{
		{"one byte too many", context.Background(), strings.NewReader(strings.Repeat("x", 101)), fault.TooLarge, "file.too-large"},
		{"endless", context.Background(), endless, fault.TooLarge, "file.too-large"},
		{"the sender goes away", context.Background(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("reset"))), fault.Unavailable, "file.interrupted"},
		{"cancelled", gone, strings.NewReader("x"), fault.Unavailable, "file.interrupted"},
		{"the edge's own fault", context.Background(), iotest.ErrReader(fault.New(fault.Invalid, "file.type")), fault.Invalid, "file.type"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := open(t)
			digest, n, err := f.Put(c.ctx, c.r, 100)
			if fault.KindOf(err) != c.kind || !fault.Is(err, c.key) || digest != "" || n != 0 {
				t.Errorf("got %q %d %v", digest, n, err)
			}
			if l := left(t, f); len(l) != 0 {
				t.Errorf("left behind: %v", l)
			}
			if err := f.Each(context.Background(), func(string, int64) error { return errors.New("a file") }); err != nil {
				t.Error(err)
			}
		})
	}
	if endless.n > 100+64<<10 {
		t.Errorf("%d bytes were read of 100 allowed", endless.n)
	}
}

func TestDamage(t *testing.T) {
	ctx := context.Background()
	content := bytes.Repeat([]byte("content "), 20000)
	damages := map[string]func([]byte) []byte{
		"one bit":   func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":       func(b []byte) []byte { return b[:len(b)-1] },
		"longer":    func(b []byte) []byte { return append(b, 0) },
		"no length": func([]byte) []byte { return nil },
	}
	reads := map[string]func(io.ReadSeekCloser) error{
		"whole": func(r io.ReadSeekCloser) error { _, err := io.ReadAll(r); return err },
		"first byte": func(r io.ReadSeekCloser) error {
			n, err := r.Read(make([]byte, 1))
			if n != 0 {
				return fmt.Errorf("%d damaged bytes were given out", n)
			}
			return err
		},
		"range": func(r io.ReadSeekCloser) error {
			if _, err := r.Seek(10, io.SeekStart); err != nil {
				return err
			}
			_, err := r.Read(make([]byte, 1))
			return err
		},
		"copy": func(r io.ReadSeekCloser) error { _, err := io.Copy(io.Discard, r); return err },
	}
	for damage, spoil := range damages {
		f := open(t)
		digest, _, err := f.Put(ctx, bytes.NewReader(content), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(f.place(digest), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.place(digest), spoil(bytes.Clone(content)), 0o640); err != nil {
			t.Fatal(err)
		}
		for name, read := range reads {
			r, err := f.Open(ctx, digest)
			if err != nil {
				t.Fatal(err)
			}
			if err := read(r); fault.KindOf(err) != fault.Internal || !fault.Is(err, "file.damaged") {
				t.Errorf("%s, read %s: got %v", damage, name, err)
			}
			_ = r.Close()
		}
		if _, _, err := f.Put(ctx, bytes.NewReader(content), 1<<20); err != nil {
			t.Fatal(err)
		}
		r, err := f.Open(ctx, digest)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: not healed: %v", damage, err)
		}
		_ = r.Close()
	}
}

func TestUnknown(t *testing.T) {
	f := open(t)
	for _, digest := range []string{"", "x", digestOf(nil), strings.ToUpper(digestOf(nil)), "../" + digestOf(nil)[3:], strings.Repeat("/", 64), strings.Repeat("ә", 32)} {
		if _, err := f.Open(context.Background(), digest); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: got %v", digest, err)
		}
	}
}

func TestEach(t *testing.T) {
	f, ctx := open(t), context.Background()
	want := map[string]int64{}
	for i := range 20 {
		digest, n, err := f.Put(ctx, strings.NewReader(strings.Repeat("x", i)), 100)
		if err != nil {
			t.Fatal(err)
		}
		want[digest] = n
	}
	if err := os.WriteFile(filepath.Join(f.path, digestOf(nil)[:2], "stray"), nil, 0o640); err != nil {
		t.Fatal(err)
	}
	var order []string
	err := f.Each(ctx, func(digest string, size int64) error {
		if want[digest] != size {
			t.Errorf("%s has %d bytes", digest, size)
		}
		order = append(order, digest)
		return nil
	})
	if err != nil || len(order) != len(want) || !slices.IsSorted(order) {
		t.Errorf("%v, %d of %d", err, len(order), len(want))
	}
	stop := errors.New("stop")
	if err := f.Each(ctx, func(string, int64) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

func TestParallel(t *testing.T) {
	f, ctx := open(t), context.Background()
	var done sync.WaitGroup
	for i := range 40 {
		done.Go(func() {
			content := []byte(fmt.Sprint("content ", i%4))
			digest, _, err := f.Put(ctx, bytes.NewReader(content), 100)
			if err != nil {
				t.Error(err)
				return
			}
			r, err := f.Open(ctx, digest)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%q %v", got, err)
			}
			_ = r.Close()
		})
	}
	done.Wait()
	if l := left(t, f); len(l) != 0 {
		t.Errorf("left behind: %v", l)
	}
}

func TestSweep(t *testing.T) {
	f := open(t)
	old, fresh := filepath.Join(f.tmp(), "put-old"), filepath.Join(f.tmp(), "put-fresh")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-abandoned - time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(f.path); err != nil {
		t.Fatal(err)
	}
	if l := left(t, f); !slices.Equal(l, []string{fresh}) {
		t.Errorf("left: %v, want only the upload that may still be going on", l)
	}
}

// A disk that is full or read-only is a fault that may be tried again, and leaves nothing.
func TestStorageFails(t *testing.T) {
	f := open(t)
	if err := os.RemoveAll(f.tmp()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Put(context.Background(), strings.NewReader("x"), 10); fault.KindOf(err) != fault.Unavailable || !fault.Is(err, "file.storage") {
		t.Errorf("got %v", err)
	}
	if _, err := Open(f.place(digestOf(nil)) + "\x00"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}
