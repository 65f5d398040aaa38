package cms

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"
)

// The tests' policy, question and time.
const stampPolicy = "1.2.398.3.3.2.6.4"

var stampedAt = time.Date(2026, 7, 20, 9, 8, 7, 123_000_000, time.UTC)

// stamper is a time-stamping authority and a signature to stamp.
type stamper struct {
	*authority
	document *SignedData
	query    StampQuery
}

// stampUsage is the extended key usage of a time-stamping authority.
func stampUsage(critical bool, usages ...asn1.ObjectIdentifier) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: must(asn1.Marshal(usages))}
}

func oidTimeStamping() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8} }

// asStamper makes a template that of a time-stamping authority.
func asStamper(c *x509.Certificate) {
	c.Subject = pkix.Name{CommonName: "TIME-STAMPING AUTHORITY", Country: []string{"KZ"}}
	c.KeyUsage, c.ExtKeyUsage, c.UnknownExtKeyUsage, c.EmailAddresses = x509.KeyUsageDigitalSignature, nil, nil, nil
	c.ExtraExtensions = []pkix.Extension{stampUsage(true, oidTimeStamping())}
}

// newStamper makes an authority of one suite, and a person's signature of another.
func newStamper(t testing.TB, tsa, person Suite) *stamper {
	t.Helper()
	s := &stamper{authority: authorityOf(t, tsa)}
	s.leaf = s.certify(asStamper)
	s.over(authorityOf(t, person))
	return s
}

// over takes a person's signature to stamp.
func (s *stamper) over(p *authority) {
	s.document = must(Parse(must(Sign(stored, p.signer, p.leaf, Options{}))))
	s.query = s.document.Ask([]byte("sixteen bytes ok"), "")
}

// authorityOf makes an authority and a signer of one suite.
func authorityOf(t testing.TB, s Suite) *authority {
	if s.Name() == (rsaSHA256{}).Name() {
		return newAuthority(t)
	}
	return newGOSTAuthority(t, s, s)
}

// certify issues a certificate of the authority's key.
func (s *stamper) certify(change func(*x509.Certificate)) *x509.Certificate {
	return reissue(s.issue(s.key.Public(), change), s.caSuite, s.caSigner, s.leaf.RawSubjectPublicKeyInfo)
}

func (s *stamper) terms() StampTerms {
	return StampTerms{Policy: stampPolicy, Serial: big.NewInt(77), Time: stampedAt, Accuracy: 1_000_500 * time.Microsecond}
}

func (s *stamper) token() []byte { return must(s.query.Stamp(s.signer, s.leaf, s.terms())) }

func (s *stamper) rules() StampRules {
	return StampRules{Policies: []string{"1.2.3", stampPolicy}, Nonce: s.query.Nonce}
}

// check reads and verifies a token for the signature.
func (s *stamper) check(token []byte) (*Stamp, error) {
	t, err := ParseStamp(token)
	if err != nil {
		return nil, err
	}
	return t.Verify(s.document.Value(), s.rules())
}

// stampForge is a token assembled piece by piece.
type stampForge struct {
	*forge
	info [][]byte // the fields of TSTInfo
	bare bool     // no signed attributes
}

func (s *stamper) forge() *stampForge {
	digest, _ := s.document.suite.Identifiers()
	f := &stampForge{forge: s.authority.forge(nil), info: [][]byte{
		node(0x02, []byte{1}), oid("\x2a\x83\x0e\x03\x03\x02\x06\x04"), node(tagSequence, digest, node(tagOctets, s.query.value)), node(0x02, []byte{77}),
		node(0x18, []byte("20260720090807.123Z")), node(0x02, s.query.Nonce),
	}}
	f.version, f.contentType, f.attributes = 3, oidStampInfo, nil
	return f
}

// bytes signs what the forge holds; attributes that were not changed are made for the content.
func (f *stampForge) bytes(s *stamper) []byte {
	if f.content == nil {
		f.content = node(tagSequence, f.info...)
	}
	if f.attributes == nil && !f.bare {
		h := s.suite.New()
		h.Write(f.content)
		f.attributes = must(stampShape().attributes(h.Sum(nil), s.leaf, stampedAt))
	}
	return f.forge.bytes(s.signer)
}
