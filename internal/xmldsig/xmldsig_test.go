package xmldsig

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"elicense/internal/cms"
	"elicense/internal/fault"
)

const message = `<?xml version="1.0" encoding="UTF-8"?>
<m:request xmlns:m="urn:example" Id="body"><m:iin>850101300012</m:iin>
  <m:amount currency="KZT">5 &amp; 6</m:amount><name xml:lang="kk">Ә</name></m:request>`

// A document is signed and verified with each algorithm, and what is given back is what was signed and no more.
func TestSignAndVerify(t *testing.T) {
	all := signers()
	for _, s := range all {
		signed, err := Sign([]byte(message), s.key, s.certificate)
		if err != nil {
			t.Fatalf("%s: %v", s.suite.Name(), err)
		}
		got, err := Verify(signed)
		if err != nil {
			t.Fatalf("%s: %v", s.suite.Name(), err)
		}
		want := must(canonical(must(parse([]byte(message))), inclusive))
		if !bytes.Equal(got.Content, want) || !got.Certificate.Equal(s.certificate) || got.Algorithm != s.suite.Name() {
			t.Errorf("%s: %+v", s.suite.Name(), got)
		}
		if bytes.Contains(got.Content, []byte("Signature")) {
			t.Errorf("%s: the signature is in its own content", s.suite.Name())
		}
		for _, other := range all {
			if _, err := Sign([]byte(message), other.key, s.certificate); (err == nil) != (other.suite.Name() == s.suite.Name()) {
				t.Errorf("the key of %s with the certificate of %s: %v", other.suite.Name(), s.suite.Name(), err)
			}
		}
		if _, err := Sign(signed, s.key, s.certificate); !fault.Is(err, KeyPlace) {
			t.Errorf("%s: a second signature: %v", s.suite.Name(), err)
		}
	}
}

// vector is one document that has to be refused for one reason; controls want none.
type vector struct {
	name, want string
	document   []byte
}

// replace changes a signed document, or fails the test where there is nothing to change.
func replace(signed []byte, pairs ...string) []byte {
	out := string(signed)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(out, pairs[i]) {
			panic("nothing to replace: " + pairs[i])
		}
		out = strings.Replace(out, pairs[i], pairs[i+1], 1)
	}
	return []byte(out)
}

// forms are about the document as a whole.
func forms(signed []byte) []vector {
	root := `<m:request xmlns:m="urn:example" Id="body">`
	deep := strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth)
	many := strings.Repeat("<a></a>", maxElements)
	wide := ""
	for i := range maxAttributes {
		wide += fmt.Sprintf(` a%d="x"`, i)
	}
	return []vector{
		{"control", "", signed},
		{"control: XML declaration", "", append([]byte(`<?xml version="1.0" encoding="utf-8"?>`+"\n"), signed...)},
		{"control: line breaks around", "", append([]byte("\n"), append(signed, '\n')...)},
		{"nothing", cms.KeyMalformed, nil},
		{"words", cms.KeyMalformed, []byte("hello")},
		{"cut", cms.KeyMalformed, signed[:len(signed)-3]},
		{"tags crossed", cms.KeyMalformed, []byte("<a><b></a></b>")},
		{"no signature", KeyPlace, []byte(message)},
		{"document type", KeyEntities, append([]byte(`<!DOCTYPE a [<!ENTITY x "y">]>`), signed...)},
		{"external entity", KeyEntities, append([]byte(`<!DOCTYPE a SYSTEM "file:///etc/passwd">`), signed...)},
		{"entity without a declaration", KeyEntities, replace(signed, "850101300012", "&iin;")},
		{"comment before", KeyComment, append([]byte("<!-- a -->"), signed...)},
		{"comment in a value", KeyComment, replace(signed, "850101300012", "850101<!-- -->300012")},
		{"comment in the signature", KeyComment, replace(signed, "<ds:SignedInfo>", "<ds:SignedInfo><!-- -->")},
		{"comment in the digest", KeyComment, replace(signed, "<ds:DigestValue>", "<ds:DigestValue><!-- -->")},
		{"processing instruction", KeyComment, replace(signed, "<m:iin>", "<?php ?><m:iin>")},
		{"style sheet", KeyComment, append([]byte(`<?xml-stylesheet href="x"?>`), signed...)},
		{"other encoding", cms.KeyMalformed, append([]byte(`<?xml version="1.0" encoding="utf-16"?>`), signed...)},
		{"bytes that are no text", cms.KeyMalformed, append(slices.Clone(signed), 0xff)},
		{"text after the root", cms.KeyMalformed, append(slices.Clone(signed), 'x')},
		{"second root", cms.KeyTrailing, append(slices.Clone(signed), "<a></a>"...)},
		{"too deep", cms.KeyTooDeep, replace(signed, root, root+deep)},
		{"too many elements", cms.KeyTooLarge, replace(signed, root, root+many)},
		{"too many attributes", cms.KeyTooLarge, replace(signed, root, root[:len(root)-1]+wide+">")},
		{"too many attributes in all", cms.KeyTooLarge, replace(signed, root, root+strings.Repeat("<a"+wide+"></a>", maxNamed/maxAttributes+1))},
		{"too large", cms.KeyTooLarge, make([]byte, MaxDocument+1)},
		{"attribute twice", cms.KeyMalformed, replace(signed, `currency="KZT"`, `currency="KZT" currency="USD"`)},
		{"attribute twice by prefixes", cms.KeyMalformed, replace(signed, `currency="KZT"`, `xmlns:p="urn:example" p:a="1" m:a="2"`)},
		{"prefix without a declaration", cms.KeyMalformed, replace(signed, "<m:iin>", "<q:iin>", "</m:iin>", "</q:iin>")},
		{"two colons", cms.KeyMalformed, replace(signed, "<m:iin>", "<m:m:iin>", "</m:iin>", "</m:m:iin>")},
		{"Id twice", KeyID, replace(signed, "<m:iin>", `<m:iin Id="body">`)},
		{"Id twice, spelt otherwise", KeyID, replace(signed, "<m:iin>", `<m:iin ID="body">`)},
		{"Id twice, xml:id", KeyID, replace(signed, "<m:iin>", `<m:iin xml:id="body">`)},
	}
}

// wrappings move the signature or what it is about.
func wrappings(signed []byte) []vector {
	text := string(signed)
	from, to := strings.Index(text, "<ds:Signature "), strings.Index(text, "</ds:Signature>")+len("</ds:Signature>")
	signature, before, after := text[from:to], text[:from], text[to:]
	original := before + after
	return []vector{
		{"two signatures", KeyPlace, []byte(before + signature + signature + after)},
		{"signature in a wrapper", KeyPlace, []byte(before + "<w>" + signature + "</w>" + after)},
		{"signature first", KeyPlace, replace([]byte(original), "<m:iin>", signature+"<m:iin>")},
		{"original kept beside a forged one", KeyPlace, []byte(`<m:request xmlns:m="urn:example"><m:iin>900101300017</m:iin><old>` + before + signature + after + `</old></m:request>`)},
		{"signature moved to a forged document", cms.KeyContentChanged, []byte(`<m:request xmlns:m="urn:example"><m:iin>900101300017</m:iin>` + signature + `</m:request>`)},
		{"original in an object of the signature", cms.KeyMalformed, []byte(`<m:request xmlns:m="urn:example"><m:iin>900101300017</m:iin>` +
			strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+original+"</ds:Object></ds:Signature>", 1) + `</m:request>`)},
		{"signature in a signature", KeyPlace, []byte(before + strings.Replace(signature, "</ds:KeyInfo>", "</ds:KeyInfo>"+signature, 1) + after)},
		{"signature of no namespace", KeyPlace, []byte(before + strings.NewReplacer("ds:", "", "xmlns:ds=\""+namespace+"\"", "").Replace(signature) + after)},
		{"value changed", cms.KeyContentChanged, replace(signed, "850101300012", "900101300017")},
		{"attribute changed", cms.KeyContentChanged, replace(signed, `"KZT"`, `"USD"`)},
		{"element added", cms.KeyContentChanged, replace(signed, "<m:iin>", "<m:x></m:x><m:iin>")},
		{"space added", cms.KeyContentChanged, replace(signed, "<m:iin>", " <m:iin>")},
		{"signature under other namespaces", cms.KeyWrong, replace(signed, "<m:request ", `<m:request xmlns="urn:other" `)},
		{"namespace changed", cms.KeyWrong, replace(signed, `"urn:example"`, `"urn:evil"`)},
	}
}

// infos change what SignedInfo says, and sign that with the real key: nothing but the rule can refuse it.
func infos(s signer) []vector {
	m := methods()[slices.IndexFunc(methods(), func(m method) bool { return m.suite == s.suite.Name() })]
	other := methods()[(slices.Index(methods(), m)+1)%len(methods())]
	forged := func(pairs ...string) []byte {
		return s.forge(func(info string) string { return string(replace([]byte(info), pairs...)) })
	}
	transform := `<ds:Transform Algorithm="` + withComments + `"></ds:Transform>`
	uri := func(u string) []byte { return forged(`URI=""`, `URI="`+u+`"`) }
	instead := func(u string) []byte { return forged(transform, `<ds:Transform Algorithm="`+u+`"></ds:Transform>`) }
	info := string(s.forge(nil))
	reference := info[strings.Index(info, "<ds:Reference"):strings.Index(info, "</ds:SignedInfo>")]
	digest := reference[strings.Index(reference, "<ds:DigestValue>"):strings.Index(reference, "</ds:Reference>")]
	return []vector{
		{"control: forged without a change", "", s.forge(nil)},
		{"control: by the root's Id", "", uri("#body")},
		{"control: enveloped only", "", forged(transform, "")},
		{"control: without comments", "", instead(inclusive)},
		{"second reference", KeyReference, forged(reference, reference+reference)},
		{"second reference elsewhere", KeyReference, forged(reference, reference+strings.Replace(reference, `URI=""`, `URI="http://example.kz/"`, 1))},
		{"no reference", cms.KeyMalformed, forged(reference, "")},
		{"external file", KeyReference, uri("file:///etc/passwd")},
		{"external address", KeyReference, uri("http://example.kz/a.xml")},
		{"another part", KeyReference, uri("#other")},
		{"nothing", KeyReference, uri("#")},
		{"xpointer", KeyReference, uri("#xpointer(/)")},
		{"no address", KeyReference, forged(` URI=""`, "")},
		{"type of a manifest", KeyReference, forged(`URI=""`, `Type="`+namespace+`Manifest" URI=""`)},
		{"XSLT", KeyTransform, instead("http://www.w3.org/TR/1999/REC-xslt-19991116")},
		{"XPath", KeyTransform, instead("http://www.w3.org/TR/1999/REC-xpath-19991116")},
		{"XPath filter", KeyTransform, instead("http://www.w3.org/2002/06/xmldsig-filter2")},
		{"base64", KeyTransform, instead(namespace + "base64")},
		{"XPath with an expression", KeyTransform, forged(transform, `<ds:Transform Algorithm="`+exclusive+`"><ds:XPath>not(//m:iin)</ds:XPath></ds:Transform>`)},
		{"enveloped twice", KeyTransform, instead(enveloped)},
		{"no transform", KeyTransform, forged(transform, "", `<ds:Transform Algorithm="`+enveloped+`"></ds:Transform>`, "")},
		{"canonical form alone", KeyTransform, forged(`<ds:Transform Algorithm="`+enveloped+`"></ds:Transform>`, "")},
		{"three transforms", KeyTransform, forged(transform, transform+transform)},
		{"canonical form that is none", KeyTransform, forged(`<ds:CanonicalizationMethod Algorithm="`+inclusive+`"`, `<ds:CanonicalizationMethod Algorithm="urn:x"`)},
		{"canonical form with prefixes", KeyTransform, forged(`<ds:CanonicalizationMethod Algorithm="`+inclusive+`">`, `<ds:CanonicalizationMethod Algorithm="`+exclusive+`"><InclusiveNamespaces xmlns="`+exclusive+`" PrefixList="m"></InclusiveNamespaces>`)},
		{"RSA with SHA-1", cms.KeyOldAlgorithm, forged(m.signature, namespace+"rsa-sha1")},
		{"SHA-1", cms.KeyOldAlgorithm, forged(m.digest, namespace+"sha1")},
		{"HMAC", cms.KeyAlgorithm, forged(m.signature, namespace+"hmac-sha256")},
		{"ECDSA", cms.KeyAlgorithm, forged(m.signature, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")},
		{"length of a HMAC", cms.KeyAlgorithm, forged(m.signature+`">`, m.signature+`"><ds:HMACOutputLength>1</ds:HMACOutputLength>`)},
		{"digest of another suite", cms.KeyAlgorithmsDisagree, forged(m.digest, other.digest)},
		{"another suite", cms.KeyAlgorithmsDisagree, s.forge(func(info string) string {
			sum := base64.StdEncoding.EncodeToString(make([]byte, must(suiteNamed(other.suite)).New().Size()))
			return string(replace([]byte(info), m.signature, other.signature, m.digest, other.digest, digest, "<ds:DigestValue>"+sum+"</ds:DigestValue>"))
		})},
		{"wrong digest", cms.KeyContentChanged, forged(digest, "<ds:DigestValue>"+base64.StdEncoding.EncodeToString(make([]byte, s.suite.New().Size()))+"</ds:DigestValue>")},
		{"digest cut", cms.KeyNoDigest, forged(digest, "<ds:DigestValue>AAAA</ds:DigestValue>")},
		{"digest that is no base64", cms.KeyNoDigest, forged(digest, "<ds:DigestValue>?</ds:DigestValue>")},
		{"text in SignedInfo", cms.KeyMalformed, forged("<ds:SignatureMethod", "x<ds:SignatureMethod")},
		{"prefix declared again", cms.KeyMalformed, forged("<ds:SignedInfo>", `<ds:SignedInfo xmlns:ds="`+namespace+`">`)},
	}
}

// values change the rest of the signature.
func values(s, stranger signer) []vector {
	signed := must(Sign([]byte(message), s.key, s.certificate))
	between := func(tag, with string) []byte {
		text := string(signed)
		from := strings.Index(text, "<ds:"+tag+">") + len("<ds:"+tag+">")
		return []byte(text[:from] + with + text[strings.Index(text, "</ds:"+tag+">"):])
	}
	b64 := base64.StdEncoding.EncodeToString
	held := b64(s.certificate.Raw)
	double := "<ds:X509Certificate>" + held + "</ds:X509Certificate>"
	return []vector{
		{"certificate of another key", cms.KeyWrong, between("X509Certificate", b64(stranger.certificate.Raw))},
		{"two certificates", cms.KeyNoCertificate, between("X509Data", double+double)},
		{"no certificate", cms.KeyNoCertificate, between("X509Data", "")},
		{"a name instead of a certificate", cms.KeyNoCertificate, between("KeyInfo", "<ds:KeyName>x</ds:KeyName>")},
		{"certificate that is none", cms.KeyCertificate, between("X509Certificate", "AAAA")},
		{"value that is no base64", cms.KeyValue, between("SignatureValue", "?")},
		{"value empty", cms.KeyValue, between("SignatureValue", "")},
		{"value cut", cms.KeyValue, between("SignatureValue", "AAAA")},
		{"value with an element", cms.KeyValue, between("SignatureValue", "<x></x>")},
		{"SignedInfo twice", cms.KeyMalformed, replace(signed, "<ds:SignatureValue>", "<ds:SignedInfo></ds:SignedInfo><ds:SignatureValue>")},
	}
}

// Every rule has its reason, for every algorithm.
func TestVectors(t *testing.T) {
	all, others := signers(), signers()
	for i, s := range all {
		signed := must(Sign([]byte(message), s.key, s.certificate))
		list := slices.Concat(forms(signed), wrappings(signed), infos(s), values(s, others[i]))
		negative := 0
		for _, v := range list {
			_, err := Verify(v.document)
			if v.want == "" && err != nil || v.want != "" && !fault.Is(err, v.want) {
				t.Errorf("%s, %s: %v, want %q", s.suite.Name(), v.name, err, v.want)
			}
			if v.want != "" {
				negative++
			}
		}
		if negative < 60 {
			t.Errorf("%s: %d negative vectors", s.suite.Name(), negative)
		}
	}
}

// A changed byte is refused, or the bytes that are given back are the same: in the base64 of values white space may change.
func TestEveryFlip(t *testing.T) {
	for _, s := range signers() {
		signed := must(Sign([]byte(message), s.key, s.certificate))
		want := must(Verify(signed))
		accepted := 0
		for i := range signed {
			bent := slices.Clone(signed)
			bent[i] ^= 1 << (i % 7)
			got, err := Verify(bent)
			if err != nil {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%s, byte %d: %v", s.suite.Name(), i, err)
				}
				continue
			}
			accepted++
			if !bytes.Equal(got.Content, want.Content) || got.Algorithm != want.Algorithm {
				t.Errorf("%s, byte %d: %q is accepted", s.suite.Name(), i, bent[i])
			}
			// The certificate beside the signature is not signed: it may change in what its key does not show.
		}
		t.Logf("%s: %d of %d changes accepted", s.suite.Name(), accepted, len(signed))
	}
}

// Another implementation verifies ours, and its signature, in the exclusive form and by the root's Id, is verified here.
func TestAnotherImplementation(t *testing.T) {
	all := signers()
	s := all[len(all)-1]
	key, ok := s.key.(*rsa.PrivateKey)
	if !ok {
		t.Fatal("not RSA")
	}
	read := func(text string) *etree.Element {
		tree := etree.NewDocument()
		if err := tree.ReadFromString(text); err != nil {
			t.Fatal(err)
		}
		return tree.Root()
	}
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{s.certificate}})
	signed := string(must(Sign([]byte(message), s.key, s.certificate)))
	if _, err := context.Validate(read(signed)); err != nil {
		t.Errorf("ours there: %v", err)
	}
	if _, err := context.Validate(read(strings.Replace(signed, "KZT", "USD", 1))); err == nil {
		t.Error("a changed one there")
	}
	theirs := must(dsig.NewSigningContext(key, [][]byte{s.certificate.Raw}))
	theirs.IdAttribute, theirs.Canonicalizer = "Id", dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	tree := etree.NewDocumentWithRoot(must(theirs.SignEnveloped(read(message))))
	document := must(tree.WriteToBytes())
	got, err := Verify(document)
	if err != nil || !bytes.Contains(got.Content, []byte("850101300012")) || !got.Certificate.Equal(s.certificate) {
		t.Errorf("theirs here: %v\n%s", err, document)
	}
	if _, err := Verify(bytes.Replace(document, []byte("KZT"), []byte("USD"), 1)); !fault.Is(err, cms.KeyContentChanged) {
		t.Errorf("theirs changed: %v", err)
	}
}

// The canonical form of our own making against the library's on the same element inside its document.
func TestCanonicalInContext(t *testing.T) {
	tree := etree.NewDocument()
	if err := tree.ReadFromString(`<a xmlns="urn:a" xmlns:b="urn:b" xml:lang="kk"><b:c z="1" y="2"/></a>`); err != nil {
		t.Fatal(err)
	}
	c := tree.FindElement("//c")
	for form, want := range map[string]string{
		inclusive: `<b:c xmlns="urn:a" xmlns:b="urn:b" y="2" z="1" xml:lang="kk"></b:c>`,
		exclusive: `<b:c xmlns:b="urn:b" y="2" z="1" xml:lang="kk"></b:c>`,
	} {
		if got := string(must(canonical(c, form))); got != want {
			t.Errorf("%s: %s", form, got)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s := signers()[0]
	f.Add(must(Sign([]byte(message), s.key, s.certificate)))
	f.Add([]byte(message))
	f.Add([]byte(`<a><ds:Signature xmlns:ds="` + namespace + `"/></a>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := Verify(in)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		if again, err := parse(got.Content); err != nil || !bytes.Equal(must(canonical(again, inclusive)), got.Content) && !bytes.Equal(must(canonical(again, exclusive)), got.Content) {
			t.Fatalf("what is given back is not canonical: %v", err)
		}
	})
}
