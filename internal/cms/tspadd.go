package cms

import (
	"bytes"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// AddStamp gives the signature with the token as its unsigned attribute signature-time-stamp: CAdES-T (RFC 5126, 4.4.1),
// for those who keep signature and evidence in one file. It refuses a token for another signature (KeyStampImprint) and a
// signature that has a token already (KeyStampMany). Nothing of what is signed changes.
func (s *SignedData) AddStamp(t *Token) ([]byte, error) {
	if err := t.covers(s.signature); err != nil {
		return nil, err
	}
	if held, err := s.Stamp(); err != nil {
		return nil, err
	} else if held != nil {
		return nil, refuse(KeyStampMany)
	}
	attribute := encodeAttribute(oidStampAttribute, func(b *cryptobyte.Builder) { b.AddBytes(t.DER()) })
	all, err := elements(s.unsigned)
	if err != nil {
		return nil, err
	}
	all = append(all, attribute)
	slices.SortFunc(all, bytes.Compare)

	body, err := signedDataOf(s.der)
	if err != nil {
		return nil, err
	}
	fields, err := elements(body)
	if err != nil {
		return nil, err
	}
	// The one SignerInfo is all that the last field of SignedData holds, and its own last field are the unsigned attributes.
	last := cryptobyte.String(fields[len(fields)-1])
	var set, signer cryptobyte.String
	if !last.ReadASN1(&set, asn1.SET) || !set.ReadASN1(&signer, asn1.SEQUENCE) {
		return nil, refuse(KeyMalformed)
	}
	parts, err := elements(signer)
	if err != nil {
		return nil, err
	}
	if s.unsigned != nil {
		parts = parts[:len(parts)-1]
	}
	parts = append(parts, wrap(byte(context1), all...))
	fields[len(fields)-1] = wrap(tagSet, wrap(tagSequence, parts...))
	return wrap(tagSequence, wrap(byte(asn1.OBJECT_IDENTIFIER), []byte(oidSignedData)), wrap(byte(context0), wrap(tagSequence, fields...))), nil
}

// elements are the encoded values that stand one after the other.
func elements(in cryptobyte.String) ([][]byte, error) {
	var out [][]byte
	for !in.Empty() {
		var element cryptobyte.String
		var tag asn1.Tag
		if !in.ReadAnyASN1Element(&element, &tag) {
			return nil, refuse(KeyMalformed)
		}
		out = append(out, element)
	}
	return out, nil
}

// wrap encodes a value around its contents.
func wrap(tag byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return append(appendHeader(make([]byte, 0, len(body)+6), tag, len(body)), body...)
}
