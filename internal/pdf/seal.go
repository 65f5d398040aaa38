package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"elicense/internal/fault"
)

// Room for the signature in bytes of DER: at first, and at most. A signature that needs more than the first (a long
// chain, a time stamp) is made a second time over a file with the room that it needs.
const (
	firstRoom = 4 << 10
	MaxCMS    = 64 << 10
)

// Seal appends the system's signature to a file that Render made: a PAdES signature (ETSI EN 319 142-1) whose byte
// range is the whole file except the signature itself, as a certification that permits no change (DocMDP, P = 1).
//
// sign gets the bytes of that range and gives back a detached CMS in DER (PAdES wants the attribute
// signing-certificate-v2 and no signing-time: the time is at, in the file). It may be called twice, see MaxCMS. reason
// is shown by viewers in the panel of signatures. Equal arguments give equal bytes around the signature.
//
// A file that is not Render's, or is sealed already, is fault.Invalid "pdf.foreign"; a CMS beyond MaxCMS is
// fault.Internal "pdf.seal-size". An error of sign comes back as it is.
func Seal(pdf []byte, sign func(content []byte) (cmsDER []byte, err error), at time.Time, reason string) ([]byte, error) {
	room := firstRoom
	for range 2 {
		out, start, err := unsigned(pdf, at, reason, room)
		if err != nil {
			return nil, err
		}
		end := start + 2*room + 2
		der, err := sign(append(bytes.Clone(out[:start]), out[end:]...))
		if err != nil {
			return nil, err
		}
		if len(der) <= room {
			hex.Encode(out[start+1:], der)
			return out, nil
		}
		if len(der) > MaxCMS {
			break
		}
		room = min(MaxCMS, (len(der)+1024)&^1023)
	}
	return nil, fault.New(fault.Internal, "pdf.seal-size")
}

// unsigned appends the update with zeros in the place of the signature. start is where Contents begins, at its "<".
func unsigned(pdf []byte, at time.Time, reason string, room int) (out []byte, start int, err error) {
	foreign := fault.New(fault.Invalid, "pdf.foreign")
	base, err := lastRevision(pdf)
	if err != nil {
		return nil, 0, foreign.Because(err)
	}
	catalog, ok := base.dictionary(base.root)
	pages, ok2 := intAfter([]byte(catalog), "/Pages ")
	tree, ok3 := base.dictionary(pages)
	first, ok4 := intAfter([]byte(tree), "/Kids[")
	page, ok5 := base.dictionary(first)
	if !ok || !ok2 || !ok3 || !ok4 || !ok5 || bytes.Contains(pdf, []byte("/ByteRange")) {
		return nil, 0, foreign
	}
	field, signature := base.size, base.size+1
	f := &file{offsets: make([]int, base.size+1)}
	f.buf.Grow(len(pdf) + 2*room + 4<<10)
	f.buf.Write(pdf)
	f.put(base.root, fmt.Sprintf("%s/AcroForm<</Fields[%d 0 R]/SigFlags 3>>/Perms<</DocMDP %d 0 R>>>>", catalog, field, signature))
	f.put(first, fmt.Sprintf("%s/Annots[%d 0 R]>>", page, field))
	f.put(field, fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/F 132/Rect[0 0 0 0]/P %d 0 R/V %d 0 R>>", first, signature))
	f.begin(signature)
	f.buf.WriteString("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange")
	rangeAt := f.buf.Len()
	fmt.Fprintf(&f.buf, "%*s/Contents", rangeWidth, "")
	start = f.buf.Len()
	f.buf.WriteByte('<')
	f.buf.Write(bytes.Repeat([]byte("0"), 2*room))
	fmt.Fprintf(&f.buf, ">/M%s/Reason%s/Reference[<</Type/SigRef/TransformMethod/DocMDP"+
		"/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]>>\nendobj\n", pdfDate(at), textString(oneLine(reason)))
	table := f.buf.Len()
	f.buf.WriteString("xref\n")
	for _, n := range []int{base.root, first, field, signature} {
		fmt.Fprintf(&f.buf, "%d 1\n%010d 00000 n \n", n, f.offsets[n-1])
	}
	id := sha256.Sum256(f.buf.Bytes())
	fmt.Fprintf(&f.buf, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d/ID[<%s><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		base.size+2, base.root, base.info, base.start, base.id, id[:16], table)
	out = f.buf.Bytes()
	end := start + 2*room + 2
	copy(out[rangeAt:], fmt.Sprintf("%-*s", rangeWidth, fmt.Sprintf("[0 %d %d %d]", start, end, len(out)-end)))
	return out, start, nil
}

// rangeWidth leaves room for three numbers of ten digits, so that filling them in moves nothing.
const rangeWidth = 36
