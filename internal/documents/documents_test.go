package documents

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
)

func TestAcceptedFiles(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		file    string
		content []byte
		media   string
	}{
		{"Төлқұжат.pdf", pdf("1 0 obj"), "application/pdf"}, {"SCAN.PDF", pdf("x"), "application/pdf"},
		{"photo.jpg", jpegOf(), "image/jpeg"}, {"photo.JPEG", jpegOf(), "image/jpeg"}, {"план.png", pngOf(20, 30), "image/png"},
		{"letter.docx", word(), docx}, {"table.xlsx", sheet(), xlsx}, {"letter.odt", openDocument(odt), odt}, {"table.ods", openDocument(ods), ods},
	} {
		doc, err := h.put(c.file, c.content)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if doc.Type != c.media || doc.File != c.file || doc.Name != stem(c.file) || doc.Size != int64(len(c.content)) || len(doc.Digest) != 64 {
			t.Errorf("%+v", doc)
		}
		got, content, err := h.Open(t.Context(), h.actor, doc.ID)
		if err != nil || got != doc {
			t.Fatalf("%+v %v", got, err)
		}
		if b, err := io.ReadAll(content); err != nil || !bytes.Equal(b, c.content) {
			t.Errorf("%s came back changed: %v", c.file, err)
		}
		_ = content.Close()
	}
	if list, err := h.List(t.Context(), h.actor); err != nil || len(list) != 9 {
		t.Fatal(len(list), err)
	}
	if list, err := h.List(t.Context(), h.other); err != nil || len(list) != 0 {
		t.Fatal(len(list), err)
	}
}

// S-07: what is refused, and as what.
func TestRefusedFiles(t *testing.T) {
	h := open(t)
	archive := container(member{name: "a.txt", text: "a"})
	for _, c := range []struct {
		name, file, want string
		content          []byte
	}{
		{"nothing", "a.pdf", KeyEmpty, nil},
		{"program", "setup.exe", KeyType, []byte("MZ\x90\x00\x03\x00\x00\x00")}, {"program as a scan", "scan.pdf", KeyMismatch, []byte("MZ\x90\x00\x03\x00\x00\x00")},
		{"program in Linux", "scan.jpg", KeyMismatch, []byte("\x7fELF\x02\x01\x01\x00")}, {"script", "run.sh", KeyType, []byte("#!/bin/sh\n")},
		{"text", "a.txt", KeyType, []byte("text")}, {"text as a scan", "a.pdf", KeyMismatch, []byte("text")}, {"no ending", "scan", KeyMismatch, pdf("x")},
		{"page", "a.html", KeyType, []byte("<html><script>alert(1)</script>")}, {"page as a picture", "a.png", KeyMismatch, []byte("<html>")},
		{"drawing", "a.svg", KeyType, []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)}, {"xhtml", "a.xhtml", KeyType, []byte(`<?xml version="1.0"?><html/>`)},
		{"mhtml", "a.mht", KeyType, []byte("MIME-Version: 1.0\nContent-Type: multipart/related\n")}, {"gif with a script", "a.gif", KeyType, []byte("GIF89a/*\x00\x00*/=1;alert(1)")},
		{"old office", "a.doc", KeyType, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...)}, {"old office as new", "a.docx", KeyMismatch, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...)},
		{"scan named as a picture", "scan.png", KeyMismatch, pdf("x")}, {"picture named as a scan", "a.pdf", KeyMismatch, pngOf(3, 3)}, {"double ending", "scan.pdf.exe", KeyMismatch, pdf("x")},
		{"archive", "a.zip", KeyType, archive}, {"archive as a letter", "a.docx", KeyMismatch, archive}, {"archive as a scan", "a.pdf", KeyMismatch, archive},
		{"letter as a table", "a.xlsx", KeyMismatch, word()}, {"table as a letter", "a.odt", KeyMismatch, openDocument(ods)}, {"presentation", "a.odt", KeyMismatch, openDocument("application/vnd.oasis.opendocument.presentation")},
		{"scan behind other bytes", "a.pdf", KeyMismatch, append([]byte("\n"), pdf("x")...)}, {"scan behind a script", "a.pdf", KeyMismatch, append([]byte("<script>1</script>"), pdf("x")...)},
		{"scan cut off", "a.pdf", KeyUnreadable, pdf(strings.Repeat("x", 5000))[:4000]},
		{"scan and page", "a.pdf", KeySuspicious, pdf("<HTML><body>")}, {"scan and script", "a.pdf", KeySuspicious, pdf("% <ScRiPt>alert(1)</script>")},
		{"scan and archive", "a.pdf", KeySuspicious, append(pdf("x"), archive...)}, {"picture and archive", "a.jpg", KeySuspicious, append(jpegOf(), archive...)}, {"drawing and archive", "a.png", KeySuspicious, append(pngOf(2, 2), archive...)},
		{"scan with a script", "a.pdf", KeyActive, pdf("<< /S /JavaScript /JS (app.alert(1)) >>")}, {"scan that starts a program", "a.pdf", KeyActive, pdf("<< /S /Launch /F (cmd.exe) >>")},
		{"script far inside", "a.pdf", KeyActive, pdf(strings.Repeat("x", 65526) + "/JavaScript" + strings.Repeat("y", 70000))},
		{"picture and page", "a.jpg", KeySuspicious, commented("<html><script>alert(1)</script>")},
		{"picture cut off", "a.png", KeyUnreadable, pngOf(9, 9)[:20]}, {"half a photo", "a.jpg", KeyUnreadable, jpegOf()[:20]},
		{"huge picture", "a.png", KeySuspicious, claiming(50_000, 50_000)},
		{"macros", "a.docx", KeyActive, word(member{name: "word/vbaProject.bin", text: "x"})}, {"active control", "a.docx", KeyActive, word(member{name: "word/activeX/activeX1.bin", text: "x"})},
		{"macro document renamed", "a.docx", KeyMismatch, container(types("application/vnd.ms-word.document.macroEnabled.main+xml"))},
		{"macros of another office", "a.odt", KeyActive, openDocument(odt, member{name: "Basic/Standard/Module1.xml", text: "x"})}, {"scripts", "a.ods", KeyActive, openDocument(ods, member{name: "Scripts/python/a.py", text: "x"})},
		{"way out", "a.docx", KeySuspicious, word(member{name: "../../etc/passwd", text: "x"})}, {"whole path", "a.docx", KeySuspicious, word(member{name: "/etc/passwd", text: "x"})},
		{"way out in Windows", "a.docx", KeySuspicious, word(member{name: `..\..\x.dll`, text: "x"})}, {"NUL", "a.docx", KeySuspicious, word(member{name: "a\x00b", text: "x"})},
		{"twice the same", "a.docx", KeySuspicious, word(member{name: "word/document.xml", text: "other"})},
		{"bomb", "a.docx", KeySuspicious, word(member{name: "bomb.xml", text: strings.Repeat("\x00", 40<<20)})},
		{"many entries", "a.docx", KeySuspicious, word(many(maxEntries)...)},
		{"bytes before", "a.docx", KeyUnreadable, append([]byte("PK\x03\x04"), word()...)}, {"bytes after", "a.docx", KeyUnreadable, append(word(), 'x')},
		{"letter cut off", "a.docx", KeyUnreadable, word()[:300]}, {"encrypted", "a.docx", KeyUnreadable, encrypted(word())},
		{"other local name", "a.docx", KeySuspicious, bytes.Replace(word(), []byte("word/document.xml"), []byte("word/dokument.xml"), 1)},
		{"broken types", "a.docx", KeyUnreadable, container(member{name: "[Content_Types].xml", text: "<Types><Override"})}, {"no types", "a.docx", KeyMismatch, container(member{name: "word/document.xml", text: "x"})},
		{"overlap", "a.docx", KeySuspicious, overlapping()},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			_, err := h.put(c.file, c.content)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Key != c.want || len(f.Fields) != 1 || f.Fields[0].Path != "file" || f.Fields[0].Key != c.want {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Fatalf("took %s", took)
			}
		})
	}
	if list, err := h.List(t.Context(), h.actor); err != nil || len(list) != 0 {
		t.Fatal("a refused file is listed", err)
	}
}

// commented is a photo whose comment is a page.
func commented(text string) []byte {
	b := jpegOf()
	comment := append([]byte{0xff, 0xfe, 0, byte(len(text) + 2)}, text...)
	return append(append(bytes.Clone(b[:2]), comment...), b[2:]...)
}

func many(n int) []member {
	out := make([]member, n)
	for i := range out {
		out[i].name = "e" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String()
	}
	return out
}

// encrypted sets the bit of encryption of the last entry of the list.
func encrypted(b []byte) []byte {
	b[bytes.LastIndex(b, []byte("PK\x01\x02"))+8] |= 1
	return b
}

// overlapping lets the second entry of the list begin where the first does.
func overlapping() []byte {
	b := container(member{name: "a.xml", text: "aaaa"}, member{name: "a.xmm", text: "bbbb"})
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	copy(b[at+42:at+46], []byte{0, 0, 0, 0})
	copy(b[at+46:], "a.xml")
	return b
}

func TestSizes(t *testing.T) {
	h := open(t)
	exact := pdf(strings.Repeat("x", int(MaxSize)-len(pdf(""))))
	if doc, err := h.put("a.pdf", exact); err != nil || doc.Size != MaxSize {
		t.Fatal(doc.Size, err)
	}
	counted := &counter{r: bytes.NewReader(pdf(strings.Repeat("x", 2*int(MaxSize))))}
	_, err := h.Upload(t.Context(), h.actor, Upload{File: "a.pdf", Content: counted})
	if !fault.Is(err, KeyTooLarge) || fault.KindOf(err) != fault.TooLarge {
		t.Fatal(err)
	}
	if counted.n > MaxSize+64<<10+headSize {
		t.Fatal(counted.n-MaxSize, "bytes too many were read")
	}
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func TestUploadsDoNotFillTheMemory(t *testing.T) {
	h := open(t)
	content := io.MultiReader(strings.NewReader("%PDF-1.7\n"), io.LimitReader(zeros{}, MaxSize-20), strings.NewReader("%%EOF"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := h.Upload(t.Context(), h.actor, Upload{File: "a.pdf", Content: content}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Fatalf("%d MB for a document of 30", used>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestQuota(t *testing.T) {
	h := open(t)
	h.update(func(tx port.Tx) error {
		tx.Write().Documents().Add(port.StoredDocument{ID: "big", Party: h.actor.Party, Name: "x", File: "x", Type: "x", Digest: "x", Size: Quota - 100, CreatedAt: h.world.Now()})
		return nil
	})
	if _, err := h.put("a.pdf", pdf("x")); err != nil {
		t.Fatal("what fits is refused", err)
	}
	_, err := h.put("a.pdf", pdf(strings.Repeat("x", 100)))
	if f, _ := fault.As(err); f == nil || f.Key != KeyQuota || f.Kind != fault.TooLarge || len(f.Fields) != 1 {
		t.Fatal(err)
	}
	if _, err := h.Upload(t.Context(), h.other, Upload{File: "a.pdf", Content: bytes.NewReader(pdf("x"))}); err != nil {
		t.Fatal("the quota of another", err)
	}
	if err := h.Delete(t.Context(), h.actor, "big"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.put("a.pdf", pdf(strings.Repeat("x", 100))); err != nil {
		t.Fatal(err)
	}
}

func TestOwnership(t *testing.T) {
	h := open(t)
	doc, err := h.put("a.pdf", pdf("x"))
	if err != nil {
		t.Fatal(err)
	}
	unknown := "01990000-0000-7000-8000-000000009999"
	for name, c := range map[string]struct {
		actor access.Actor
		id    string
		kind  fault.Kind
	}{"another": {h.other, doc.ID, fault.NotFound}, "nobody": {access.Nobody(), doc.ID, fault.Unauthenticated}, "unknown": {h.actor, unknown, fault.NotFound}} {
		_, _, err := h.Open(t.Context(), c.actor, c.id)
		if err == nil || fault.KindOf(err) != c.kind {
			t.Errorf("%s opens: %v", name, err)
		}
		if err := h.Delete(t.Context(), c.actor, c.id); err == nil || fault.KindOf(err) != c.kind {
			t.Errorf("%s deletes: %v", name, err)
		}
	}
	if _, err := h.Upload(t.Context(), access.Nobody(), Upload{File: "a.pdf", Content: bytes.NewReader(pdf("x"))}); fault.KindOf(err) != fault.Unauthenticated {
		t.Error(err)
	}
	if _, err := h.List(t.Context(), access.Nobody()); fault.KindOf(err) != fault.Unauthenticated {
		t.Error(err)
	}
}

func TestAttachedDocumentsStay(t *testing.T) {
	h := open(t)
	content := pdf("x")
	doc, err := h.put("a.pdf", content)
	if err != nil {
		t.Fatal(err)
	}
	const number = "KZ19RFB00000009"
	h.update(func(tx port.Tx) error {
		tx.Write().Applications().Add(application.Application{
			Number: number, Service: "s", Revision: 1, Body: "b", Party: h.actor.Party, Account: h.actor.Account, State: application.Draft, Version: 1,
			CreatedAt: h.world.Now(), ChangedAt: h.world.Now(),
			Attached: []application.Attachment{{Key: "licence", Document: doc.ID, Name: "As it was", File: "then.pdf", Digest: doc.Digest, Size: doc.Size}},
		})
		return nil
	})
	if err := h.Delete(t.Context(), h.actor, doc.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Open(t.Context(), h.actor, doc.ID); fault.KindOf(err) != fault.NotFound || err == nil {
		t.Fatal("deleted and still in the store", err)
	}
	if err := h.Delete(t.Context(), h.actor, doc.ID); fault.KindOf(err) != fault.NotFound || err == nil {
		t.Fatal(err)
	}
	got, r, err := h.OpenAttached(t.Context(), h.actor, number, "licence")
	if err != nil || got.Name != "As it was" || got.File != "then.pdf" || got.Type != "application/pdf" {
		t.Fatalf("%+v %v", got, err)
	}
	if b, err := io.ReadAll(r); err != nil || !bytes.Equal(b, content) {
		t.Fatal(err)
	}
	_ = r.Close()
	if _, _, err := h.OpenAttached(t.Context(), h.other, number, "licence"); fault.KindOf(err) != fault.NotFound || err == nil {
		t.Error("of another's application", err)
	}
	if _, _, err := h.OpenAttached(t.Context(), h.actor, number, "passport"); fault.KindOf(err) != fault.NotFound || err == nil {
		t.Error(err)
	}
	if _, _, err := h.OpenAttached(t.Context(), access.Nobody(), number, "licence"); fault.KindOf(err) != fault.Unauthenticated {
		t.Error(err)
	}
}

func TestBrokenUploads(t *testing.T) {
	h := open(t)
	content := pdf(strings.Repeat("x", 1<<20))
	for _, cut := range []int{0, 1, 100, headSize, headSize + 1, 1 << 19} {
		_, err := h.Upload(t.Context(), h.actor, Upload{File: "a.pdf", Content: io.MultiReader(bytes.NewReader(content[:cut]), iotest.ErrReader(io.ErrUnexpectedEOF))})
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	edge := fault.New(fault.TooLarge, "fault.too-large")
	if _, err := h.Upload(t.Context(), h.actor, Upload{File: "a.pdf", Content: iotest.ErrReader(edge)}); !fault.Is(err, "fault.too-large") {
		t.Error("the fault of the edge is lost", err)
	}
	if list, err := h.List(t.Context(), h.actor); err != nil || len(list) != 0 {
		t.Fatal(len(list), err)
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"a.pdf": "a.pdf", `C:\Users\x\скан.pdf`: "скан.pdf", "../../etc/passwd": "passwd", "a\x00b.pdf": "ab.pdf", "invoice\u202efdp.exe": "invoicefdp.exe",
		"\u2066a\u2069.pdf": "a.pdf", "a\nb\t.pdf": "ab.pdf", " a.pdf ": "a.pdf", "a.pdf...": "a.pdf", ".htaccess": "htaccess", "CON.pdf": "_CON.pdf", "com1.pdf": "_com1.pdf",
		"nul": "_nul", "console.pdf": "console.pdf", "": "document", "...": "document", "/": "document", ".pdf": "pdf", "a\xffb.pdf": "ab.pdf", "a:b*c?.pdf": "a_b_c_.pdf", "a .pdf": "a.pdf",
		"и\u0306.pdf": "и\u0306.pdf", "құжат №1 (көшірме).pdf": "құжат №1 (көшірме).pdf", "a\u200bb.pdf": "ab.pdf", strings.Repeat("ұ", 300) + ".pdf": strings.Repeat("ұ", 196) + ".pdf",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	h := open(t)
	_, err := h.Upload(t.Context(), h.actor, Upload{Name: strings.Repeat("a", 201), File: "a.pdf", Content: bytes.NewReader(pdf("x"))})
	if f, _ := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Path != "name" || f.Fields[0].Key != KeyNameLong {
		t.Fatal(err)
	}
	doc, err := h.Upload(t.Context(), h.actor, Upload{Name: " Жарғы\u202e ", File: "a.pdf", Content: bytes.NewReader(pdf("x"))})
	if err != nil || doc.Name != "Жарғы" {
		t.Fatal(doc.Name, err)
	}
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"a.pdf", "..\\..", "CON", "\u202e.exe", strings.Repeat("я", 400) + ".docx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := CleanName(s)
		if got == "" || len([]rune(got)) > MaxName || strings.ContainsAny(got, "/\\\x00\r\n\"\u202e") || strings.HasPrefix(got, ".") || CleanName(got) != got {
			t.Fatalf("%q: %q, again %q", s, got, CleanName(got))
		}
	})
}

// Whatever the bytes are: no panic, and what a container passes is readable.
func FuzzContent(f *testing.F) {
	for _, b := range [][]byte{pdf("x"), word(), sheet(), openDocument(odt), pngOf(2, 2), jpegOf(), overlapping()} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, k := range kinds() {
			err := k.check(&at{bytes.NewReader(b)}, int64(len(b)))
			if _, ok := fault.As(err); err != nil && !ok {
				t.Fatalf("%s: %v", k.media, err)
			}
		}
	})
}
