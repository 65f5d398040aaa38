package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// aged makes stored files look as if they were written two days ago.
func aged(t *testing.T, s *site.Site, digests ...string) {
	t.Helper()
	at := time.Now().Add(-48 * time.Hour)
	for _, d := range digests {
		must(t, os.Chtimes(filepath.Join(s.Config.Data, "files", d[:2], d), at, at))
	}
}

type collected struct {
	Orphans   int `json:"orphan_files"`
	Collected int `json:"collected_files"`
	Broken    []struct{ Text string }
}

// Files that nothing names go; those in use, those of today and those that are uploaded at the same moment stay.
func TestCollectBesideUploads(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	const files = 24
	content := func(i int) []byte { return append(site.Contract(), fmt.Sprintf("%%%d\n", i)...) }
	var orphans []string
	for i := range files {
		digest, _, err := s.App.Blobs.Put(t.Context(), bytes.NewReader(content(i)), 1<<20)
		must(t, err)
		orphans = append(orphans, digest)
	}
	fsck := append([]string{"fsck", "--collect"}, flags(s)...)
	if v := parsed[collected](t, 0, fsck...); v.Orphans != files || v.Collected != 0 {
		t.Errorf("files of today: %+v", v)
	}
	if v := parsed[collected](t, 0, append([]string{"fsck"}, flags(s)...)...); v.Orphans != files || v.Collected != 0 {
		t.Errorf("without --collect: %+v", v)
	}
	aged(t, s, append(orphans, a.Document.Digest)...)
	var both sync.WaitGroup
	both.Go(func() {
		for range 3 {
			command(t, 0, fsck...)
		}
	})
	both.Go(func() {
		b := s.LogIn(a)
		for i := range files / 2 {
			status := 0
			for range 3 { // in the moment in which its file is looked at an upload may be asked to try again
				if status = b.Send(b.Upload("/kk/documents/upload", map[string]string{"name": "Шарт"}, "contract.pdf", content(i))).Status; status == http.StatusSeeOther {
					break
				}
			}
			if status != http.StatusSeeOther {
				t.Errorf("upload %d: status %d", i, status)
			}
		}
	})
	both.Wait()
	report := s.Clean() // a named file that is missing would be broken
	if report.Orphans != 0 {
		t.Errorf("%d orphans are left", report.Orphans)
	}
	named := 0
	s.View(func(v port.View) error {
		return v.Documents().Each(t.Context(), func(d port.StoredDocument) error {
			named++
			return nil
		})
	})
	if named != files/2+1 {
		t.Errorf("%d documents", named)
	}
	for i, digest := range orphans {
		if _, err := os.Stat(filepath.Join(s.Config.Data, "files", digest[:2], digest)); (err == nil) != (i < files/2) {
			t.Errorf("file %d: %v", i, err)
		}
	}
}

// While a promise is broken nothing is removed: what seems to be named by nothing may be what was lost.
func TestNothingIsCollectedWhileBroken(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	orphan, _, err := s.App.Blobs.Put(t.Context(), strings.NewReader("orphan"), 1<<20)
	must(t, err)
	aged(t, s, orphan, a.Document.Digest)
	must(t, os.Remove(filepath.Join(s.Config.Data, "files", a.Document.Digest[:2], a.Document.Digest)))
	if v := parsed[collected](t, 1, append([]string{"fsck", "--collect"}, flags(s)...)...); len(v.Broken) == 0 || v.Collected != 0 || v.Orphans != 1 {
		t.Errorf("%+v", v)
	}
	if _, err := os.Stat(filepath.Join(s.Config.Data, "files", orphan[:2], orphan)); err != nil {
		t.Error(err)
	}
}
