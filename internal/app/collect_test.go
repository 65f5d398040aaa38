package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/integrity"
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
	lists := s.Clean().Orphans // the revocation lists in use, on which no signature rests yet
	content := func(i int) []byte { return append(site.Contract(), fmt.Sprintf("%%%d\n", i)...) }
	var orphans []string
	for i := range files {
		digest, _, err := s.App.Blobs.Put(t.Context(), bytes.NewReader(content(i)), 1<<20)
		must(t, err)
		orphans = append(orphans, digest)
	}
	fsck := append([]string{"fsck", "--collect"}, flags(s)...)
	if v := parsed[collected](t, 0, fsck...); v.Orphans != files+lists || v.Collected != 0 {
		t.Errorf("files of today: %+v", v)
	}
	if v := parsed[collected](t, 0, append([]string{"fsck"}, flags(s)...)...); v.Orphans != files+lists || v.Collected != 0 {
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
	if lists == 0 || report.Orphans != lists {
		t.Errorf("%d orphans are left besides %d lists", report.Orphans-lists, lists)
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

// during is a folder of files that lets something happen just after its files were listed.
type during struct {
	port.Blobs
	happens func()
}

func (d during) Each(ctx context.Context, visit func(digest string, size int64) error) error {
	err := d.Blobs.Each(ctx, visit)
	d.happens()
	return err
}

// A document that arrives while the files are listed is neither missing nor an orphan.
func TestUploadDuringACheck(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	orphans := s.Clean().Orphans
	b := s.LogIn(a)
	upload := func() {
		got := b.Send(b.Upload("/kk/documents/upload", map[string]string{"name": "Шарт"}, "contract.pdf", append(site.Contract(), "%late\n"...)))
		if got.Status != http.StatusSeeOther {
			t.Errorf("status %d", got.Status)
		}
	}
	report, err := integrity.Check(t.Context(), s.App.Store, during{s.App.Blobs, upload}, s.App.Evidence.Key.Public)
	must(t, err)
	if len(report.Broken) != 0 || report.Orphans != orphans {
		t.Errorf("%d orphans, %v", report.Orphans, report.Broken)
	}
}

// The list by which a signature was judged is kept with its bytes, is no orphan, and is missed when it is gone.
func TestConsultedListsAreKept(t *testing.T) {
	s := openSite(t, site.Options{})
	number, _ := walk(t, s, s.Organisation(1), nil, true)
	before := s.Clean()
	var consulted []port.Evidence
	s.View(func(v port.View) (err error) {
		consulted, err = v.Applications().Consulted(t.Context())
		return err
	})
	if len(consulted) != 1 || len(consulted[0].DER) == 0 {
		t.Fatalf("%s rests on %v", number, consulted)
	}
	for one := range slices.Chunk(consulted[0].DER, sha256.Size) {
		digest := hex.EncodeToString(one)
		f, err := s.App.Blobs.Open(t.Context(), digest)
		must(t, err)
		der, err := io.ReadAll(f)
		must(t, errors.Join(err, f.Close()))
		if _, err := x509.ParseRevocationList(der); err != nil {
			t.Error(err)
		}
		aged(t, s, digest)
	}
	if v := parsed[collected](t, 0, append([]string{"fsck", "--collect"}, flags(s)...)...); v.Orphans != before.Orphans || len(v.Broken) != 0 {
		t.Errorf("%+v", v)
	}
	s.Clean()
	digest := hex.EncodeToString(consulted[0].DER[:sha256.Size])
	must(t, os.Remove(filepath.Join(s.Config.Data, "files", digest[:2], digest)))
	if v := parsed[collected](t, 1, append([]string{"fsck"}, flags(s)...)...); len(v.Broken) != 1 || !strings.Contains(v.Broken[0].Text, digest) {
		t.Errorf("%+v", v)
	}
}

// While a promise is broken nothing is removed: what seems to be named by nothing may be what was lost.
func TestNothingIsCollectedWhileBroken(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	lists := s.Clean().Orphans
	orphan, _, err := s.App.Blobs.Put(t.Context(), strings.NewReader("orphan"), 1<<20)
	must(t, err)
	aged(t, s, orphan, a.Document.Digest)
	must(t, os.Remove(filepath.Join(s.Config.Data, "files", a.Document.Digest[:2], a.Document.Digest)))
	if v := parsed[collected](t, 1, append([]string{"fsck", "--collect"}, flags(s)...)...); len(v.Broken) == 0 || v.Collected != 0 || v.Orphans != lists+1 {
		t.Errorf("%+v", v)
	}
	if _, err := os.Stat(filepath.Join(s.Config.Data, "files", orphan[:2], orphan)); err != nil {
		t.Error(err)
	}
}
