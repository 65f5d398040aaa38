package documents

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"elicense/internal/fault"
)

// The kinds that are ZIP containers: Office Open XML (ECMA-376) and OpenDocument (ISO/IEC 26300).
const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	odt  = "application/vnd.oasis.opendocument.text"
	ods  = "application/vnd.oasis.opendocument.spreadsheet"
)

// Bounds of a container (APPNOTE.TXT 6.3 for the numbers of the format).
const (
	zipTail     = 22 + 65535 // the end record with the longest comment
	zipEnd      = 22
	maxIndex    = 1 << 20
	maxEntries  = 2000
	maxUnpacked = 300 << 20 // bytes of all entries together, as they say
	maxRatio    = 250       // of an entry over a megabyte
	maxManifest = 1 << 20
)

// entry is one file of a container, as the index tells it.
type entry struct {
	name             string
	packed, unpacked int64
	place            int64 // of its local header
}

// office checks a container and demands that it is of this kind.
func office(media string) func(*at, int64) error {
	return func(content *at, size int64) error {
		entries, err := index(content, size)
		if err != nil {
			return err
		}
		if err := plausible(entries); err != nil {
			return err
		}
		archive, err := zip.NewReader(content, size)
		if err != nil {
			return refuse(fault.Invalid, KeyUnreadable).Because(err)
		}
		found, err := identify(archive)
		switch {
		case err != nil:
			return refuse(fault.Invalid, KeyUnreadable).Because(err)
		case found != media:
			return refuse(fault.Invalid, KeyMismatch)
		case slices.ContainsFunc(entries, func(e entry) bool { return active(e.name) }):
			return refuse(fault.Invalid, KeyActive)
		}
		return nil
	}
}

// index reads the list of entries by itself: the end record must be the last bytes, the list must end where it begins and
// the first entry must be the first bytes, so that nothing is hidden around; and a list of a hundred thousand entries is
// refused before anything is made of it.
func index(content *at, size int64) ([]entry, error) {
	bad := refuse(fault.Invalid, KeyUnreadable)
	end, err := content.part(size-zipEnd, size, size)
	if err != nil {
		return nil, err
	}
	if len(end) != zipEnd || !bytes.HasPrefix(end, []byte("PK\x05\x06")) || binary.LittleEndian.Uint16(end[20:]) != 0 {
		return nil, bad
	}
	count := int(binary.LittleEndian.Uint16(end[10:]))
	length, from := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	if count > maxEntries || length > maxIndex {
		return nil, refuse(fault.Invalid, KeySuspicious)
	}
	if from+length != size-zipEnd {
		return nil, bad
	}
	list, err := content.part(from, from+length, size)
	if err != nil {
		return nil, err
	}
	var out []entry
	for len(list) > 0 {
		e, rest, ok := next(list)
		if !ok || len(out) == count {
			return nil, bad
		}
		out, list = append(out, e), rest
	}
	if len(out) != count || count == 0 {
		return nil, bad
	}
	slices.SortFunc(out, func(a, b entry) int { return int(a.place - b.place) })
	if out[0].place != 0 {
		return nil, refuse(fault.Invalid, KeySuspicious)
	}
	return out, fits(content, out, from)
}

// next reads one entry of the list: stored or deflated, not encrypted.
func next(list []byte) (entry, []byte, bool) {
	const fixed = 46
	if len(list) < fixed || !bytes.HasPrefix(list, []byte("PK\x01\x02")) {
		return entry{}, nil, false
	}
	word := func(at int) int { return int(binary.LittleEndian.Uint16(list[at:])) }
	long := func(at int) int64 { return int64(binary.LittleEndian.Uint32(list[at:])) }
	end := fixed + word(28) + word(30) + word(32)
	if method := word(10); len(list) < end || word(8)&1 != 0 || (method != 0 && method != 8) {
		return entry{}, nil, false
	}
	return entry{name: string(list[fixed : fixed+word(28)]), packed: long(20), unpacked: long(24), place: long(42)}, list[end:], true
}

// fits makes sure that the entries lie one behind the other and that each local header has the name of the list: entries
// that share their bytes are how a small file unpacks to a huge one, and two names are how it reads differently elsewhere.
func fits(content *at, entries []entry, end int64) error {
	const fixed = 30
	for i, e := range entries {
		limit := end
		if i+1 < len(entries) {
			limit = entries[i+1].place
		}
		head, err := content.part(e.place, e.place+fixed+int64(len(e.name)), end)
		if err != nil {
			return err
		}
		if len(head) != fixed+len(e.name) || !bytes.HasPrefix(head, []byte("PK\x03\x04")) || string(head[fixed:]) != e.name {
			return refuse(fault.Invalid, KeySuspicious)
		}
		extra := int64(binary.LittleEndian.Uint16(head[28:]))
		if e.place+int64(len(head))+extra+e.packed > limit {
			return refuse(fault.Invalid, KeySuspicious)
		}
	}
	return nil
}

// plausible judges names and sizes.
func plausible(entries []entry) error {
	var total int64
	seen := map[string]bool{}
	for _, e := range entries {
		total += e.unpacked
		strange := strings.HasPrefix(e.name, "/") || strings.ContainsAny(e.name, "\\\x00") || slices.Contains(strings.Split(e.name, "/"), "..")
		if strange || seen[e.name] || total > maxUnpacked || (e.unpacked > 1<<20 && e.unpacked > maxRatio*e.packed) {
			return refuse(fault.Invalid, KeySuspicious)
		}
		seen[e.name] = true
	}
	return nil
}

// identify gives the media type that a container says of itself; "" for one of another kind.
func identify(archive *zip.Reader) (string, error) {
	if len(archive.File) > 0 && archive.File[0].Name == "mimetype" {
		text, err := read(archive.File[0])
		return string(text), err
	}
	for _, f := range archive.File {
		if f.Name != "[Content_Types].xml" {
			continue
		}
		text, err := read(f)
		if err != nil {
			return "", err
		}
		return mainPart(text)
	}
	return "", nil
}

// mainPart reads the content types of an Office Open XML package and tells the kind by its main part.
func mainPart(text []byte) (string, error) {
	var types struct {
		Override []struct {
			ContentType string `xml:"ContentType,attr"`
		}
	}
	if err := xml.Unmarshal(text, &types); err != nil {
		return "", err
	}
	for _, o := range types.Override {
		for _, media := range []string{docx, xlsx} {
			if o.ContentType == media+".main+xml" {
				return media, nil
			}
		}
	}
	return "", nil
}

func read(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if closed := r.Close(); err == nil {
		err = closed
	}
	return text, err
}

// active tells the entries that hold macros and embedded programs.
func active(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "vbaproject.bin") || strings.Contains(name, "/activex/") || strings.HasSuffix(name, "macrosheets/") ||
		strings.HasPrefix(name, "basic/") || strings.HasPrefix(name, "scripts/")
}
