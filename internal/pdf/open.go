package pdf

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"elicense/internal/fault"
)

// MaxFile is the largest file that Open reads, in bytes.
const MaxFile = 64 << 20

// Sealed is what Open found in a file.
type Sealed struct {
	CMS    []byte    // the detached signature, DER, without the padding
	At     time.Time // the time that the sealer states, UTC; it is signed but it is no time stamp
	Reason string
	before []byte
	after  []byte
}

// Content is the signed bytes: the whole file except the signature.
func (s Sealed) Content() []byte { return append(bytes.Clone(s.before), s.after...) }

// Open finds the seal that Seal made. It judges only where the signature stands and what it covers; the caller verifies
// CMS against Content and the certificate against its anchors.
//
// Everything but one certification that permits no change, over the whole file, is refused as fault.Invalid:
// "pdf.not-pdf", "pdf.unsigned" (no signature), "pdf.signatures" (more than one), "pdf.appended" (bytes after the signed
// range: an incremental update, or anything else), "pdf.range" (a gap that is not exactly the signature), "pdf.contents"
// (the signature is not hexadecimal DER with zeros after it), "pdf.certification" (not the document's certification, or
// one that permits changes). A file beyond MaxFile is fault.TooLarge "pdf.size".
func Open(pdf []byte) (Sealed, error) {
	switch n := bytes.Count(pdf, []byte("/ByteRange")); {
	case len(pdf) > MaxFile:
		return Sealed{}, fault.New(fault.TooLarge, "pdf.size")
	case !bytes.HasPrefix(pdf, []byte("%PDF-1.")):
		return Sealed{}, fault.New(fault.Invalid, "pdf.not-pdf")
	case n == 0:
		return Sealed{}, fault.New(fault.Invalid, "pdf.unsigned")
	case n > 1:
		return Sealed{}, fault.New(fault.Invalid, "pdf.signatures")
	}
	start, end, err := signedRange(pdf)
	if err != nil {
		return Sealed{}, err
	}
	s := Sealed{before: pdf[:start], after: pdf[end:]}
	if s.CMS, err = contents(pdf[start:end]); err != nil {
		return Sealed{}, err
	}
	if err := s.certification(pdf, start, end); err != nil {
		return Sealed{}, err
	}
	return s, nil
}

// signedRange reads the one byte range and gives the place of the signature, brackets included.
func signedRange(pdf []byte) (start, end int, err error) {
	wrong := fault.New(fault.Invalid, "pdf.range")
	key := []byte("/ByteRange[")
	at := bytes.Index(pdf, key)
	if at < 0 {
		return 0, 0, wrong
	}
	list, _, ok := bytes.Cut(pdf[at+len(key):], []byte("]"))
	parts := bytes.Split(list[:min(len(list), 2*rangeWidth)], []byte(" "))
	if !ok || len(parts) != 4 {
		return 0, 0, wrong
	}
	var v [4]int
	for i, part := range parts {
		if v[i], ok = number(part); !ok {
			return 0, 0, wrong
		}
	}
	start, end = v[1], v[2]
	switch {
	case v[0] != 0 || start >= end || end > len(pdf):
		return 0, 0, wrong
	case v[3] < len(pdf)-end:
		return 0, 0, fault.New(fault.Invalid, "pdf.appended")
	case v[3] > len(pdf)-end:
		return 0, 0, wrong
	}
	// The gap is the value of Contents in the same dictionary, right behind the range.
	between, ok := bytes.CutSuffix(pdf[:start], []byte("/Contents"))
	if !ok || at+len(key)+len(list)+1 > len(between) ||
		len(bytes.TrimLeft(between[at+len(key)+len(list)+1:], " ")) != 0 {
		return 0, 0, wrong
	}
	return start, end, nil
}

// contents decodes the signature: one DER sequence and nothing but zeros behind it.
func contents(gap []byte) ([]byte, error) {
	wrong := fault.New(fault.Invalid, "pdf.contents")
	if len(gap) < 4 || len(gap) > 2*MaxCMS+2 || gap[0] != '<' || gap[len(gap)-1] != '>' {
		return nil, wrong
	}
	der := make([]byte, hex.DecodedLen(len(gap)-2))
	if _, err := hex.Decode(der, gap[1:len(gap)-1]); err != nil {
		return nil, wrong.Because(err)
	}
	size, ok := derSize(der)
	if !ok || len(bytes.Trim(der[size:], "\x00")) != 0 {
		return nil, wrong
	}
	return der[:size], nil
}

// derSize is the length of the sequence at the start of b, header included (X.690, 8.1.3 and 10.1).
func derSize(b []byte) (int, bool) {
	if len(b) < 2 || b[0] != 0x30 {
		return 0, false
	}
	if b[1] < 0x80 {
		return 2 + int(b[1]), 2+int(b[1]) <= len(b)
	}
	octets := int(b[1] & 0x7F)
	if octets == 0 || octets > 3 || len(b) < 2+octets || b[2] == 0 {
		return 0, false
	}
	size := 0
	for _, c := range b[2 : 2+octets] {
		size = size<<8 | int(c)
	}
	return 2 + octets + size, size >= 0x80 && 2+octets+size <= len(b)
}

// certification makes sure that the signature is the one that viewers show as the document's certification: the
// catalog of the last revision names it, and it permits no change. It also reads the time and the reason.
func (s *Sealed) certification(pdf []byte, start, end int) error {
	wrong := fault.New(fault.Invalid, "pdf.certification")
	last, err := lastRevision(pdf)
	if err != nil {
		return wrong.Because(err)
	}
	catalog, ok := last.dictionary(last.root)
	if !ok {
		return wrong
	}
	signature, ok := intAfter([]byte(catalog), "/Perms<</DocMDP ")
	if !ok {
		return wrong
	}
	at, known := last.objects[signature]
	head := []byte(strconv.Itoa(signature) + " 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[")
	if !known || at >= start || !bytes.HasPrefix(pdf[at:start], head) || bytes.Contains(pdf[at:start], []byte("endobj")) {
		return wrong
	}
	tail, _, ok := bytes.Cut(pdf[end:], []byte("\nendobj\n"))
	if !ok || !bytes.Contains(tail, []byte("/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>")) {
		return wrong
	}
	_, stated, _ := strings.Cut(string(tail), "/M")
	stated, reason, ok := strings.Cut(stated, "/Reason<FEFF")
	if s.At, err = time.Parse("(D:20060102150405Z)", stated); err != nil || !ok {
		return wrong.Because(err)
	}
	reason, _, _ = strings.Cut(reason, ">")
	raw, err := hex.DecodeString(reason)
	if err != nil || len(raw)%2 != 0 {
		return wrong
	}
	units := make([]uint16, 0, len(raw)/2)
	for ; len(raw) > 0; raw = raw[2:] {
		units = append(units, be16(raw, 0))
	}
	s.Reason = string(utf16.Decode(units))
	return nil
}
