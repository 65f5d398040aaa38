package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
)

// file writes the objects of a PDF (ISO 32000-1, 7.5): a header, objects, one cross-reference table, a trailer. The
// classic table, not a stream, keeps the file readable and a later signature simple to append.
type file struct {
	buf     bytes.Buffer
	offsets []int // of object i+1; 0 while it is only reserved
	packers *sync.Pool
}

// newPackers makes the pool of compressors: one takes a megabyte of memory to set up, which must not happen for each
// stream of each document.
func newPackers() *sync.Pool {
	return &sync.Pool{New: func() any {
		w, err := zlib.NewWriterLevel(nil, compression)
		if err != nil {
			return nil // unreachable: the level is a valid constant; pack falls back to a plain writer
		}
		return w
	}}
}

// compression is the level of deflate for what differs from document to document. Measured: level 4 makes a file 1 %
// smaller and takes a third more time for the whole document.
const compression = 1

func newFile(packers *sync.Pool) *file {
	f := &file{packers: packers}
	f.buf.Grow(64 << 10)
	// The comment of four bytes above 127 tells transfer programs that the file is binary.
	f.buf.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	return f
}

// reserve takes the next object number for an object that others refer to before it is written.
func (f *file) reserve() int {
	f.offsets = append(f.offsets, 0)
	return len(f.offsets)
}

// put writes an object under its reserved number.
func (f *file) put(number int, body string) {
	f.begin(number)
	f.buf.WriteString(body)
	f.buf.WriteString("\nendobj\n")
}

// add writes an object and gives its number.
func (f *file) add(body string) int {
	n := f.reserve()
	f.put(n, body)
	return n
}

func (f *file) begin(number int) {
	f.offsets[number-1] = f.buf.Len()
	f.buf.WriteString(strconv.Itoa(number))
	f.buf.WriteString(" 0 obj\n")
}

// stream writes a compressed stream; dict is the inside of its dictionary without Length and Filter.
func (f *file) stream(dict string, data []byte) int {
	return f.packed(dict, pack(f.packers, data))
}

// packed writes a stream that was compressed before.
func (f *file) packed(dict string, data []byte) int {
	n := f.reserve()
	f.raw(n, dict+"/Filter/FlateDecode", data)
	return n
}

// raw writes a stream as it is.
func (f *file) raw(number int, dict string, data []byte) {
	f.begin(number)
	fmt.Fprintf(&f.buf, "<<%s/Length %d>>\nstream\n", dict, len(data))
	f.buf.Write(data)
	f.buf.WriteString("\nendstream\nendobj\n")
}

// finish writes the table and the trailer. The two identifiers of the file are a digest of its content, so equal
// documents are equal to the last byte.
func (f *file) finish(root, info int) []byte {
	id := sha256.Sum256(f.buf.Bytes())
	start := f.buf.Len()
	fmt.Fprintf(&f.buf, "xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, at := range f.offsets {
		fmt.Fprintf(&f.buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&f.buf, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.offsets)+1, root, info, id[:16], id[:16], start)
	return f.buf.Bytes()
}

// pack compresses with a pooled compressor.
func pack(packers *sync.Pool, data []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(data)/2 + 64)
	w, ok := packers.Get().(*zlib.Writer)
	if !ok {
		w = zlib.NewWriter(&out)
	}
	defer packers.Put(w)
	w.Reset(&out)
	// A bytes.Buffer never fails, so neither do these.
	_, _ = w.Write(data)
	_ = w.Close()
	return out.Bytes()
}

// packBest compresses as well as it can, for what is made once and carried by every document.
func packBest(data []byte) []byte {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err != nil {
		w = zlib.NewWriter(&out)
	}
	_, _ = w.Write(data)
	_ = w.Close()
	return out.Bytes()
}

// textString is a text string of the format: UTF-16BE in hexadecimal, so no character of a value can end it.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteString(hex4(u))
	}
	b.WriteByte('>')
	return b.String()
}

// hex4 is four capital hexadecimal digits.
func hex4(u uint16) string {
	return strings.ToUpper(hex.EncodeToString([]byte{byte(u >> 8), byte(u)}))
}

// pdfDate is a date of the format in UTC (ISO 32000-1, 7.9.4).
func pdfDate(t time.Time) string { return t.UTC().Format("(D:20060102150405Z)") }

// appendNumber writes a length with at most two decimals, the shortest way. Numbers are a third of a page's content, so
// this goes by integers: strconv's floats cost four times as much.
func appendNumber(b []byte, v float64) []byte {
	n := int64(math.Round(v * 100))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	if n %= 100; n == 0 {
		return b
	}
	b = append(b, '.', byte('0'+n/10))
	if n%10 != 0 {
		b = append(b, byte('0'+n%10))
	}
	return b
}
