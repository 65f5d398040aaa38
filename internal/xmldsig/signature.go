package xmldsig

import (
	"crypto/x509"
	"encoding/base64"
	"strings"

	"github.com/beevik/etree"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

// signatures counts the elements called Signature in the namespace, wherever they stand.
func signatures(e *etree.Element) int {
	n := 0
	if e.Tag == "Signature" && e.NamespaceURI() == namespace {
		n++
	}
	for _, child := range e.ChildElements() {
		n += signatures(child)
	}
	return n
}

// find gives the one Signature, which is the last child of the root.
func find(root *etree.Element) (*etree.Element, error) {
	children := root.ChildElements()
	if signatures(root) != 1 || len(children) == 0 {
		return nil, refuse(KeyPlace)
	}
	last := children[len(children)-1]
	if last.Tag != "Signature" || last.NamespaceURI() != namespace {
		return nil, refuse(KeyPlace)
	}
	return last, nil
}

// parts of a Signature.
type parts struct {
	info        *etree.Element
	value       []byte
	certificate *x509.Certificate
}

// open takes a Signature apart: SignedInfo, SignatureValue and the KeyInfo with one certificate, and nothing else.
func open(signature *etree.Element) (parts, error) {
	list, ok := children(signature, nil, "SignedInfo", "SignatureValue", "KeyInfo")
	if !ok {
		return parts{}, refuse(cms.KeyMalformed)
	}
	data, ok := children(list[2], nil, "X509Data")
	if !ok {
		return parts{}, refuse(cms.KeyNoCertificate)
	}
	held, ok := children(data[0], nil, "X509Certificate")
	if !ok {
		return parts{}, refuse(cms.KeyNoCertificate)
	}
	der, ok := text(held[0])
	if !ok {
		return parts{}, refuse(cms.KeyCertificate)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return parts{}, fault.New(fault.Invalid, cms.KeyCertificate).Because(err)
	}
	value, ok := text(list[1])
	if !ok {
		return parts{}, refuse(cms.KeyValue)
	}
	return parts{list[0], value, certificate}, nil
}

// signedInfo is what a SignedInfo says.
type signedInfo struct {
	form    string // the canonical form of SignedInfo itself
	content string // that of the document
	suite   cms.Suite
	uri     string
	digest  []byte
}

// readInfo reads a SignedInfo.
func readInfo(info *etree.Element) (signedInfo, error) {
	var out signedInfo
	all := info.ChildElements()
	if info.Tag != "SignedInfo" || info.NamespaceURI() != namespace || len(all) < 3 {
		return out, refuse(cms.KeyMalformed)
	}
	if len(all) > 3 {
		return out, refuse(KeyReference)
	}
	list, ok := children(info, nil, "CanonicalizationMethod", "SignatureMethod", "Reference")
	if !ok {
		return out, refuse(cms.KeyMalformed)
	}
	reference := list[2]
	inner, ok := children(reference, []string{"URI"}, "Transforms", "DigestMethod", "DigestValue")
	uri := reference.SelectAttr("URI")
	if !ok || uri == nil {
		return out, refuse(KeyReference)
	}
	form, ok1 := algorithm(list[0])
	signature, ok2 := algorithm(list[1])
	digest, ok3 := algorithm(inner[1])
	if !ok1 {
		return out, refuse(KeyTransform)
	}
	if !ok2 || !ok3 {
		return out, refuse(cms.KeyAlgorithm)
	}
	out.form, out.uri = form, uri.Value
	if out.uri != "" && (!strings.HasPrefix(out.uri, "#") || len(out.uri) == 1) {
		return out, refuse(KeyReference)
	}
	var err error
	if out.content, err = readTransforms(inner[0]); err != nil {
		return out, err
	}
	if out.suite, err = suiteFor(signature, digest); err != nil {
		return out, err
	}
	if out.digest, ok = text(inner[2]); !ok || len(out.digest) != out.suite.New().Size() {
		return out, refuse(cms.KeyNoDigest)
	}
	return out, nil
}

// readTransforms takes the enveloped signature, and after it at most one canonical form.
func readTransforms(e *etree.Element) (form string, err error) {
	var list []string
	for _, t := range e.ChildElements() {
		uri, ok := algorithm(t)
		if !ok || t.Tag != "Transform" || t.NamespaceURI() != namespace {
			return "", refuse(KeyTransform)
		}
		list = append(list, uri)
	}
	switch {
	case len(list) == 1 && list[0] == enveloped:
		return inclusive, nil // what is hashed of a set of nodes (RFC 3275, 4.3.3.2)
	case len(list) == 2 && list[0] == enveloped && (list[1] == inclusive || list[1] == withComments || list[1] == exclusive):
		return list[1], nil
	}
	return "", refuse(KeyTransform)
}

// algorithm is the one attribute of an element that has nothing else.
func algorithm(e *etree.Element) (string, bool) {
	a := e.SelectAttr("Algorithm")
	if _, empty := children(e, []string{"Algorithm"}); !empty || a == nil {
		return "", false
	}
	return a.Value, true
}

// children takes the child elements when they are exactly these, of the namespace and in this order, with nothing but white
// space between them, and the element's own attributes are among those allowed. A declaration of a namespace is allowed on
// Signature only, or on the root of what stands alone: deeper it could give a prefix two meanings.
func children(e *etree.Element, attributes []string, names ...string) ([]*etree.Element, bool) {
	for _, a := range e.Attr {
		inherited := a.Space == "xmlns" || a.FullKey() == "xmlns" || a.Space == "xml" && e.Parent() == nil
		if inherited && (e.Tag == "Signature" || e.Parent() == nil) || a.FullKey() == "Id" && len(attributes) == 0 {
			continue
		}
		allowed := false
		for _, name := range attributes {
			allowed = allowed || a.FullKey() == name
		}
		if !allowed {
			return nil, false
		}
	}
	var out []*etree.Element
	for _, token := range e.Child {
		switch t := token.(type) {
		case *etree.Element:
			if len(out) == len(names) || t.Tag != names[len(out)] || t.NamespaceURI() != namespace {
				return nil, false
			}
			out = append(out, t)
		case *etree.CharData:
			if strings.TrimSpace(t.Data) != "" {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return out, len(out) == len(names)
}

// text is the base64 of an element that holds nothing else; white space is allowed in it.
func text(e *etree.Element) ([]byte, bool) {
	if len(e.ChildElements()) != 0 {
		return nil, false
	}
	compact := strings.Join(strings.Fields(e.Text()), "")
	b, err := base64.StdEncoding.Strict().DecodeString(compact)
	return b, err == nil && len(b) > 0
}

// idOf is the root's Id; empty where it has none, or several.
func idOf(e *etree.Element) string {
	id, n := "", 0
	for _, a := range e.Attr {
		if a.Space != "xmlns" && strings.EqualFold(a.Key, "id") {
			id, n = a.Value, n+1
		}
	}
	if n != 1 {
		return ""
	}
	return id
}
