package cms

import (
	"bytes"
	"crypto/hmac"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Object identifiers of PKCS #12 (RFC 7292), by their contents octets.
const (
	oidEncryptedData   = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
	oidKeyBag          = "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01"
	oidShroudedKeyBag  = "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02"
	oidCertificateBag  = "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03"
	oidX509Certificate = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01"
)

// readP12 reads the keys and certificates of a PKCS #12 file whose integrity the password proves.
func (b *bag) readP12(file []byte, password string) error {
	der, err := canonical(file)
	if err != nil {
		return ErrKeyFile
	}
	in := cryptobyte.String(der)
	var pfx, safe cryptobyte.String
	var version int64
	if !in.ReadASN1(&pfx, asn1.SEQUENCE) || !in.Empty() || !pfx.ReadASN1Integer(&version) || version != 3 {
		return ErrKeyFile
	}
	kind, content, ok := readContent(&pfx)
	if !ok || kind != oidData || !content.ReadASN1(&safe, asn1.OCTET_STRING) || !content.Empty() {
		return ErrKeyFile
	}
	if err := checkMAC(pfx, safe, password); err != nil {
		return err
	}
	var found bag
	err = found.readSafe(safe, password)
	b.keys, b.certificates = append(b.keys, found.keys...), append(b.certificates, found.certificates...)
	return err
}

// readContent takes one ContentInfo.
func readContent(in *cryptobyte.String) (kind string, content cryptobyte.String, ok bool) {
	var seq, oid cryptobyte.String
	ok = in.ReadASN1(&seq, asn1.SEQUENCE) && seq.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) && seq.ReadASN1(&content, context0) && seq.Empty()
	return string(oid), content, ok
}

// checkMAC compares the seal of the file; one without a seal proves nothing and is refused.
func checkMAC(pfx, safe cryptobyte.String, password string) error {
	var data, digest, sum, salt cryptobyte.String
	if !pfx.ReadASN1(&data, asn1.SEQUENCE) || !pfx.Empty() || !data.ReadASN1(&digest, asn1.SEQUENCE) {
		return ErrKeyFile
	}
	algorithm, ok := readAlgorithm(&digest)
	if !ok || !algorithm.plain() || !digest.ReadASN1(&sum, asn1.OCTET_STRING) || !digest.Empty() || !data.ReadASN1(&salt, asn1.OCTET_STRING) {
		return ErrKeyFile
	}
	rounds := int64(1)
	if !data.Empty() && (!data.ReadASN1Integer(&rounds) || !data.Empty()) {
		return ErrKeyFile
	}
	if rounds < 1 || rounds > maxRounds {
		return ErrKeyCipher
	}
	newHash, ok := digests()[algorithm.OID]
	if !ok {
		return ErrKeyCipher
	}
	mac := hmac.New(newHash, deriveP12(newHash, password, salt, purposeSeal, int(rounds), newHash().Size()))
	mac.Write(safe)
	if !hmac.Equal(mac.Sum(nil), sum) {
		return ErrPassword
	}
	return nil
}

// readSafe reads the AuthenticatedSafe: a sequence of contents, plain or encrypted.
func (b *bag) readSafe(safe []byte, password string) error {
	der, err := canonical(safe)
	if err != nil {
		return ErrKeyFile
	}
	in := cryptobyte.String(der)
	var list cryptobyte.String
	if !in.ReadASN1(&list, asn1.SEQUENCE) {
		return ErrKeyFile
	}
	for !list.Empty() {
		kind, content, ok := readContent(&list)
		if !ok {
			return ErrKeyFile
		}
		var plain []byte
		switch kind {
		case oidData:
			var octets cryptobyte.String
			if !content.ReadASN1(&octets, asn1.OCTET_STRING) || !content.Empty() {
				return ErrKeyFile
			}
			plain = octets
		case oidEncryptedData:
			if plain, err = openEncrypted(content, password); err != nil {
				return err
			}
		default:
			return ErrKeyFile
		}
		if err := b.readBags(plain, password); err != nil {
			return err
		}
	}
	return nil
}

// openEncrypted decrypts an EncryptedData (RFC 5652, 8).
func openEncrypted(content cryptobyte.String, password string) ([]byte, error) {
	var data, info, oid cryptobyte.String
	var version int64
	if !content.ReadASN1(&data, asn1.SEQUENCE) || !content.Empty() || !data.ReadASN1Integer(&version) || !data.ReadASN1(&info, asn1.SEQUENCE) ||
		!info.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || string(oid) != oidData {
		return nil, ErrKeyFile
	}
	algorithm, ok := readAlgorithm(&info)
	if !ok {
		return nil, ErrKeyFile
	}
	var octets, pieces cryptobyte.String
	if info.PeekASN1Tag(context0) { // in pieces, as BER allows
		var all []byte
		if !info.ReadASN1(&pieces, context0) {
			return nil, ErrKeyFile
		}
		for !pieces.Empty() {
			if !pieces.ReadASN1(&octets, asn1.OCTET_STRING) {
				return nil, ErrKeyFile
			}
			all = append(all, octets...)
		}
		octets = all
	} else if !info.ReadASN1(&octets, asn1.Tag(0).ContextSpecific()) {
		return nil, ErrKeyFile
	}
	return decrypt(algorithm, octets, password)
}

// readBags reads the SafeContents. A kind of bag that is neither key nor certificate is passed over.
func (b *bag) readBags(plain []byte, password string) error {
	der, err := canonical(plain)
	if err != nil {
		return ErrKeyFile
	}
	in := cryptobyte.String(der)
	var list cryptobyte.String
	if !in.ReadASN1(&list, asn1.SEQUENCE) {
		return ErrKeyFile
	}
	for !list.Empty() {
		var one, oid, value cryptobyte.String
		if !list.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !one.ReadASN1(&value, context0) {
			return ErrKeyFile
		}
		switch string(oid) {
		case oidKeyBag:
			err = b.addKey(value)
		case oidShroudedKeyBag:
			err = b.addEncrypted(value, password)
		case oidCertificateBag:
			var bag, kind, wrapped, der cryptobyte.String
			if !value.ReadASN1(&bag, asn1.SEQUENCE) || !bag.ReadASN1(&kind, asn1.OBJECT_IDENTIFIER) || string(kind) != oidX509Certificate ||
				!bag.ReadASN1(&wrapped, context0) || !wrapped.ReadASN1(&der, asn1.OCTET_STRING) {
				return ErrKeyFile
			}
			err = b.addCertificate(bytes.Clone(der))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
