// Package xmldsig makes and verifies the one shape of XML signature (XMLDSIG, RFC 3275) that messages of the state gateway
// carry: enveloped, over the whole document, with RSA or with the GOST algorithms of Kazakhstan. Every freedom of the general
// format has been an attack somewhere, so there is none: one Signature, the last child of the root; one Reference, to the
// root; transforms and algorithms from short lists; no document types, entities, comments or processing instructions.
//
// The result is only the canonical bytes that were verified. Whoever reads the message reads those and nothing else.
//
// The certificate stands beside the signature and is not signed: the signature says which key signed, and whose
// it is says the certificate alone. Trust in it is for package eds to judge. XML has no counterpart to the SigningCertificateV2 of
// a CMS here; for documents of people a CMS is used.
//
// Every refusal is a fault of kind Invalid with a key "signature.<reason>", of this package or of package cms.
package xmldsig

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

// Limits of what is read at all.
const (
	MaxDocument   = 1 << 20 // bytes
	maxDepth      = 32      // of elements
	maxElements   = 5000
	maxAttributes = 64     // of one element
	maxNamed      = 10_000 // attributes of all elements: each is looked up through its ancestors
)

// The refusals beside those of package cms.
const (
	KeyEntities  = "signature.xml-entities"  // a document type, or an entity that it would declare
	KeyComment   = "signature.xml-comment"   // a comment or a processing instruction
	KeyPlace     = "signature.xml-place"     // not exactly one Signature, as the last child of the root
	KeyReference = "signature.xml-reference" // not exactly one Reference, or to something else than the whole document
	KeyTransform = "signature.xml-transform" // another transform or canonical form than those on the list
	KeyID        = "signature.xml-id"        // an Id that is not unique
)

// The identifiers of the canonical forms and of the one transform. With comments or without makes no difference here: there are none.
const (
	namespace    = "http://www.w3.org/2000/09/xmldsig#"
	enveloped    = namespace + "enveloped-signature"
	inclusive    = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	withComments = inclusive + "#WithComments"
	exclusive    = "http://www.w3.org/2001/10/xml-exc-c14n#"
)

// method is a suite with its identifiers in XML.
type method struct{ suite, signature, digest string }

func methods() []method {
	const more, kz = "http://www.w3.org/2001/04/xmldsig-more#", "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
	return []method{
		{"GOST2015-512", kz + "gostr34102015-gostr34112015-512", kz + "gostr34112015-512"},
		{"GOST2015-256", kz + "gostr34102015-gostr34112015-256", kz + "gostr34112015-256"},
		{"GOST2004-GOST94", more + "gost34310-gost34311", more + "gost34311"},
		{"RSA-SHA256", more + "rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
	}
}

// suiteFor finds the suite of two identifiers.
func suiteFor(signature, digest string) (cms.Suite, error) {
	known := 0
	for _, m := range methods() {
		if m.signature == signature && m.digest == digest {
			return suiteNamed(m.suite)
		}
		if m.signature == signature || m.digest == digest {
			known++
		}
	}
	old := func(s string) bool {
		return strings.HasSuffix(s, "sha1") || strings.HasSuffix(s, "md5") || strings.HasSuffix(s, "gostr34102001-gostr3411")
	}
	switch {
	case old(signature) || old(digest):
		return nil, refuse(cms.KeyOldAlgorithm)
	case known == 2:
		return nil, refuse(cms.KeyAlgorithmsDisagree)
	}
	return nil, refuse(cms.KeyAlgorithm)
}

func suiteNamed(name string) (cms.Suite, error) {
	for _, s := range cms.Suites() {
		if s.Name() == name {
			return s, nil
		}
	}
	return nil, refuse(cms.KeyAlgorithm)
}

// refuse makes the fault of a reason.
func refuse(key string) error { return fault.New(fault.Invalid, key) }

// Verified is what a mathematically correct signature says.
type Verified struct {
	Content     []byte            // the canonical document without its signature: the bytes that were signed
	Certificate *x509.Certificate // from beside the signature, not trusted in any way
	Algorithm   string            // the name of the suite, as in package cms
}

// Verify checks the signature of a document. It refuses with the key of the first broken rule.
func Verify(document []byte) (*Verified, error) {
	root, err := parse(document)
	if err != nil {
		return nil, err
	}
	signature, err := find(root)
	if err != nil {
		return nil, err
	}
	parts, err := open(signature)
	if err != nil {
		return nil, err
	}
	claimed, err := readInfo(parts.info)
	if err != nil {
		return nil, err
	}
	info, err := canonical(parts.info, claimed.form)
	if err != nil {
		return nil, err
	}
	if err := checkValue(claimed.suite, parts.certificate, info, parts.value); err != nil {
		return nil, err
	}
	// From here on nothing is believed but what the signature covers: the canonical bytes are read anew.
	again, err := parse(info)
	if err != nil {
		return nil, err
	}
	signed, err := readInfo(again)
	if err != nil {
		return nil, err
	}
	if signed.uri != "" && signed.uri != "#"+idOf(root) {
		return nil, refuse(KeyReference)
	}
	root.RemoveChild(signature)
	content, err := canonical(root, signed.content)
	if err != nil {
		return nil, err
	}
	h := signed.suite.New()
	h.Write(content)
	if !bytes.Equal(h.Sum(nil), signed.digest) {
		return nil, refuse(cms.KeyContentChanged)
	}
	return &Verified{Content: content, Certificate: parts.certificate, Algorithm: signed.suite.Name()}, nil
}

// checkValue checks the signature over the canonical SignedInfo.
func checkValue(suite cms.Suite, certificate *x509.Certificate, info, value []byte) error {
	key, err := suite.Key(certificate)
	if fault.Is(err, cms.KeyAlgorithm) && cms.NewIssuer(certificate).Reason() == nil {
		return refuse(cms.KeyAlgorithmsDisagree)
	}
	if err != nil {
		return err
	}
	return key.Verify(info, value)
}

// canonical is an element in one of the canonical forms, with the namespaces that it inherits.
func canonical(e *etree.Element, form string) ([]byte, error) {
	copied := e.Copy()
	own := make(map[string]bool)
	for _, a := range e.Attr {
		own[a.FullKey()] = true
	}
	for up := e.Parent(); up != nil; up = up.Parent() {
		for _, a := range up.Attr {
			if (a.Space == "xmlns" || a.Space == "xml" || a.FullKey() == "xmlns") && !own[a.FullKey()] {
				own[a.FullKey()] = true
				copied.CreateAttr(a.FullKey(), a.Value)
			}
		}
	}
	var c dsig.Canonicalizer
	switch form {
	case inclusive, withComments:
		c = dsig.MakeC14N10RecCanonicalizer()
	case exclusive:
		c = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	default:
		return nil, refuse(KeyTransform)
	}
	out, err := c.Canonicalize(copied)
	if err != nil {
		return nil, fault.New(fault.Invalid, cms.KeyMalformed).Because(err)
	}
	return out, nil
}

// Sign puts an enveloped signature into a document that has none, with the key of the certificate. The result is the document
// in canonical form.
func Sign(document []byte, key crypto.Signer, certificate *x509.Certificate) ([]byte, error) {
	root, err := parse(document)
	if err != nil {
		return nil, err
	}
	if _, err := find(root); err == nil || !fault.Is(err, KeyPlace) || signatures(root) != 0 {
		return nil, refuse(KeyPlace)
	}
	issuer := cms.NewIssuer(certificate)
	if err := issuer.Reason(); err != nil {
		return nil, err
	}
	suite, err := suiteNamed(issuer.Algorithm())
	if err != nil {
		return nil, err
	}
	content, err := canonical(root, inclusive)
	if err != nil {
		return nil, err
	}
	h := suite.New()
	h.Write(content)
	signature := root.CreateElement("ds:Signature")
	signature.CreateAttr("xmlns:ds", namespace)
	info := describe(signature.CreateElement("ds:SignedInfo"), suite.Name(), h.Sum(nil))
	signed, err := canonical(info, inclusive)
	if err != nil {
		return nil, err
	}
	value, err := suite.Sign(key, signed)
	if err != nil {
		return nil, err
	}
	signature.CreateElement("ds:SignatureValue").SetText(base64.StdEncoding.EncodeToString(value))
	signature.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data").CreateElement("ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(certificate.Raw))
	out, err := canonical(root, inclusive)
	if err != nil {
		return nil, err
	}
	if _, err := Verify(out); err != nil {
		return nil, err // the key is not the certificate's, say
	}
	return out, nil
}

// describe fills a SignedInfo.
func describe(info *etree.Element, suite string, digest []byte) *etree.Element {
	algorithm := func(parent *etree.Element, name, uri string) {
		parent.CreateElement("ds:"+name).CreateAttr("Algorithm", uri)
	}
	for _, m := range methods() {
		if m.suite != suite {
			continue
		}
		algorithm(info, "CanonicalizationMethod", inclusive)
		algorithm(info, "SignatureMethod", m.signature)
		reference := info.CreateElement("ds:Reference")
		reference.CreateAttr("URI", "")
		transforms := reference.CreateElement("ds:Transforms")
		algorithm(transforms, "Transform", enveloped)
		algorithm(transforms, "Transform", withComments)
		algorithm(reference, "DigestMethod", m.digest)
		reference.CreateElement("ds:DigestValue").SetText(base64.StdEncoding.EncodeToString(digest))
	}
	return info
}
