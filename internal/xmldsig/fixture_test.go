package xmldsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/gost"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// signer is a key with a certificate of it, signed by nobody who matters.
type signer struct {
	suite       cms.Suite
	key         crypto.Signer
	certificate *x509.Certificate
}

// signers makes one of each suite.
func signers() []signer {
	curves := map[string]*gost.Curve{"GOST2015-512": gost.Curve512A(), "GOST2015-256": gost.Curve256A(), "GOST2004-GOST94": gost.CurveCryptoProA()}
	var out []signer
	for _, s := range cms.Suites() {
		var key crypto.Signer
		var spki []byte
		if curve := curves[s.Name()]; curve != nil {
			own := must(gost.GenerateKey(curve, rand.Reader))
			key = own
			spki, _ = gost.MarshalPublicKey(own.PublicKey())
		} else {
			key = must(rsa.GenerateKey(rand.Reader, 2048))
			spki = must(x509.MarshalPKIXPublicKey(key.Public()))
		}
		out = append(out, signer{s, key, certify(spki)})
	}
	return out
}

// certify makes a certificate over any public key: package x509 makes one over a key that it knows, and that is replaced.
func certify(spki []byte) *x509.Certificate {
	spare := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "ҮЛГІ"}, NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(1_900_000_000, 0)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, spare.Public(), spare))
	var outer, fields []asn1.RawValue
	must(asn1.Unmarshal(der, &outer))
	must(asn1.Unmarshal(outer[0].FullBytes, &fields))
	fields[6] = asn1.RawValue{FullBytes: spki}
	outer[0] = asn1.RawValue{FullBytes: must(asn1.Marshal(fields))}
	return must(x509.ParseCertificate(must(asn1.Marshal(outer))))
}

// forge signs the message with a SignedInfo that was changed, by the signer's real key and over the canonical bytes, so far as
// there are any.
func (s signer) forge(change func(info string) string) []byte {
	signed := string(must(Sign([]byte(message), s.key, s.certificate)))
	if change == nil {
		return []byte(signed)
	}
	from, to := strings.Index(signed, "<ds:SignedInfo>"), strings.Index(signed, "</ds:SignedInfo>")+len("</ds:SignedInfo>")
	signed = signed[:from] + change(signed[from:to]) + signed[to:]
	root, err := parse([]byte(signed))
	if err != nil {
		return []byte(signed)
	}
	info := must(find(root)).ChildElements()[0]
	value := must(s.suite.Sign(s.key, must(canonical(info, inclusive))))
	from = strings.Index(signed, "<ds:SignatureValue>") + len("<ds:SignatureValue>")
	return []byte(signed[:from] + base64.StdEncoding.EncodeToString(value) + signed[strings.Index(signed, "</ds:SignatureValue>"):])
}
