package pdf

import (
	"bytes"
	"errors"
	"strconv"
)

// revision is the last cross-reference section of a file and its trailer, as this package writes them: a classic table
// of entries of twenty bytes. Files of other programs are not read.
type revision struct {
	pdf     []byte
	start   int         // where "xref" stands
	objects map[int]int // number to offset, of this section only
	size    int         // one more than the highest object number
	root    int
	info    int
	id      string // the first identifier, hexadecimal
}

var errShape = errors.New("pdf: not in the shape that this package writes")

// maxObjects bounds what a table may claim.
const maxObjects = 1 << 20

// lastRevision reads the section that the end of the file points to.
func lastRevision(pdf []byte) (*revision, error) {
	body, ok := bytes.CutSuffix(pdf, []byte("\n%%EOF\n"))
	if !ok {
		return nil, errShape
	}
	at := bytes.LastIndex(body, []byte("\nstartxref\n"))
	if at < 0 {
		return nil, errShape
	}
	start, ok := number(body[at+len("\nstartxref\n"):])
	if !ok || start+len("xref\n") > at || !bytes.HasPrefix(pdf[start:], []byte("xref\n")) {
		return nil, errShape
	}
	r := &revision{pdf: pdf, start: start, objects: map[int]int{}}
	table, trailer, ok := bytes.Cut(body[start+len("xref\n"):at], []byte("trailer\n"))
	if !ok {
		return nil, errShape
	}
	var found [3]bool
	r.size, found[0] = intAfter(trailer, "/Size ")
	r.root, found[1] = intAfter(trailer, "/Root ")
	r.info, found[2] = intAfter(trailer, "/Info ")
	if found != [3]bool{true, true, true} || r.size > maxObjects {
		return nil, errShape
	}
	if err := r.readTable(table); err != nil {
		return nil, err
	}
	if _, id, ok := bytes.Cut(trailer, []byte("/ID[<")); ok {
		first, _, _ := bytes.Cut(id, []byte(">"))
		r.id = string(first)
	}
	return r, nil
}

// readTable reads subsections: a line with the first number and the count, then the entries.
func (r *revision) readTable(table []byte) error {
	for len(table) > 0 {
		line, rest, ok := bytes.Cut(table, []byte("\n"))
		first, count, two := bytes.Cut(line, []byte(" "))
		from, ok1 := number(first)
		n, ok2 := number(count)
		if !ok || !two || !ok1 || !ok2 || from+n > r.size || len(rest) < 20*n {
			return errShape
		}
		for i := range n {
			entry := rest[20*i : 20*i+20]
			at, err := strconv.Atoi(string(entry[:10]))
			if err != nil || at < 0 || at >= len(r.pdf) || entry[10] != ' ' {
				return errShape
			}
			if entry[17] == 'n' && from+i > 0 {
				r.objects[from+i] = at
			}
		}
		table = rest[20*n:]
	}
	return nil
}

// object is the text of an object of this section between "obj" and "endobj".
func (r *revision) object(n int) ([]byte, bool) {
	at, ok := r.objects[n]
	if !ok {
		return nil, false
	}
	body, ok := bytes.CutPrefix(r.pdf[at:], []byte(strconv.Itoa(n)+" 0 obj\n"))
	if !ok {
		return nil, false
	}
	end := bytes.Index(body, []byte("\nendobj\n"))
	if end < 0 {
		return nil, false
	}
	return body[:end], true
}

// dictionary is an object that is one dictionary and no stream, without its closing brackets, ready for more entries.
func (r *revision) dictionary(n int) (string, bool) {
	body, ok := r.object(n)
	if !ok || !bytes.HasPrefix(body, []byte("<<")) || !bytes.HasSuffix(body, []byte(">>")) {
		return "", false
	}
	return string(body[:len(body)-2]), true
}

// number reads a whole text as a number without sign.
func number(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 10 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// intAfter reads the number that follows a key.
func intAfter(b []byte, key string) (int, bool) {
	_, rest, ok := bytes.Cut(b, []byte(key))
	if !ok {
		return 0, false
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	return number(rest[:end])
}
