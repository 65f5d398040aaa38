package documents

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/blob"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/sqlstore"
)

type world struct{ ids atomic.Int64 }

func (*world) Now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
func (w *world) ID() string   { return fmt.Sprintf("01990000-0000-7000-8000-%012d", w.ids.Add(1)) }
func (*world) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

type house struct {
	*Documents
	t            testing.TB
	store        *sqlstore.Store
	actor, other access.Actor
}

func open(t testing.TB) *house {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{}
	h := &house{Documents: New(store, w, blobs, nil), t: t, store: store}
	for i, actor := range []*access.Actor{&h.actor, &h.other} {
		p := party.Party{ID: w.ID(), Kind: party.Organisation, Number: fmt.Sprint("20014000001", i), Version: 1, CreatedAt: w.Now()}
		a := party.Account{ID: w.ID(), Party: p, IIN: "850101300012", Version: 1, CreatedAt: w.Now()}
		*actor = access.Actor{Role: access.Applicant, Account: a.ID, Party: p.ID}
		h.update(func(tx port.Tx) error {
			tx.Write().Accounts().AddParty(p)
			tx.Write().Accounts().AddAccount(a)
			return nil
		})
	}
	return h
}

func (h *house) update(f func(tx port.Tx) error) {
	h.t.Helper()
	if err := h.store.Update(h.t.Context(), f); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) put(file string, content []byte) (port.StoredDocument, error) {
	return h.Upload(h.t.Context(), h.actor, Upload{File: file, Content: bytes.NewReader(content)})
}

func pdf(body string) []byte { return []byte("%PDF-1.7\n" + body + "\nstartxref\n0\n%%EOF\n") }

func pngOf(width, height int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))) // a buffer takes everything
	return b.Bytes()
}

// claiming gives a picture whose header says another size, with its checksum.
func claiming(width, height uint32) []byte {
	b := pngOf(1, 1)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func jpegOf() []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9)), nil)
	return b.Bytes()
}

// member is a file of a container.
type member struct {
	name, text string
	stored     bool
}

func container(members ...member) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		method := zip.Deflate
		if m.stored {
			method = zip.Store
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: method})
		if err != nil {
			panic(err)
		}
		_, _ = f.Write([]byte(m.text))
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func types(main string) member {
	return member{name: "[Content_Types].xml", text: `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/main.xml" ContentType="` + main + `"/></Types>`}
}

func word(more ...member) []byte {
	return container(append([]member{types(docx + ".main+xml"), {name: "_rels/.rels", text: "<r/>"}, {name: "word/document.xml", text: "<w>" + strings.Repeat("Үлгі ", 50) + "</w>"}}, more...)...)
}

func sheet() []byte {
	return container(types(xlsx+".main+xml"), member{name: "xl/workbook.xml", text: "<w/>"})
}

func openDocument(media string, more ...member) []byte {
	return container(append([]member{{"mimetype", media, true}, {name: "content.xml", text: "<c/>"}}, more...)...)
}
