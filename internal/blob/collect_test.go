package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/fault"
)

// aged makes a file look as if it was written long ago.
func aged(t *testing.T, f *Folder, digest string, age time.Duration) {
	t.Helper()
	at := time.Now().Add(-age)
	if err := os.Chtimes(f.place(digest), at, at); err != nil {
		t.Fatal(err)
	}
}

func kept(t *testing.T, f *Folder, digest string) bool {
	t.Helper()
	file, err := f.Open(t.Context(), digest)
	if err != nil {
		if fault.KindOf(err) != fault.NotFound {
			t.Fatal(err)
		}
		return false
	}
	defer file.Close()
	if _, err := io.Copy(io.Discard, file); err != nil {
		t.Fatal(err)
	}
	return true
}

func put(t *testing.T, f *Folder, text string) string {
	t.Helper()
	digest, _, err := f.Put(t.Context(), strings.NewReader(text), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func TestCollect(t *testing.T) {
	f, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ancient, young, named := put(t, f, "ancient"), put(t, f, "young"), put(t, f, "named")
	aged(t, f, ancient, 25*time.Hour)
	aged(t, f, young, 23*time.Hour)
	aged(t, f, named, 100*time.Hour)
	removed, err := f.Collect(t.Context(), []string{ancient, young, "../tmp", strings.Repeat("0", 64)})
	if err != nil || removed != 1 {
		t.Errorf("removed %d, %v", removed, err)
	}
	if kept(t, f, ancient) || !kept(t, f, young) || !kept(t, f, named) {
		t.Error("the wrong files are left")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := f.Collect(ended, []string{named}); fault.KindOf(err) != fault.Unavailable || !kept(t, f, named) {
		t.Error(err)
	}
}

// A crash between setting aside and looking leaves the file where the next start finds it, however old it is.
func TestSetAsideComesBack(t *testing.T) {
	folder := t.TempDir()
	f, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	aside := filepath.Join(f.tmp(), setAside+"1")
	if err := os.Mkdir(aside, 0o700); err != nil {
		t.Fatal(err)
	}
	digest, twice := put(t, f, "set aside"), put(t, f, "written anew meanwhile")
	for _, d := range []string{digest, twice} {
		aged(t, f, d, 100*time.Hour)
		if err := os.Rename(f.place(d), filepath.Join(aside, d)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, f, "written anew meanwhile")
	if f, err = Open(folder); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(f.tmp())
	if err != nil || len(left) != 0 || !kept(t, f, digest) || !kept(t, f, twice) {
		t.Errorf("%v %v", left, err)
	}
}

// Whatever is uploaded while files are collected is there afterwards: the same contents again and again, old each time.
func TestCollectDuringUploads(t *testing.T) {
	f, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const files, rounds = 8, 60
	for round := range rounds {
		var digests []string
		for i := range files {
			digests = append(digests, put(t, f, fmt.Sprintf("content %d", i)))
			aged(t, f, digests[i], 48*time.Hour)
		}
		var both sync.WaitGroup
		begin := make(chan struct{})
		for range 2 {
			both.Go(func() {
				<-begin
				if _, err := f.Collect(t.Context(), digests); err != nil {
					t.Error(err)
				}
			})
		}
		both.Go(func() {
			<-begin
			for i := range files {
				if _, _, err := f.Put(t.Context(), strings.NewReader(fmt.Sprintf("content %d", i)), 1<<20); err != nil {
					t.Error(err)
				}
			}
		})
		close(begin)
		both.Wait()
		for i, digest := range digests {
			if !kept(t, f, digest) {
				t.Fatalf("round %d: the upload of content %d is lost", round, i)
			}
		}
	}
	if left, err := os.ReadDir(f.tmp()); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}

// The race itself, step by step: the upload ends after the file was found old and before it is moved.
func TestUploadBetweenLookAndMove(t *testing.T) {
	f, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	digest := put(t, f, "content")
	aged(t, f, digest, 48*time.Hour)
	now, err := f.now()
	if err != nil {
		t.Fatal(err)
	}
	if is, err := old(f.place(digest), now); !is || err != nil {
		t.Fatal("not old", err)
	}
	put(t, f, "content")
	aside := filepath.Join(t.TempDir(), digest)
	if err := os.Rename(f.place(digest), aside); err != nil {
		t.Fatal(err)
	}
	if is, err := old(aside, now); is || err != nil {
		t.Fatal("the new file counts as old", err)
	}
	if err := f.restore(aside); err != nil || !kept(t, f, digest) {
		t.Error("not put back", err)
	}
	if err := f.restore(aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
