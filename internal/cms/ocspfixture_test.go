package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"testing"
	"time"
)

// asked is the tests' now.
var asked = time.Unix(1_800_000_000, 0).UTC()

// desk is a responder of an authority, and the question of the tests.
type desk struct {
	*authority
	issuer      *Issuer
	key         crypto.Signer
	certificate *x509.Certificate
	question    OCSPQuestion
}

// newDesk makes a responder with the key of the authority's signer.
func newDesk(a *authority) *desk {
	if key, ok := a.caSigner.(*rsa.PrivateKey); ok {
		a.caKey = key // package x509 issues with it
	}
	d := &desk{authority: a, issuer: NewIssuer(a.ca), key: a.signer}
	d.certificate = d.delegate(nil)
	d.question = OCSPQuestion{ID: must(NewOCSPID(a.leaf.RawIssuer, a.ca, a.leaf.SerialNumber)), Nonce: bytes.Repeat([]byte{7}, 32)}
	return d
}

// delegate issues a responder's certificate; change bends it.
func (d *desk) delegate(change func(*x509.Certificate)) *x509.Certificate {
	c := d.issue(d.authority.key.Public(), func(c *x509.Certificate) {
		c.Subject.ExtraNames = c.Subject.ExtraNames[:1]
		c.KeyUsage, c.ExtKeyUsage, c.UnknownExtKeyUsage, c.EmailAddresses = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, nil, nil
		if change != nil {
			change(c)
		}
	})
	return reissue(c, d.caSuite, d.caSigner, d.leaf.RawSubjectPublicKeyInfo)
}

// good is what the responder says of a certificate that was not revoked.
func good() OCSPAnswer { return OCSPAnswer{ProducedAt: asked, ThisUpdate: asked} }

func (d *desk) respond(a OCSPAnswer) []byte {
	return must(RespondOCSP(d.question, a, d.key, d.certificate))
}

// ask is what a client does with a response.
func (d *desk) ask(der []byte) (OCSPAnswer, error) {
	r, err := ParseOCSP(der)
	if err != nil {
		return OCSPAnswer{}, err
	}
	return r.Verify(d.question, d.issuer, asked, 0)
}

func utc(t time.Time) []byte { return node(0x18, []byte(t.UTC().Format("20060102150405Z"))) }

// crooked is a response assembled piece by piece; the zero changes give a correct one.
type crooked struct {
	status     byte
	kind       string
	version    []byte
	responder  []byte
	producedAt []byte
	id         []byte
	certStatus []byte
	times      []byte // thisUpdate, and what follows it in SingleResponse
	singles    int
	extensions []byte // contents of the list; nil = none
	suite      Suite
	key        crypto.Signer
	algorithm  []byte
	certs      [][]byte // nil = none
	bend       func(signature []byte) []byte
	after      []byte // after the basic response, inside its octets
	tail       []byte // after everything
}

// nonceOf is the extension with a nonce.
func nonceOf(nonce []byte) []byte {
	return node(tagSequence, oid(oidOCSPNonce), node(tagOctets, node(tagOctets, nonce)))
}

// idOf is CertID of these fields.
func idOf(hash string, name, key, serial []byte) []byte {
	return node(tagSequence, algorithmIdentifier(hash), node(tagOctets, name), node(tagOctets, key), serial)
}

func (d *desk) crooked() *crooked {
	sum, _ := keyHash(d.certificate)
	id := d.question.ID
	return &crooked{
		kind: oidOCSPBasic, responder: node(0xa2, node(tagOctets, sum[:])), producedAt: utc(asked), id: idOf(oidSHA1, id.name[:], id.key[:], []byte(id.serial)),
		certStatus: []byte{0x80, 0}, times: utc(asked), singles: 1, extensions: nonceOf(d.question.Nonce),
		suite: d.suite, key: d.key, algorithm: certificateAlgorithm(d.suite), certs: [][]byte{d.certificate.Raw},
	}
}

func (c *crooked) bytes() []byte {
	var singles []byte
	for range c.singles {
		singles = append(singles, node(tagSequence, c.id, c.certStatus, c.times)...)
	}
	fields := [][]byte{c.version, c.responder, c.producedAt, node(tagSequence, singles)}
	if c.extensions != nil {
		fields = append(fields, node(0xa1, node(tagSequence, c.extensions)))
	}
	data := node(tagSequence, fields...)
	signature := must(c.suite.Sign(c.key, data))
	if c.bend != nil {
		signature = c.bend(signature)
	}
	parts := [][]byte{data, c.algorithm, node(0x03, []byte{0}, signature)}
	if c.certs != nil {
		parts = append(parts, node(0xa0, node(tagSequence, c.certs...)))
	}
	basic := append(node(tagSequence, parts...), c.after...)
	return append(node(tagSequence, node(0x0a, []byte{c.status}), node(0xa0, node(tagSequence, oid(c.kind), node(tagOctets, basic)))), c.tail...)
}

// everySuite runs a test with an authority and a responder of each family, and of mixed ones.
func everySuite(t *testing.T, f func(t *testing.T, d *desk)) {
	all := Suites()
	for _, pair := range [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {3, 0}, {2, 3}} {
		t.Run(all[pair[0]].Name()+" "+all[pair[1]].Name(), func(t *testing.T) {
			f(t, newDesk(newGOSTAuthority(t, all[pair[0]], all[pair[1]])))
		})
	}
}
