package cms

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // localKeyID is a name, not a proof
	"crypto/sha256"
	"crypto/x509"
	"math/big"
	"slices"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"elicense/internal/gost"
)

// writtenRounds is how often the password of a file that is written here is hashed. The page that signs in the browser has to
// repeat it.
const writtenRounds = 10_000

// Object identifiers of the attributes of a bag (RFC 2985), by their contents octets.
const (
	oidFriendlyName = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14"
	oidLocalKeyID   = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x15"
)

// MarshalKey encodes a private key as PKCS #8 (RFC 5958): RSA as every program reads it, GOST as the National Certification
// Authority writes it. ErrKeyKind for every other.
func MarshalKey(key crypto.Signer) ([]byte, error) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return x509.MarshalPKCS8PrivateKey(key)
	case *gost.PrivateKey:
		spki, ok := gost.MarshalPublicKey(key.PublicKey())
		if !ok {
			return nil, ErrKeyKind
		}
		info := cryptobyte.String(spki)
		var outer, algorithm cryptobyte.String
		if !info.ReadASN1(&outer, asn1.SEQUENCE) || !outer.ReadASN1Element(&algorithm, asn1.SEQUENCE) {
			return nil, ErrKeyKind
		}
		return marshalGOSTKey(key, algorithm)
	}
	return nil, ErrKeyKind
}

// marshalGOSTKey writes what readGOSTKey reads: a key of 2015 as its octets, one of 2004 as a number.
func marshalGOSTKey(key *gost.PrivateKey, algorithm []byte) ([]byte, error) {
	secret := key.Bytes()
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddBytes(algorithm)
		b.AddASN1(asn1.OCTET_STRING, func(b *cryptobyte.Builder) {
			if key.PublicKey().Curve() == gost.CurveCryptoProA() {
				slices.Reverse(secret)
				b.AddASN1BigInt(new(big.Int).SetBytes(secret))
				return
			}
			b.AddASN1OctetString(secret)
		})
	})
	return b.Bytes()
}

// MarshalP12 encodes a key with its certificate as one PKCS #12 file (RFC 7292) under a password that may not be empty: AES-256
// by PBES2, sealed with HMAC-SHA-256. ParseIdentity reads it again; so does OpenSSL, and shows name, where the key is RSA.
func (id Identity) MarshalP12(name, password string) ([]byte, error) {
	if password == "" {
		return nil, ErrNoPassword
	}
	key, err := MarshalKey(id.Key)
	if err != nil {
		return nil, err
	}
	if !belongs(id.Key, id.Certificate) {
		return nil, ErrNoCertificate
	}
	encryptedKey, err := encrypt(key, password)
	if err != nil {
		return nil, err
	}
	names := bagAttributes(name, id.Certificate.Raw)
	bags := func(oid string, value func(*cryptobyte.Builder)) []byte {
		var b cryptobyte.Builder
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addOID(b, oid)
				b.AddASN1(context0, value)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(names) })
			})
		})
		return b.BytesOrPanic()
	}
	keys := bags(oidShroudedKeyBag, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(encryptedKey.algorithm)
			b.AddASN1OctetString(encryptedKey.octets)
		})
	})
	certificates, err := encrypt(bags(oidCertificateBag, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, oidX509Certificate)
			b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(id.Certificate.Raw) })
		})
	}), password)
	if err != nil {
		return nil, err
	}
	return sealP12(authenticatedSafe(keys, certificates), password)
}

// bagAttributes are a bag's names, by which programs show it and join key and certificate.
func bagAttributes(name string, certificate []byte) []byte {
	id := sha1.Sum(certificate) //nolint:gosec // as above
	list := [][]byte{
		encodeAttribute(oidLocalKeyID, func(b *cryptobyte.Builder) { b.AddASN1OctetString(id[:]) }),
		encodeAttribute(oidFriendlyName, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.Tag(30), func(b *cryptobyte.Builder) { // BMPString
				for _, unit := range utf16.Encode([]rune(name)) {
					b.AddUint16(unit)
				}
			})
		}),
	}
	return setContents(list)
}

// encrypted is what a password opens, with the algorithm that says how.
type encrypted struct{ algorithm, octets []byte }

// encrypt is PBES2 (RFC 8018, 6.2) with AES-256 and PBKDF2 over HMAC-SHA-256.
func encrypt(plain []byte, password string) (encrypted, error) {
	salt, iv := make([]byte, 16), make([]byte, aes.BlockSize)
	_, _ = rand.Read(salt) // it never fails: the program would have ended
	_, _ = rand.Read(iv)
	key, err := pbkdf2.Key(sha256.New, password, salt, writtenRounds, 32)
	if err != nil {
		return encrypted{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return encrypted{}, err
	}
	n := aes.BlockSize - len(plain)%aes.BlockSize
	octets := slices.Clone(plain)
	for range n {
		octets = append(octets, byte(n))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(octets, octets)
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oidPBES2)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addOID(b, oidPBKDF2)
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1OctetString(salt)
					b.AddASN1Int64(writtenRounds)
					b.AddBytes(algorithmIdentifier(oidHMAC256))
				})
			})
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addOID(b, oidAES256)
				b.AddASN1OctetString(iv)
			})
		})
	})
	algorithm, err := b.Bytes()
	return encrypted{algorithm, octets}, err
}

// authenticatedSafe joins the plain contents with the key, which is encrypted by itself, and the encrypted one with the
// certificate.
func authenticatedSafe(keys []byte, certificates encrypted) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addContent(b, oidEncryptedData, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(0)
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					addOID(b, oidData)
					b.AddBytes(certificates.algorithm)
					b.AddASN1(asn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(certificates.octets) })
				})
			})
		})
		addContent(b, oidData, func(b *cryptobyte.Builder) { b.AddASN1OctetString(keys) })
	})
	return b.BytesOrPanic()
}

// addContent writes one ContentInfo.
func addContent(b *cryptobyte.Builder, oid string, content func(*cryptobyte.Builder)) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oid)
		b.AddASN1(context0, content)
	})
}

// sealP12 is the outer structure with the seal (RFC 7292, 4).
func sealP12(safe []byte, password string) ([]byte, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // as in encrypt
	mac := hmac.New(sha256.New, deriveP12(sha256.New, password, salt, purposeSeal, writtenRounds, sha256.Size))
	mac.Write(safe)
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(3)
		addContent(b, oidData, func(b *cryptobyte.Builder) { b.AddASN1OctetString(safe) })
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(algorithmIdentifier(oidSHA256))
				b.AddASN1OctetString(mac.Sum(nil))
			})
			b.AddASN1OctetString(salt)
			b.AddASN1Int64(writtenRounds)
		})
	})
	return b.Bytes()
}
