package pdf

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/lang"
)

// sealer makes a key and gives the function that Seal wants.
func sealer(t testing.TB) func([]byte) ([]byte, error) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Elicense test seal"},
		NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(2_000_000_000, 0), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return func(content []byte) ([]byte, error) {
		return cms.Sign(content, key, certificate, cms.Options{Detached: true})
	}
}

func sealTime() time.Time { return time.Date(2026, 11, 22, 9, 5, 1, 0, time.UTC) }

func sealed(t testing.TB) []byte {
	t.Helper()
	out, err := Seal(render(t, tradeLicence(lang.KK)), sealer(t), sealTime(), "Құжат жүйемен берілді")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// verified opens a file and checks the mathematics of its signature.
func verified(pdf []byte) error {
	s, err := Open(pdf)
	if err != nil {
		return err
	}
	signature, err := cms.Parse(s.CMS)
	if err != nil {
		return err
	}
	_, err = signature.Verify(s.Content())
	return err
}

func TestSeal(t *testing.T) {
	out := sealed(t)
	checked(t, out)
	s, err := Open(out)
	if err != nil {
		t.Fatal(err)
	}
	if !s.At.Equal(sealTime()) || s.Reason != "Құжат жүйемен берілді" {
		t.Errorf("At %v, Reason %q", s.At, s.Reason)
	}
	if err := verified(out); err != nil {
		t.Error(err)
	}
	report := tool(t, out, "pdfsig", "-nocert", "FILE")
	for _, want := range []string{"Signature #1", "Signature Validation: Signature is Valid.", "Total document signed", "ETSI.CAdES.detached", "Elicense test seal"} {
		if !strings.Contains(report, want) {
			t.Errorf("pdfsig does not say %q:\n%s", want, report)
		}
	}
	if strings.Contains(report, "Signature #2") || !strings.Contains(textOf(t, out), "KZ50LTL00000001") {
		t.Error("more than one signature, or the text is lost")
	}
}

func TestSealRoom(t *testing.T) {
	paper := render(t, tradeLicence(lang.RU))
	for _, tc := range []struct {
		size, calls int
		key         string
	}{{100, 1, ""}, {firstRoom, 1, ""}, {firstRoom + 1, 2, ""}, {MaxCMS, 2, ""}, {MaxCMS + 1, 1, "pdf.seal-size"}} {
		calls := 0
		out, err := Seal(paper, func(content []byte) ([]byte, error) { calls++; return sequence(tc.size), nil }, sealTime(), "")
		if calls != tc.calls || tc.key != "" && !fault.Is(err, tc.key) || tc.key == "" && err != nil {
			t.Errorf("%d bytes: %d calls, %v", tc.size, calls, err)
		}
		if err == nil {
			s, err := Open(out)
			if err != nil || len(s.CMS) != tc.size {
				t.Errorf("%d bytes: opened %d, %v", tc.size, len(s.CMS), err)
			}
		}
	}
	broken := errors.New("the key is away")
	if _, err := Seal(paper, func([]byte) ([]byte, error) { return nil, broken }, sealTime(), ""); !errors.Is(err, broken) {
		t.Errorf("the signer's error: %v", err)
	}
	for name, file := range map[string][]byte{"empty": nil, "sealed": sealed(t), "cut": paper[:len(paper)-9], "text": []byte("%PDF-1.7\n")} {
		if _, err := Seal(file, sealer(t), sealTime(), ""); !fault.Is(err, "pdf.foreign") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// sequence is a DER sequence of exactly so many bytes, header included.
func sequence(size int) []byte {
	for header := 2; ; header++ {
		body := size - header
		out := append([]byte{0x30}, derLength(body)...)
		if len(out) == header {
			return append(out, bytes.Repeat([]byte{1}, body)...)
		}
	}
}

func derLength(n int) []byte {
	switch {
	case n < 0x80:
		return []byte{byte(n)}
	case n < 0x100:
		return []byte{0x81, byte(n)}
	case n < 0x10000:
		return []byte{0x82, byte(n >> 8), byte(n)}
	default:
		return []byte{0x83, byte(n >> 16), byte(n >> 8), byte(n)}
	}
}

func TestOpenRefuses(t *testing.T) {
	good := sealed(t)
	start, end, err := signedRange(good)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, with string) []byte { return bytes.Replace(good, []byte(old), []byte(with), 1) }
	written := fmt.Sprintf("[0 %d %d %d]", start, end, len(good)-end)
	padding := bytes.Clone(good)
	padding[end-3] = '1'
	loose := bytes.Clone(good)
	loose[start+5] = 'x'
	indefinite := bytes.Clone(good)
	copy(indefinite[start+1:], "3080")
	other := bytes.Clone(good)
	other[bytes.Index(good, []byte("/Perms<</DocMDP "))+len("/Perms<</DocMDP ")]++
	second, err := Seal(render(t, tradeLicence(lang.EN)), sealer(t), sealTime(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, key string
		pdf       []byte
	}{
		{"nothing", "pdf.not-pdf", nil},
		{"not sealed", "pdf.unsigned", render(t, tradeLicence(lang.KK))},
		{"a byte after it", "pdf.appended", append(bytes.Clone(good), '\n')},
		{"an update after it", "pdf.appended", append(bytes.Clone(good), "1 0 obj\n<<>>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"...)},
		{"a second signed file after it", "pdf.signatures", append(bytes.Clone(good), second...)},
		{"a shorter last range", "pdf.appended", replace(written, fmt.Sprintf("[0 %d %d %d]", start, end, len(good)-end-1))},
		{"a longer last range", "pdf.range", replace(written, fmt.Sprintf("[0 %d %d %d]", start, end, len(good)-end+1))},
		{"a wider gap", "pdf.range", replace(written, fmt.Sprintf("[0 %d %d %d]", start-1, end, len(good)-end))},
		{"a narrower gap", "pdf.contents", replace(written, fmt.Sprintf("[0 %d %d %d]", start, end-1, len(good)-end+1))},
		{"not from the beginning", "pdf.range", replace(written, fmt.Sprintf("[1 %d %d %d]", start, end, len(good)-end))},
		{"negative", "pdf.range", replace(written, fmt.Sprintf("[0 -%d %d %d]", start, end, len(good)-end))},
		{"huge", "pdf.range", replace(written, "[0 9999999999999999999 1 2]")},
		{"reversed", "pdf.range", replace(written, fmt.Sprintf("[0 %d %d %d]", end, start, len(good)-end))},
		{"bytes hidden in the padding", "pdf.contents", padding},
		{"not hexadecimal", "pdf.contents", loose},
		{"indefinite length", "pdf.contents", indefinite},
		{"changes permitted", "pdf.certification", replace("/TransformParams/P 1", "/TransformParams/P 3")},
		{"not the certification", "pdf.certification", replace("/Perms<</DocMDP", "/Parms<</DocMDP")},
		{"another object certified", "pdf.certification", other},
	} {
		if _, err := Open(tc.pdf); !fault.Is(err, tc.key) {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.key)
		}
	}
}

// TestEveryByteCounts changes bytes all over the file: no change goes unseen.
func TestEveryByteCounts(t *testing.T) {
	good := sealed(t)
	start, end, err := signedRange(good)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := Open(good)
	if err != nil {
		t.Fatal(err)
	}
	step := 37
	if testing.Short() {
		step = 997
	}
	for i := 0; i < len(good); i += step {
		if i > start+2*len(signature.CMS) && i < end-1 {
			continue // the padding has its own test
		}
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if i > start && i < end-1 && strings.EqualFold(string(bad[i]), string(good[i])) {
			continue
		}
		if verified(bad) == nil {
			t.Fatalf("byte %d of %d may change", i, len(good))
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(sealed(f))
	f.Add([]byte("%PDF-1.7\n1 0 obj\n<</Type/Sig/ByteRange[0 60 70 10]/Contents<3000>>>\nendobj\nxref\nstartxref\n3\n%%EOF\n"))
	f.Add([]byte("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Info 1 0 R>>\nstartxref\n9\n%%EOF\n"))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		s, err := Open(pdf)
		if err == nil && len(s.before)+len(s.after)+2+2*len(s.CMS) > len(pdf) {
			t.Fatal("more was opened than there is")
		}
		if _, err := Seal(pdf, func([]byte) ([]byte, error) { return []byte{0x30, 0}, nil }, sealTime(), "x"); err == nil {
			return
		} else if _, ok := fault.As(err); !ok {
			t.Fatalf("not a fault: %v", err)
		}
	})
}
