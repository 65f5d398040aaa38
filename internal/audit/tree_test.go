package audit

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

func row(i int) []byte {
	return Entry{ID: fmt.Sprint("id-", i), Salt: []byte{1, 2}, At: time.UnixMicro(int64(i)), Actor: `қ "<&`, Action: "a.b", Object: "o/" + fmt.Sprint(i)}.Bytes()
}

// grown gives a tree of n rows, what is kept with each, and the root after each.
func grown(n int) (t Tree, kept map[int64][]byte, roots []Hash) {
	kept = map[int64][]byte{}
	for i := range n {
		kept[int64(i)] = t.Add(Leaf(row(i)))
		roots = append(roots, t.Root())
	}
	return t, kept, roots
}

func TestTreeIsThatOfRFC6962(t *testing.T) {
	const n = 130
	_, kept, roots := grown(n)
	read := Reader(func(places []Place) ([]Hash, error) { return Pick(places, kept) })
	for size := int64(1); size <= n; size++ {
		want, err := tlog.TreeHash(size, read)
		if err != nil || want != roots[size-1] {
			t.Fatalf("size %d: %v %v", size, err, want == roots[size-1])
		}
		peaks, err := read(Peaks(size))
		if err != nil {
			t.Fatal(err)
		}
		if resumed := Resume(size, peaks); resumed.Root() != roots[size-1] || resumed.Size() != size {
			t.Fatalf("resumed at %d: another tree", size)
		}
		c := Checkpoint{Size: size, Root: roots[size-1]}
		for seq := range size {
			proof, err := Prove(size, seq, read)
			if err != nil || CheckProof(proof, c, seq, row(int(seq))) != nil {
				t.Fatalf("%d of %d: %v", seq, size, err)
			}
			if CheckProof(proof, c, seq, row(int(seq)+1)) == nil {
				t.Fatalf("%d of %d: another row passes", seq, size)
			}
		}
		older := Checkpoint{Size: (size + 1) / 2, Root: roots[(size+1)/2-1]}
		proof, err := ProveGrowth(size, older.Size, read)
		if err != nil || CheckGrowth(proof, c, older) != nil {
			t.Fatalf("growth to %d: %v", size, err)
		}
		if older.Root[0] ^= 1; CheckGrowth(proof, c, older) == nil {
			t.Fatalf("growth to %d out of another tree passes", size)
		}
	}
}

func TestHeadsAreThoseOfTheBytes(t *testing.T) {
	e := Entry{ID: "id", Salt: []byte{1}, At: time.UnixMicro(7), Actor: "қ\"\\\n<>", Action: "a", Object: "o", Details: map[string]string{"x": "y"}}
	if !HeadsOf(e).Match(e.Bytes()) {
		t.Fatal("its own heads do not match")
	}
	for i, change := range []func(h *Heads){func(h *Heads) { h.ID += "x" }, func(h *Heads) { h.At++ }, func(h *Heads) { h.Actor = "" }, func(h *Heads) { h.Action = "ab" }, func(h *Heads) { h.Object = "" }} {
		h := HeadsOf(e)
		change(&h)
		if h.Match(e.Bytes()) {
			t.Errorf("change %d matches", i)
		}
	}
}

func TestCheckpointsAreSigned(t *testing.T) {
	file, err := NewKey(rand.Reader, "elicense.example/audit")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ReadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	want := Checkpoint{Origin: key.Origin(), Size: 3, Root: Leaf([]byte("a")), Number: 2, At: time.Date(2026, 11, 29, 10, 0, 0, 5000, time.UTC), Before: Leaf([]byte("b"))}
	signed, err := key.Sign(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.Public.Open(signed); err != nil || got != want {
		t.Fatalf("%v %+v", err, got)
	}
	if got, err := (PublicKeys{}).Open(signed); err != nil || got != want {
		t.Fatalf("without keys: %v %+v", err, got)
	}
	for i := range signed {
		bad := bytes.Clone(signed)
		bad[i] ^= 1
		if _, err := key.Public.Open(bad); err == nil {
			t.Fatalf("a changed byte %d passes: %q", i, bad)
		}
	}
	otherFile, _ := NewKey(rand.Reader, "elicense.example/audit")
	other, err := ReadKey(otherFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Public.Open(signed); err == nil {
		t.Error("another key's signature passes")
	}
	// A key that was replaced: its public line stays in the file.
	both, err := ReadKey(otherFile + key.Public.Texts()[0] + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.Public.Open(signed); err != nil {
		t.Errorf("the earlier key: %v", err)
	}
	private, _, _ := strings.Cut(otherFile, "\n")
	_, public, _ := strings.Cut(file, "\n")
	for _, bad := range []string{"", "x", private, private + "\n" + public, public} {
		if _, err := ReadKey(bad); err == nil {
			t.Errorf("read: %q", bad)
		}
	}
}

func TestNotesAreTakenApart(t *testing.T) {
	file, _ := NewKey(rand.Reader, "k")
	key, err := ReadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	var want [][]byte
	for i := range 3 {
		signed, err := key.Sign(Checkpoint{Size: int64(i + 1), Number: int64(i + 1)})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, signed)
		all = append(append(all, signed...), '\n')
	}
	got := Notes(all)
	if len(got) != 3 {
		t.Fatalf("%d notes", len(got))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("%d: %q", i, got[i])
		}
	}
	if one := Notes(want[1]); len(one) != 1 || !bytes.Equal(one[0], want[1]) {
		t.Errorf("a file of one: %q", one)
	}
	if got := Notes(all[:len(all)-20]); len(got) != 3 || bytes.Equal(got[2], want[2]) {
		t.Errorf("a torn one: %d", len(got))
	}
}

func FuzzCheckpoint(f *testing.F) {
	file, _ := NewKey(rand.Reader, "k")
	key, err := ReadKey(file)
	if err != nil {
		f.Fatal(err)
	}
	signed, _ := key.Sign(Checkpoint{Size: 1, Number: 1})
	f.Add(signed)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := PublicKeys{}.Open(b)
		if err != nil {
			return
		}
		if again, err := parseCheckpoint(c.text()); err != nil || again != c {
			t.Errorf("%+v reads as %+v, %v", c, again, err)
		}
		Notes(b)
	})
}
