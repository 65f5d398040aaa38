package cms

// Tags used here: the identifier octets of X.690, section 8.1.2, with the constructed bit where it belongs.
const (
	tagOctets            = 0x04
	tagSequence          = 0x30
	tagSet               = 0x31
	bitConstructed       = 0x20
	tagConstructedOctets = tagOctets | bitConstructed
)

// header is one identifier and length.
type header struct {
	tag        byte
	size       int // octets of the header itself
	length     int // octets of the contents; meaningless when indefinite
	indefinite bool
}

// readHeader reads an identifier with a low tag number and a length in its shortest form, or the indefinite form on a
// constructed value. Nothing NCA tools write needs more.
func readHeader(b []byte) (header, error) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return header{}, refuse(KeyMalformed)
	}
	h := header{tag: b[0], size: 2}
	first := b[1]
	switch {
	case first < 0x80:
		h.length = int(first)
	case first == 0x80:
		if h.tag&bitConstructed == 0 {
			return header{}, refuse(KeyMalformed)
		}
		h.indefinite = true
		return h, nil
	default:
		n := int(first & 0x7f)
		if n > 4 || len(b) < 2+n {
			return header{}, refuse(KeyMalformed)
		}
		for _, c := range b[2 : 2+n] {
			h.length = h.length<<8 | int(c)
		}
		if h.length < 0x80 || h.length>>(8*(n-1)) == 0 {
			return header{}, refuse(KeyMalformed) // not the shortest form
		}
		h.size += n
	}
	if h.length > len(b)-h.size {
		return header{}, refuse(KeyMalformed)
	}
	return h, nil
}

// canonical checks that b is exactly one value, nested no deeper than allowed, and gives it with definite lengths and
// primitive octet strings. Input that has them already, the usual case, is returned as it is, without copying.
func canonical(b []byte) ([]byte, error) {
	used, ber, err := scan(b, 0)
	if err != nil {
		return nil, err
	}
	if used != len(b) {
		return nil, refuse(KeyTrailing)
	}
	if !ber {
		return b, nil
	}
	out, _, err := definite(b)
	if err != nil {
		return nil, err
	}
	// The conversion happens once: its result has to be DER.
	if used, ber, err = scan(out, 0); err != nil || ber || used != len(out) {
		return nil, refuse(KeyMalformed)
	}
	return out, nil
}

// scan walks one value and says how many octets it takes and whether it has to be converted.
func scan(b []byte, depth int) (used int, ber bool, err error) {
	if depth > maxDepth {
		return 0, false, refuse(KeyTooDeep)
	}
	h, err := readHeader(b)
	if err != nil {
		return 0, false, err
	}
	if h.tag == 0 {
		return 0, false, refuse(KeyMalformed) // end-of-contents where a value belongs
	}
	if h.tag&bitConstructed == 0 {
		return h.size + h.length, false, nil
	}
	switch h.tag {
	case tagSequence, tagSet:
	case tagConstructedOctets:
		ber = true
	default:
		if h.tag&0xc0 == 0 {
			return 0, false, refuse(KeyMalformed) // other universal types are never constructed
		}
	}
	ber = ber || h.indefinite
	at, end := h.size, h.size+h.length
	if h.indefinite {
		end = len(b)
	}
	for {
		if !h.indefinite && at == end {
			return at, ber, nil
		}
		if h.indefinite && end-at >= 2 && b[at] == 0 && b[at+1] == 0 {
			return at + 2, ber, nil
		}
		n, inner, err := scan(b[at:end], depth+1)
		if err != nil {
			return 0, false, err
		}
		at += n
		ber = ber || inner
	}
}

// definite converts one value that scan has accepted and says how many octets of b it took.
func definite(b []byte) (out []byte, used int, err error) {
	h, err := readHeader(b)
	if err != nil {
		return nil, 0, err
	}
	if h.tag&bitConstructed == 0 {
		return b[:h.size+h.length], h.size + h.length, nil
	}
	var body []byte
	at, end := h.size, h.size+h.length
	if h.indefinite {
		end = len(b)
	}
	for {
		if !h.indefinite && at == end {
			break
		}
		if h.indefinite && b[at] == 0 && b[at+1] == 0 {
			at += 2
			break
		}
		inner, n, err := definite(b[at:end])
		if err != nil {
			return nil, 0, err
		}
		at += n
		if h.tag == tagConstructedOctets {
			// The pieces of a constructed octet string are octet strings; only what they hold remains.
			p, err := readHeader(inner)
			if err != nil || p.tag != tagOctets {
				return nil, 0, refuse(KeyMalformed)
			}
			inner = inner[p.size:]
		}
		body = append(body, inner...)
	}
	tag := h.tag
	if tag == tagConstructedOctets {
		tag = tagOctets
	}
	return append(appendHeader(nil, tag, len(body)), body...), at, nil
}

// appendHeader writes an identifier and a length in its shortest form.
func appendHeader(b []byte, tag byte, length int) []byte {
	b = append(b, tag)
	switch {
	case length < 0x80:
		return append(b, byte(length))
	case length < 1<<8:
		return append(b, 0x81, byte(length))
	case length < 1<<16:
		return append(b, 0x82, byte(length>>8), byte(length))
	case length < 1<<24:
		return append(b, 0x83, byte(length>>16), byte(length>>8), byte(length))
	default:
		return append(b, 0x84, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
	}
}
