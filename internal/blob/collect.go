package blob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elicense/internal/fault"
)

// setAside begins the names of the folders in tmp that hold what one run of Collect is looking at.
const setAside = "aside-"

// Collect removes those of the given files that were written more than a day ago, and says how many. The caller has found
// that nothing names them.
//
// An upload of the same content may run at the same time, here or in another process: it writes the file anew and names it
// afterwards. So a file is set aside first, in one step, and looked at then: one that was written meanwhile goes back to
// its place. For that moment only it cannot be read.
func (f *Folder) Collect(ctx context.Context, digests []string) (removed int, err error) {
	now, err := f.now()
	if err != nil {
		return 0, storage(err)
	}
	aside, err := os.MkdirTemp(f.tmp(), setAside+"*") // of this run alone: two runs must not take each other's files
	if err != nil {
		return 0, storage(err)
	}
	defer func() { _ = os.Remove(aside) }() // what a fault left in it comes back at the next start
	for _, digest := range digests {
		if err := ctx.Err(); err != nil {
			return removed, fault.New(fault.Unavailable, "file.interrupted").Because(err)
		}
		if !isDigest(digest) {
			continue
		}
		gone, err := f.collect(aside, digest, now)
		if err != nil {
			return removed, storage(err)
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

// old tells whether a file was written more than a day before a time; one that is not there is not old.
func old(path string, now time.Time) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && now.Sub(info.ModTime()) > abandoned, err
}

func (f *Folder) collect(folder, digest string, now time.Time) (bool, error) {
	place, aside := f.place(digest), filepath.Join(folder, digest)
	if is, err := old(place, now); err != nil || !is {
		return false, err
	}
	if err := os.Rename(place, aside); errors.Is(err, fs.ErrNotExist) {
		return false, nil // another process was faster
	} else if err != nil {
		return false, err
	}
	is, err := old(aside, now)
	if err != nil || !is {
		return false, errors.Join(err, f.restore(aside))
	}
	if err := os.Remove(aside); errors.Is(err, fs.ErrNotExist) {
		return false, nil // a process that started meanwhile has put it back
	} else if err != nil {
		return false, err
	}
	return true, nil
}

// restore puts a file that was set aside back, unless it was written anew meanwhile.
func (f *Folder) restore(aside string) error {
	place := f.place(filepath.Base(aside))
	if err := os.Link(aside, place); err != nil && !errors.Is(err, fs.ErrExist) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process was faster
		}
		return err
	}
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return flush(filepath.Dir(place))
}

// putBack restores what a crash left set aside.
func (f *Folder) putBack() error {
	entries, err := os.ReadDir(f.tmp())
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), setAside) {
			continue
		}
		folder := filepath.Join(f.tmp(), e.Name())
		files, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, file := range files {
			if isDigest(file.Name()) {
				if err := f.restore(filepath.Join(folder, file.Name())); err != nil {
					return err
				}
			}
		}
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
