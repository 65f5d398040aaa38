package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elicense/internal/fault"
)

// The token joins the signature, beside other unsigned attributes, and is found there again.
func TestStampAddedToASignature(t *testing.T) {
	s := newStamper(t, rsaSHA256{}, rsaSHA256{})
	token := must(ParseStamp(s.token()))
	with := must(s.document.AddStamp(token))
	parsed := must(Parse(with))
	if _, err := parsed.Verify(stored); err != nil || !bytes.Equal(parsed.Value(), s.document.Value()) {
		t.Errorf("the signature: %v", err)
	}
	found, err := parsed.Stamp()
	if err != nil || !bytes.Equal(found.DER(), token.DER()) {
		t.Errorf("the token: %v", err)
	}
	if held, err := s.document.Stamp(); held != nil || err != nil {
		t.Errorf("a signature without a token has %v, %v", held, err)
	}
	if _, err := parsed.AddStamp(token); !fault.Is(err, KeyStampMany) {
		t.Errorf("a second token: %v", err)
	}
	other := newStamper(t, rsaSHA256{}, rsaSHA256{})
	if _, err := other.document.AddStamp(token); !fault.Is(err, KeyStampImprint) {
		t.Errorf("a token of another signature: %v", err)
	}
}

// Unsigned attributes that nobody knows are let be; a time stamp among them is read strictly.
func TestUnsignedAttributes(t *testing.T) {
	s := newStamper(t, rsaSHA256{}, rsaSHA256{})
	a := newAuthority(t)
	one := attrOf("\x2a\x03", node(0x05))
	own := func(unsigned []byte) *SignedData {
		f := a.forge(stored)
		f.unsigned = unsigned
		return must(Parse(f.bytes(a.key)))
	}
	token := must(ParseStamp(must(own(one).Ask([]byte("n"), "").Stamp(s.signer, s.leaf, s.terms()))))
	with := must(Parse(must(own(one).AddStamp(token))))
	if found, err := with.Stamp(); err != nil || found == nil {
		t.Errorf("beside another attribute: %v", err)
	}
	stamp := attrOf(oidStampAttribute, token.DER())
	for name, c := range map[string]struct {
		unsigned []byte
		want     string
	}{
		"none":             {nil, ""},
		"unknown":          {one, ""},
		"no attribute":     {node(0x05), ""},
		"twice":            {slices.Concat(stamp, stamp), KeyStampMany},
		"two values":       {attrOf(oidStampAttribute, token.DER(), token.DER()), KeyStampMany},
		"no value":         {attrOf(oidStampAttribute), KeyStampMalformed},
		"something else":   {attrOf(oidStampAttribute, node(tagSequence, oid(oidData))), KeyStampMalformed},
		"trailing element": {node(tagSequence, oid(oidStampAttribute), node(tagSet, token.DER()), node(0x05)), KeyStampMalformed},
	} {
		if found, err := own(c.unsigned).Stamp(); c.want == "" && (found != nil || err != nil) || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// OpenSSL reads what is made here: the question, the answer, the token in the signature. And its own answer is read here.
func TestStampsWithOpenSSL(t *testing.T) {
	s, person := newStamper(t, rsaSHA256{}, rsaSHA256{}), newAuthority(t)
	s.over(person)
	dir := t.TempDir()
	put := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) error {
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("openssl %v: %w: %s", args, err, out)
		}
		return nil
	}
	block := func(kind string, b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}) }
	put("ca.pem", block("CERTIFICATE", s.ca.Raw))
	put("tsa.pem", block("CERTIFICATE", s.leaf.Raw))
	put("tsa.key", block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(s.signer))))
	put("value", s.document.Value())
	put("query.tsq", must(s.query.Bytes()))
	put("ours.tsr", StampAnswer(s.token()))
	verify := []string{"ts", "-verify", "-CAfile", "ca.pem", "-data", "value"}
	if err := errors.Join(run("ts", "-query", "-in", "query.tsq", "-text"),
		run(append(verify, "-in", "ours.tsr")...), run("ts", "-verify", "-CAfile", "ca.pem", "-queryfile", "query.tsq", "-in", "ours.tsr")); err != nil {
		t.Fatal(err)
	}
	put("value", []byte("another value"))
	if run(append(verify, "-in", "ours.tsr")...) == nil {
		t.Error("control: a token of another value verifies")
	}

	put("serial", []byte("01\n"))
	for _, digest := range []string{"sha1", "sha256"} {
		put("ts.cnf", []byte(strings.ReplaceAll("[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\n"+
			"default_policy="+stampPolicy+"\ndigests=sha256\naccuracy=secs:1,millisecs:500\nordering=yes\ntsa_name=yes\ness_cert_id_alg=ALG\n", "ALG", digest)))
		if err := run("ts", "-reply", "-config", "ts.cnf", "-queryfile", "query.tsq", "-out", "theirs.tsr"); err != nil {
			t.Fatal(err)
		}
		answer, err := ParseStampAnswer(file(t, dir, "theirs.tsr"))
		if err != nil {
			t.Fatalf("OpenSSL's answer, bound by %s: %v", digest, err)
		}
		got, err := answer.Verify(s.document.Value(), s.rules())
		if err != nil || got.Accuracy.Milliseconds() != 1500 {
			t.Errorf("OpenSSL's token, bound by %s: %+v, %v", digest, got, err)
		}
	}

	put("cades-t.der", must(s.document.AddStamp(must(ParseStamp(s.token())))))
	put("person.pem", block("CERTIFICATE", person.ca.Raw))
	if err := run("cms", "-verify", "-binary", "-inform", "DER", "-in", "cades-t.der", "-CAfile", "person.pem", "-purpose", "any", "-cades", "-out", "out"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file(t, dir, "out"), stored) {
		t.Error("OpenSSL has read other content")
	}
}
