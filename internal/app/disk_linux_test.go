package app_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// ownMounts names the variable that tells the test process that it may mount what it likes: nobody else sees it.
const ownMounts = "ELICENSE_TEST_MOUNTS"

// mounting runs a test in a process of its own with mounts of its own, where it is not yet in one. It needs no root where
// the system lets users have namespaces.
func mounting(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownMounts) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), ownMounts+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER, Unshareflags: syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

// disk is a small file system that can be filled.
type disk struct {
	t      *testing.T
	path   string
	filler string
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t: t, path: t.TempDir()}
	d.filler = filepath.Join(d.path, "filler")
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, "size=48m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(d.path, syscall.MNT_DETACH) })
	return d
}

// fill writes until nothing fits any more.
func (d *disk) fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.filler, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	must(d.t, err)
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err == nil {
			continue
		} else if !errors.Is(err, syscall.ENOSPC) {
			d.t.Fatal(err)
		}
		size /= 2
	}
}

func (d *disk) free() { must(d.t, os.Remove(d.filler)) }

// told demands the page for a dependency that is out, in the reader's language, with the words of a key.
func told(t *testing.T, s *site.Site, what string, l lang.Lang, got site.Answer, keys ...string) {
	t.Helper()
	if got.Status != http.StatusServiceUnavailable || got.Header.Get("Content-Language") != string(l) || got.Header.Get("Retry-After") == "" || strings.Contains(got.Body, "⟦") ||
		strings.Count(got.Body, "<html") != 1 {
		t.Errorf("%s %s: status %d, language %q", l, what, got.Status, got.Header.Get("Content-Language"))
		return
	}
	for _, key := range keys {
		if strings.Contains(got.Body, s.App.Texts.In(l).T(key)) {
			return
		}
	}
	_, main, _ := strings.Cut(got.Body, "<main")
	t.Errorf("%s %s: the page does not say %v:\n%.1000s", l, what, keys, main)
}

// exhaust fills the disk and writes through the program until the database cannot grow any more either.
func exhaust(t *testing.T, s *site.Site, d *disk, a *site.Applicant, number string) {
	t.Helper()
	for i := range 20_000 {
		d.fill()
		draft, err := s.App.Filing.Open(t.Context(), a.Actor, number)
		must(t, err)
		page, err := draft.Page("personal")
		must(t, err)
		_, err = s.App.Filing.Save(t.Context(), a.Actor, number, filing.Save{Page: "personal", Base: filing.Base(page, draft.Application.Answers),
			Values: map[string]string{"street_ru": strings.Repeat("улица ", 50+i%2)}})
		if err != nil {
			return
		}
	}
	t.Fatal("the disk does not get full")
}

// A full disk: who uploads or submits is told so in words, nothing is half stored, what only reads goes on, and with space
// the program goes on without a restart.
func TestFullDisk(t *testing.T) {
	if !mounting(t) {
		return
	}
	d := newDisk(t)
	s := openSite(t, site.Options{Folder: d.path})
	s.Seed()
	a, other := s.Organisation(1), s.Organisation(2)
	number, elsewhere := a.Complete(nil), other.Draft()
	b, reader := s.LogIn(a), s.LogIn(other)
	challenge := a.Prepare(b.Binding, number)
	signature := s.Sign(challenge.Content, a.Key)
	exhaust(t, s, d, other, elsewhere)
	ready := s.Visitor().Get("/readyz")
	if ready.Status != http.StatusServiceUnavailable || !strings.Contains(ready.Body, "files: failing") {
		t.Errorf("readyz: %d %s", ready.Status, ready.Body)
	}
	before := s.Clean()
	for _, l := range lang.All() {
		in := "/" + string(l)
		d.fill()
		told(t, s, "upload", l, b.Send(b.Upload(in+"/documents/upload", map[string]string{"name": "Шарт"}, "contract.pdf", bigContract())), "file.storage")
		told(t, s, "submission", l, submit(b, in, number, challenge, signature), "store.unavailable", "store.unknown")
		told(t, s, "page of the form", l, reader.Post(in+"/applications/"+elsewhere+"/pages/personal", formOf(t, reader, in+"/applications/"+elsewhere+"/pages/personal")), "store.unavailable", "store.unknown")
		told(t, s, "log-in page of a new visitor", l, s.Visitor().Get(in+"/login"), "fault.unavailable", "store.unavailable")
		for _, path := range []string{"/applications/" + number, "/documents", "/profile", "/"} {
			if got := b.Get(in + path); got.Status != http.StatusOK {
				t.Errorf("%s: reading %s: status %d", l, path, got.Status)
			}
		}
	}
	s.Clock.Advance(6 * time.Minute) // the session's end would be put off now, and cannot be
	if got := b.Get("/kk/applications/" + number); got.Status != http.StatusOK || strings.Count(got.Body, "<html") != 1 {
		t.Errorf("with a session that cannot be kept: status %d", got.Status)
	}
	if left, err := os.ReadDir(filepath.Join(s.Config.Data, "files", "tmp")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	after := s.Clean()
	if got := s.Application(number); got.State != application.Draft || after.Signatures != before.Signatures || after.AuditRows != before.AuditRows || after.Orphans != before.Orphans || after.Files != before.Files {
		t.Errorf("something was stored: %s\n%+v\n%+v", got.State, before, after)
	}
	d.free()
	if got := s.Visitor().Get("/readyz"); got.Status != http.StatusOK {
		t.Errorf("readyz with space: %d %s", got.Status, got.Body)
	}
	if got := login(s.Visitor(), demo.People()[0].Number(), demo.Password); got.Status != http.StatusSeeOther {
		t.Errorf("log-in with space: status %d", got.Status)
	}
	if got := b.Send(b.Upload("/kk/documents/upload", map[string]string{"name": "Шарт"}, "contract.pdf", bigContract())); got.Status != http.StatusSeeOther {
		t.Errorf("upload with space: status %d", got.Status)
	}
	for range 2 { // the second time says what was sent already
		if got := submit(b, "/kk", number, challenge, signature); got.Status >= 500 {
			t.Errorf("submission with space: status %d", got.Status)
		}
	}
	if got := s.Application(number); got.State != application.Issued {
		t.Errorf("with space: %s", got.State)
	}
	if report := s.Clean(); report.Signatures != before.Signatures+1 || report.Permits != before.Permits+1 {
		t.Errorf("%+v", report)
	}
}

// A folder of files that may only be read: uploads are told so, everything else goes on.
func TestReadOnlyFiles(t *testing.T) {
	if !mounting(t) {
		return
	}
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	files := filepath.Join(s.Config.Data, "files")
	must(t, syscall.Mount(files, files, "", syscall.MS_BIND, ""))
	must(t, syscall.Mount("", files, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	b := s.LogIn(a)
	for _, l := range lang.All() {
		told(t, s, "upload", l, b.Send(b.Upload("/"+string(l)+"/documents/upload", map[string]string{"name": "Шарт"}, "contract.pdf", bigContract())), "file.storage")
	}
	sent, err := a.Send(a.Complete(nil))
	must(t, err)
	if sent.Permit == "" {
		t.Errorf("state %s", sent.State)
	}
	told(t, s, "permit's document", lang.KK, b.Get("/kk/permits/"+sent.Permit+"/document/kk"), "file.storage")
	s.Clean()
	must(t, syscall.Unmount(files, syscall.MNT_DETACH))
	if got := b.Get("/kk/permits/" + sent.Permit + "/document/kk"); got.Status != http.StatusOK {
		t.Errorf("the document, writable again: status %d", got.Status)
	}
}

// bigContract is a PDF that needs many blocks.
func bigContract() []byte {
	return bytes.Replace(site.Contract(), []byte("trailer"), append(bytes.Repeat([]byte("% filling\n"), 30_000), "trailer"...), 1)
}

// submit posts a signature as the signing page does.
func submit(b *site.Browser, in, number string, c port.Challenge, signature []byte) site.Answer {
	return b.Post(in+"/applications/"+number+"/sign?challenge="+c.Nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(signature)}})
}

// formOf is a page of the form as it stands, with another street typed in.
func formOf(t *testing.T, b *site.Browser, path string) url.Values {
	t.Helper()
	return url.Values{"version": {site.Hidden(t, b.Get(path).Body, "version")}, "street_ru": {strings.Repeat("проспект ", 60)}, "go": {"next"}}
}
