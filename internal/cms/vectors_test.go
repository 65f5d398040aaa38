package cms

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"elicense/internal/fault"
)

// vector is one document that has to be refused for one reason; controls, which are accepted, want none.
type vector struct {
	rule         string // its number in the rules of what a signature must be, and a word
	name, want   string
	cms, content []byte
}

// vectors are all of them, for the signer's suite.
func vectors(a *authority) []vector {
	out := append(inputVectors(a), profileVectors(a)...)
	for _, group := range []struct {
		rule string
		list []forgery
	}{
		{"1 structure", structureForgeries(a)}, {"2 algorithms", algorithmForgeries(a)}, {"2 suites", suiteForgeries(a)}, {"3 attributes", attributeForgeries(a)},
		{"3 certificate", certificateForgeries(a)}, {"4 content", contentForgeries(a)}, {"2 value", valueForgeries(a)},
	} {
		for _, c := range group.list {
			f := a.forge(stored)
			c.change(f)
			out = append(out, vector{group.rule, c.name, c.want, f.bytes(a.signer), stored})
		}
	}
	return out
}

// judged is what a document is relied on for: its signature is right and its signer a person.
func judged(v vector) error {
	verified, err := check(v.cms, v.content)
	if err != nil {
		return err
	}
	_, err = SubjectOf(verified.Certificate)
	return err
}

// refusals is the table of vectors and reasons, one file for all suites.
const refusals = "testdata/refusals.tsv"

// Every vector gives exactly its reason, whatever the suite of the signer, and the table beside the tests lists them all.
// ELICENSE_WRITE=1 writes the table anew.
func TestVectors(t *testing.T) {
	rows := map[string]bool{}
	for _, s := range Suites() {
		t.Run(s.Name(), func(t *testing.T) {
			a := newGOSTAuthority(t, s, s)
			negative := map[string]bool{}
			for _, v := range vectors(a) {
				err := judged(v)
				if v.want == "" && err != nil || v.want != "" && !fault.Is(err, v.want) {
					t.Errorf("%s, %s: %v, want %q", v.rule, v.name, err, v.want)
				}
				if err != nil && fault.KindOf(err) != fault.Invalid {
					t.Errorf("%s, %s: kind %v", v.rule, v.name, fault.KindOf(err))
				}
				if v.want == "" {
					continue
				}
				if negative[v.rule+v.name] {
					t.Errorf("%s, %s: twice", v.rule, v.name)
				}
				negative[v.rule+v.name] = true
				rows[fmt.Sprintf("%s\t%s\t%s", v.rule, v.name, v.want)] = true
			}
			if len(negative) < 80 {
				t.Errorf("%d negative vectors", len(negative))
			}
			t.Logf("%d negative vectors", len(negative))
		})
	}
	var list []string
	for row := range rows {
		list = append(list, row)
	}
	slices.Sort(list)
	text := "rule\tvector\treason\n" + strings.Join(list, "\n") + "\n"
	if os.Getenv("ELICENSE_WRITE") != "" {
		if err := os.WriteFile(refusals, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if held := must(os.ReadFile(refusals)); string(held) != text {
		t.Errorf("%s is not what the vectors say; ELICENSE_WRITE=1 go test -run TestVectors writes it", refusals)
	}
}

// Every reason of this package has a vector. Those of files with keys are not for people who sign.
func TestEveryReasonHasAVector(t *testing.T) {
	table := string(must(os.ReadFile(refusals)))
	elsewhere := map[string]string{
		"signature.key-parameters": "TestGOSTKeysThatAreRefused", "signature.key-point": "TestGOSTKeysThatAreRefused", "signature.weak-key": "TestKeysThatAreRefused",
	}
	for _, reason := range reasons(t, ".") {
		if strings.HasPrefix(reason, "signature.stamp-") {
			continue // TestEveryStampReasonHasAForgery
		}
		if _, ok := elsewhere[reason]; !ok && !strings.Contains(table, "\t"+reason+"\n") {
			t.Errorf("%s: no vector", reason)
		}
	}
}

// reasons are the constants of a package that name a refusal.
func reasons(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, name := range must(filepath.Glob(filepath.Join(dir, "*.go"))) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(must(parser.ParseFile(token.NewFileSet(), name, nil, 0)), func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == 1 && strings.HasPrefix(spec.Names[0].Name, "Key") && len(spec.Values) == 1 {
				if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if value := must(strconv.Unquote(literal.Value)); strings.HasPrefix(value, "signature.") {
						out = append(out, value)
					}
				}
			}
			return true
		})
	}
	if len(out) < 30 {
		t.Fatalf("%d reasons", len(out))
	}
	return out
}

// relied is what a verified signature is relied on for.
type relied struct {
	certificate, content string
	encapsulated         bool
	algorithm            string
	signer               string
	time                 int64
}

// rely verifies and gives what is relied on.
func rely(in, content []byte) (relied, error) {
	s, err := Parse(in)
	if err != nil {
		return relied{}, err
	}
	v, err := s.Verify(content)
	if err != nil {
		return relied{}, err
	}
	subject, err := SubjectOf(v.Certificate)
	if err != nil {
		return relied{}, err
	}
	inside, ok := s.Encapsulated()
	return relied{string(v.Certificate.Raw), string(inside), ok, v.Algorithm, fmt.Sprint(subject), v.SigningTime.Unix()}, nil
}

// careless is a verifier that ignores one thing: the value of the signature. It is the control of TestEveryFlip: the test
// must see that changes get through.
func careless(in, content []byte) (relied, error) {
	s, err := Parse(in)
	if err != nil {
		return relied{}, err
	}
	h := s.suite.New()
	h.Write(content)
	if !bytes.Equal(h.Sum(nil), s.signed.digest) {
		return relied{}, refuse(KeyContentChanged)
	}
	return relied{certificate: string(s.certificate), algorithm: s.suite.Name(), time: s.signed.time.Unix()}, nil
}

// flips changes every bit that is asked for and counts what is accepted, and what then says something else.
func flips(t *testing.T, verify func(in, content []byte) (relied, error), der, content []byte, bits func(i int) int) (accepted, different int) {
	t.Helper()
	want := must(verify(der, content))
	bent := slices.Clone(der)
	for i := range der {
		for bit := range bits(i) {
			flip := byte(1) << ((i + bit) % 8)
			bent[i] ^= flip
			got, err := verify(bent, content)
			bent[i] ^= flip
			if err != nil {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("byte %d: %v", i, err)
				}
				continue
			}
			accepted++
			if got != want {
				different++
			}
		}
	}
	return accepted, different
}

// Every changed byte of a signed message is refused or changes nothing that is relied on: the signer, the certificate, the
// content, the algorithm, the time. One bit of every byte is flipped, and all eight of every twenty-ninth. An unsigned
// attribute is the one part that may change.
func TestEveryFlip(t *testing.T) {
	sample := func(i int) int {
		if i%29 == 0 {
			return 8
		}
		return 1
	}
	for _, s := range Suites() {
		a := newGOSTAuthority(t, s, s)
		for _, detached := range []bool{true, false} {
			f := a.forge(stored)
			f.encapsulate = !detached
			plain := f.bytes(a.signer)
			accepted, different := flips(t, rely, plain, stored, sample)
			if accepted != 0 || different != 0 {
				t.Errorf("%s, detached %v: %d flips accepted, %d of them say something else", s.Name(), detached, accepted, different)
			}
			unsigned := []byte("not signed by anybody")
			f.unsigned = attrOf("\x2a\x03", node(tagOctets, unsigned))
			accepted, different = flips(t, rely, f.bytes(a.signer), stored, sample)
			if accepted == 0 || different != 0 {
				t.Errorf("%s, detached %v, with an unsigned attribute: %d flips accepted, %d of them say something else", s.Name(), detached, accepted, different)
			}
			if _, different = flips(t, careless, plain, stored, sample); different == 0 {
				t.Errorf("%s, detached %v: the control notices nothing", s.Name(), detached)
			}
		}
	}
}
