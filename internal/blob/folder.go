// Package blob keeps files by the SHA-256 of their content: port.Blobs in a folder of the disk.
//
// A file lies at <folder>/<first two hex digits>/<digest>. It is written under another name in <folder>/tmp, flushed,
// renamed, and the directory is flushed too: under its digest a file is complete or does not exist, also after a crash.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elicense/internal/fault"
)

// abandoned is the age at which a file in tmp belongs to nobody any more: no upload takes that long.
const abandoned = 24 * time.Hour

// Folder is port.Blobs in a folder. Several processes may share it.
type Folder struct {
	path string
}

// Open makes the folder where it does not exist and removes what crashes left half-written.
func Open(path string) (*Folder, error) {
	f := &Folder{path: path}
	if err := os.MkdirAll(f.tmp(), 0o750); err != nil {
		return nil, storage(err)
	}
	if err := errors.Join(f.sweep(), f.putBack()); err != nil {
		return nil, storage(err)
	}
	return f, nil
}

func (f *Folder) tmp() string { return filepath.Join(f.path, "tmp") }

func (f *Folder) place(digest string) string { return filepath.Join(f.path, digest[:2], digest) }

// storage is the fault of a disk that does not do what it is asked: the person may try again.
func storage(err error) error { return fault.New(fault.Unavailable, "file.storage").Because(err) }

// now is the time by the file system's own clock, by which it dates files.
func (f *Folder) now() (time.Time, error) {
	probe, err := os.CreateTemp(f.tmp(), "probe-*")
	if err != nil {
		return time.Time{}, err
	}
	info, err := probe.Stat()
	if err := errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// sweep removes abandoned files.
func (f *Folder) sweep() error {
	now, err := f.now()
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(f.tmp())
	if err != nil {
		return err
	}
	for _, e := range entries {
		old, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process was faster
		}
		if err != nil {
			return err
		}
		if !strings.HasPrefix(e.Name(), setAside) && now.Sub(old.ModTime()) > abandoned {
			if err := os.Remove(filepath.Join(f.tmp(), e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// Put implements port.Blobs. A file that exists already is written again: should the old one be damaged, this heals it.
func (f *Folder) Put(ctx context.Context, r io.Reader, limit int64) (digest string, size int64, err error) {
	file, err := os.CreateTemp(f.tmp(), "put-*")
	if err != nil {
		return "", 0, storage(err)
	}
	kept := false
	defer func() {
		if !kept {
			_ = file.Close() // the fault that led here says more
			_ = os.Remove(file.Name())
		}
	}()
	sum := sha256.New()
	size, err = copyUpTo(ctx, file, sum, r, limit)
	if err != nil {
		return "", 0, err
	}
	digest = hex.EncodeToString(sum.Sum(nil))
	if err := f.keep(file, digest); err != nil {
		return "", 0, storage(err)
	}
	kept = true
	return digest, size, nil
}

// copyUpTo copies at most limit bytes to the file and to the hash; it reads one byte more to know that there is no more.
func copyUpTo(ctx context.Context, file io.Writer, sum hash.Hash, r io.Reader, limit int64) (int64, error) {
	r = io.LimitReader(r, limit+1)
	buf := make([]byte, 64<<10)
	var size int64
	for {
		if err := ctx.Err(); err != nil {
			return 0, fault.New(fault.Unavailable, "file.interrupted").Because(err)
		}
		n, err := r.Read(buf)
		if size += int64(n); size > limit {
			return 0, fault.New(fault.TooLarge, "file.too-large")
		}
		sum.Write(buf[:n]) // a hash never fails
		if _, err := file.Write(buf[:n]); err != nil {
			return 0, storage(err)
		}
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil { // the sender went away, or the edge's own limit spoke
			if _, ok := fault.As(err); ok {
				return 0, err
			}
			return 0, fault.New(fault.Unavailable, "file.interrupted").Because(err)
		}
	}
}

// keep makes the written file durable under its digest.
func (f *Folder) keep(file *os.File, digest string) error {
	if err := errors.Join(file.Chmod(0o440), file.Sync()); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	place := f.place(digest)
	shard := filepath.Dir(place)
	err := os.Mkdir(shard, 0o750)
	if err == nil {
		err = flush(f.path) // the new directory's own entry
	} else if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err != nil {
		return err
	}
	if err := os.Rename(file.Name(), place); err != nil {
		return err
	}
	return flush(shard)
}

// flush makes the entries of a directory durable.
func flush(directory string) error {
	d, err := os.Open(directory)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// isDigest keeps everything that is not 64 small hex digits away from the file system.
func isDigest(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// Open implements port.Blobs. The whole content is checked before the first byte is given out, so that nobody is ever
// shown a part of a damaged file.
func (f *Folder) Open(_ context.Context, digest string) (io.ReadSeekCloser, error) {
	if !isDigest(digest) {
		return nil, fault.New(fault.NotFound, "file.not-found")
	}
	file, err := os.Open(f.place(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "file.not-found")
	}
	if err != nil {
		return nil, storage(err)
	}
	return &checked{File: file, digest: digest}, nil
}

// checked is a file whose content is checked when it is read first.
type checked struct {
	*os.File
	digest string
	good   bool
}

// Read gives fault.Internal "file.damaged" where the content does not match the digest.
func (c *checked) Read(p []byte) (int, error) {
	if !c.good {
		if err := c.check(); err != nil {
			return 0, err
		}
		c.good = true
	}
	n, err := c.File.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = storage(err)
	}
	return n, err
}

func (c *checked) check() error {
	at, err := c.File.Seek(0, io.SeekCurrent)
	if err != nil {
		return storage(err)
	}
	sum := sha256.New()
	if _, err = c.File.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(sum, c.File)
	}
	if err == nil {
		_, err = c.File.Seek(at, io.SeekStart)
	}
	if err != nil {
		return storage(err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != c.digest {
		return fault.New(fault.Internal, "file.damaged").With(fault.Args{"digest": c.digest})
	}
	return nil
}

// WriteTo hides the one of os.File, which would go past the check.
func (c *checked) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, struct{ io.Reader }{c}) }

// Each implements port.Blobs: in order of digests, without reading the contents.
func (f *Folder) Each(ctx context.Context, visit func(digest string, size int64) error) error {
	shards, err := os.ReadDir(f.path)
	if err != nil {
		return storage(err)
	}
	for _, shard := range shards {
		if !shard.IsDir() || len(shard.Name()) != 2 {
			continue
		}
		files, err := os.ReadDir(filepath.Join(f.path, shard.Name()))
		if err != nil {
			return storage(err)
		}
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				return fault.New(fault.Unavailable, "file.interrupted").Because(err)
			}
			info, err := file.Info()
			if err != nil {
				return storage(err)
			}
			if !isDigest(file.Name()) || !info.Mode().IsRegular() {
				continue
			}
			if err := visit(file.Name(), info.Size()); err != nil {
				return err
			}
		}
	}
	return nil
}
