package gost

// ParsePublicKey reads a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) as the National Certification Authority writes
// it, DER to the last byte: the algorithm, its curve and hash by their identifiers, no other parameters. Only these three:
//
//	1.2.398.3.10.1.1.1.1  GOST 34.310-2004       CurveCryptoProA
//	1.2.398.3.10.1.1.2.1  GOST R 34.10-2015/256  Curve256A
//	1.2.398.3.10.1.1.2.2  GOST R 34.10-2015/512  Curve512A
//
// ErrKeyEncoding for another shape or identifier, else what NewPublicKey gives.
func ParsePublicKey(spki []byte) (*PublicKey, error) {
	in := der(spki)
	info, ok := in.take(tagSequence)
	if !ok || len(in) != 0 {
		return nil, ErrKeyEncoding
	}
	algorithm, ok1 := info.take(tagSequence)
	bits, ok2 := info.take(tagBitString)
	if !ok1 || !ok2 || len(info) != 0 || len(bits) == 0 || bits[0] != 0 {
		return nil, ErrKeyEncoding
	}
	bits = bits[1:] // how many bits of the last byte do not count
	point, ok := bits.take(tagOctetString)
	if !ok || len(bits) != 0 {
		return nil, ErrKeyEncoding
	}
	c, ok := algorithm.curve()
	if !ok {
		return nil, ErrKeyEncoding
	}
	return NewPublicKey(c, point)
}

// keyAlgorithm is one kind of key as AlgorithmIdentifiers spell it: the contents octets of identifiers.
type keyAlgorithm struct {
	key, params, hash string
	curve             func() *Curve
}

func keyAlgorithms() []keyAlgorithm {
	const arc = "\x2a\x83\x0e\x03\x0a\x01" // 1.2.398.3.10.1
	return []keyAlgorithm{
		{arc + "\x01\x01\x01", arc + "\x01\x01\x01\x01", arc + "\x03\x01\x01\x00", CurveCryptoProA},
		{arc + "\x01\x02\x01", arc + "\x01\x02\x01\x01", arc + "\x03\x02", Curve256A},
		{arc + "\x01\x02\x02", arc + "\x01\x02\x02\x01", arc + "\x03\x03", Curve512A},
	}
}

// curve reads the contents of the AlgorithmIdentifier: the key's identifier, then a SEQUENCE of those of the curve and of
// the hash.
func (d der) curve() (*Curve, bool) {
	key, ok1 := d.take(tagIdentifier)
	params, ok2 := d.take(tagSequence)
	if !ok1 || !ok2 || len(d) != 0 {
		return nil, false
	}
	named, ok1 := params.take(tagIdentifier)
	hash, ok2 := params.take(tagIdentifier)
	if !ok1 || !ok2 || len(params) != 0 {
		return nil, false
	}
	for _, a := range keyAlgorithms() {
		if string(key) == a.key && string(named) == a.params && string(hash) == a.hash {
			return a.curve(), true
		}
	}
	return nil, false
}

// MarshalPublicKey writes what ParsePublicKey reads; false for a curve that has no identifiers there.
func MarshalPublicKey(k *PublicKey) ([]byte, bool) {
	for _, a := range keyAlgorithms() {
		if a.curve() == k.curve {
			identifiers := wrap(tagSequence, append(wrap(tagIdentifier, []byte(a.params)), wrap(tagIdentifier, []byte(a.hash))...))
			algorithm := wrap(tagSequence, append(wrap(tagIdentifier, []byte(a.key)), identifiers...))
			bits := wrap(tagBitString, append([]byte{0}, wrap(tagOctetString, k.Bytes())...))
			return wrap(tagSequence, append(algorithm, bits...)), true
		}
	}
	return nil, false
}

// Tags of X.690.
const (
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagIdentifier  = 0x06
	tagSequence    = 0x30
)

// der is a string of values in the distinguished encoding (X.690, section 10).
type der []byte

// take removes one value with the tag and gives its contents. Lengths go up to 65535, in the shortest form.
func (d *der) take(tag byte) (der, bool) {
	b := *d
	if len(b) < 2 || b[0] != tag {
		return nil, false
	}
	n, header := int(b[1]), 2
	switch {
	case n < 0x80:
	case n == 0x81 && len(b) > 2 && b[2] >= 0x80:
		n, header = int(b[2]), 3
	case n == 0x82 && len(b) > 3 && b[2] > 0:
		n, header = int(b[2])<<8|int(b[3]), 4
	default:
		return nil, false
	}
	if len(b)-header < n {
		return nil, false
	}
	*d = b[header+n:]
	return b[header : header+n], true
}

// wrap writes a value of at most 255 bytes.
func wrap(tag byte, contents []byte) []byte {
	if len(contents) < 0x80 {
		return append([]byte{tag, byte(len(contents))}, contents...)
	}
	return append([]byte{tag, 0x81, byte(len(contents))}, contents...)
}
