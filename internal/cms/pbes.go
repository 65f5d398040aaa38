package cms

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // keys that were encrypted long ago are opened with it, nothing is encrypted
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// maxRounds bounds the work that a file may ask for: about a second.
const maxRounds = 2_000_000

// Object identifiers of password-based encryption (RFC 8018), by their contents octets.
const (
	oidPBES2     = "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"
	oidPBKDF2    = "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"
	oidHMACSHA1  = "\x2a\x86\x48\x86\xf7\x0d\x02\x07"
	oidHMAC256   = "\x2a\x86\x48\x86\xf7\x0d\x02\x09"
	oidHMAC512   = "\x2a\x86\x48\x86\xf7\x0d\x02\x0b"
	oidAES128    = "\x60\x86\x48\x01\x65\x03\x04\x01\x02"
	oidAES192    = "\x60\x86\x48\x01\x65\x03\x04\x01\x16"
	oidAES256    = "\x60\x86\x48\x01\x65\x03\x04\x01\x2a"
	oidTripleDES = "\x2a\x86\x48\x86\xf7\x0d\x03\x07"
	oidSHA1      = "\x2b\x0e\x03\x02\x1a"
	oidSHA512    = "\x60\x86\x48\x01\x65\x03\x04\x02\x03"
)

// digests are the hash functions that may seal a PKCS #12 file.
func digests() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{oidSHA1: sha1.New, oidSHA256: sha256.New, oidSHA512: sha512.New}
}

// addEncrypted opens an EncryptedPrivateKeyInfo (RFC 5958, 3).
func (b *bag) addEncrypted(der []byte, password string) error {
	if password == "" {
		return ErrNoPassword
	}
	in := cryptobyte.String(der)
	var info, octets cryptobyte.String
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !in.Empty() {
		return ErrKeyFile
	}
	algorithm, ok := readAlgorithm(&info)
	if !ok || !info.ReadASN1(&octets, asn1.OCTET_STRING) || !info.Empty() {
		return ErrKeyFile
	}
	key, err := decrypt(algorithm, octets, password)
	if err != nil {
		return err
	}
	defer clear(key) // what was read from it are copies
	return b.addKey(key)
}

// decrypt opens PBES2 and two older ones. Every other algorithm is ErrKeyCipher.
func decrypt(a Algorithm, content []byte, password string) ([]byte, error) {
	if a.OID == oidPBETripleDES || a.OID == oidPBERC2 {
		return decryptOld(a, content, password)
	}
	if a.OID != oidPBES2 {
		return nil, ErrKeyCipher
	}
	in := cryptobyte.String(a.Parameters)
	var pair cryptobyte.String
	if !in.ReadASN1(&pair, asn1.SEQUENCE) {
		return nil, ErrKeyFile
	}
	derivation, ok := readAlgorithm(&pair)
	encryption, ok2 := readAlgorithm(&pair)
	if !ok || !ok2 || !pair.Empty() {
		return nil, ErrKeyFile
	}
	size, newBlock, ok := blockCipher(encryption.OID)
	if !ok || derivation.OID != oidPBKDF2 {
		return nil, ErrKeyCipher
	}
	key, err := derive(derivation.Parameters, password, size)
	if err != nil {
		return nil, err
	}
	block, err := newBlock(key)
	if err != nil {
		return nil, ErrKeyCipher
	}
	start := cryptobyte.String(encryption.Parameters)
	var iv cryptobyte.String
	if !start.ReadASN1(&iv, asn1.OCTET_STRING) || len(iv) != block.BlockSize() || len(content) == 0 || len(content)%block.BlockSize() != 0 {
		return nil, ErrKeyFile
	}
	plain := make([]byte, len(content))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, content)
	return unpad(plain, block.BlockSize())
}

func blockCipher(oid string) (size int, newBlock func([]byte) (cipher.Block, error), ok bool) {
	switch oid {
	case oidAES128:
		return 16, aes.NewCipher, true
	case oidAES192:
		return 24, aes.NewCipher, true
	case oidAES256:
		return 32, aes.NewCipher, true
	case oidTripleDES:
		return 24, des.NewTripleDESCipher, true
	}
	return 0, nil, false
}

// derive makes a key by PBKDF2.
func derive(parameters []byte, password string, size int) ([]byte, error) {
	in := cryptobyte.String(parameters)
	var seq, salt cryptobyte.String
	var rounds, length int64
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1(&salt, asn1.OCTET_STRING) || !seq.ReadASN1Integer(&rounds) {
		return nil, ErrKeyFile
	}
	if seq.PeekASN1Tag(asn1.INTEGER) && (!seq.ReadASN1Integer(&length) || length != int64(size)) {
		return nil, ErrKeyFile
	}
	newHash := sha1.New
	if !seq.Empty() {
		random, ok := readAlgorithm(&seq)
		if !ok || !seq.Empty() {
			return nil, ErrKeyFile
		}
		switch random.OID {
		case oidHMACSHA1:
		case oidHMAC256:
			newHash = sha256.New
		case oidHMAC512:
			newHash = sha512.New
		default:
			return nil, ErrKeyCipher
		}
	}
	if rounds < 1 || rounds > maxRounds {
		return nil, ErrKeyCipher
	}
	key, err := pbkdf2.Key(newHash, password, salt, int(rounds), size)
	if err != nil {
		return nil, ErrKeyCipher
	}
	return key, nil
}

// unpad takes the padding off; what is no padding means another password.
func unpad(plain []byte, size int) ([]byte, error) {
	n := int(plain[len(plain)-1])
	if n < 1 || n > size || n > len(plain) {
		return nil, ErrPassword
	}
	for _, c := range plain[len(plain)-n:] {
		if int(c) != n {
			return nil, ErrPassword
		}
	}
	return plain[:len(plain)-n], nil
}

// What a derived octet string is for (RFC 7292, appendix B.3).
const (
	purposeKey  = 1
	purposeIV   = 2
	purposeSeal = 3
)

// deriveP12 is the key derivation of RFC 7292, appendix B.2.
func deriveP12(newHash func() hash.Hash, password string, salt []byte, purpose byte, rounds, size int) []byte {
	h := newHash()
	v := h.BlockSize()
	var text []byte
	for _, unit := range append(utf16.Encode([]rune(password)), 0) {
		text = append(text, byte(unit>>8), byte(unit))
	}
	diversifier := bytes.Repeat([]byte{purpose}, v)
	input := append(repeated(salt, v), repeated(text, v)...)
	var out []byte
	for {
		h.Reset()
		h.Write(diversifier)
		h.Write(input)
		sum := h.Sum(nil)
		for range rounds - 1 {
			h.Reset()
			h.Write(sum)
			sum = h.Sum(sum[:0])
		}
		if out = append(out, sum...); len(out) >= size {
			return out[:size]
		}
		// Every block of the input grows by the sum and one.
		more := repeated(sum, v)[:v]
		for at := 0; at < len(input); at += v {
			carry := 1
			for i := v - 1; i >= 0; i-- {
				carry += int(input[at+i]) + int(more[i])
				input[at+i] = byte(carry)
				carry >>= 8
			}
		}
	}
}

// repeated fills whole blocks of v octets with b, over and over.
func repeated(b []byte, v int) []byte {
	if len(b) == 0 {
		return nil
	}
	out := make([]byte, (len(b)+v-1)/v*v)
	for i := range out {
		out[i] = b[i%len(b)]
	}
	return out
}
