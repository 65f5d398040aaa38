package cms

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
)

// WireLimit is the most bytes a CMS over content of this many bytes may take on the wire, PEM and line breaks included.
func WireLimit(content int) int { return (MaxEnvelope+content)*3/2 + 1024 }

// open turns what came from outside (DER, PEM as NCALayer returns it, or bare base64) into binary.
func open(b []byte) ([]byte, error) {
	if len(b) > WireLimit(MaxContent) {
		return nil, refuse(KeyTooLarge)
	}
	if len(b) > 0 && b[0] == tagSequence {
		return b, nil
	}
	text := bytes.TrimSpace(b)
	if bytes.HasPrefix(text, []byte("-----BEGIN")) {
		return openPEM(text)
	}
	return openBase64(text)
}

// openPEM takes exactly one block, without headers and with nothing around it.
func openPEM(text []byte) ([]byte, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, refuse(KeyEncoding)
	}
	switch block.Type {
	case "CMS", "PKCS7", "PKCS #7 SIGNED DATA":
	case "CERTIFICATE":
		return nil, refuse(KeyCertificateFile)
	case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
		return nil, refuse(KeyKeyFile)
	default:
		return nil, refuse(KeyEncoding)
	}
	if len(block.Headers) != 0 {
		return nil, refuse(KeyEncoding)
	}
	if len(bytes.TrimSpace(rest)) != 0 {
		return nil, refuse(KeyTrailing)
	}
	return block.Bytes, nil
}

// openBase64 takes the standard alphabet with padding; line breaks and blanks are allowed.
func openBase64(text []byte) ([]byte, error) {
	compact := make([]byte, 0, len(text))
	for _, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			compact = append(compact, c)
		}
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(compact)))
	n, err := base64.StdEncoding.Strict().Decode(out, compact)
	if err != nil || n == 0 {
		return nil, refuse(KeyEncoding)
	}
	return out[:n], nil
}
