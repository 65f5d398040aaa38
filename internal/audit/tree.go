package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Rows that were numbered are the leaves of a Merkle tree (RFC 6962, section 2.1): the hash of the whole, the root, changes
// with every byte, place and number of the rows under it, and a short proof leads from any row to it.

// HashSize is the size of a hash in bytes.
const HashSize = tlog.HashSize

// Hash is a hash of the tree.
type Hash = tlog.Hash

// Leaf is the hash of a row: of its canonical bytes, set apart from hashes of hashes.
func Leaf(canonical []byte) Hash { return tlog.RecordHash(canonical) }

// Tree is what has to be known of a tree to go on with it: the roots of its full subtrees, the largest first. The zero
// value is the empty tree.
type Tree struct {
	size  int64
	peaks []Hash
}

// Place is where a hash of the tree is kept: with the leaf that completes its subtree, at the level above it.
type Place struct {
	Seq   int64
	Level int
}

// Of gives the hash out of the hashes kept with a leaf; false where they are too short.
func (p Place) Of(kept []byte) (h Hash, ok bool) {
	if len(kept) < (p.Level+1)*HashSize {
		return h, false
	}
	copy(h[:], kept[p.Level*HashSize:])
	return h, true
}

// Peaks are the places of the hashes from which Resume goes on.
func Peaks(size int64) []Place {
	var list []Place
	for level, start := 62, int64(0); level >= 0; level-- {
		if size&(1<<level) != 0 {
			start += 1 << level
			list = append(list, Place{start - 1, level})
		}
	}
	return list
}

// Resume goes on with a tree from the hashes at Peaks(size).
func Resume(size int64, peaks []Hash) Tree { return Tree{size, slices.Clone(peaks)} }

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Add puts a leaf at the end and gives the hashes to keep with it: its own and those of the subtrees that it completes.
func (t *Tree) Add(leaf Hash) []byte {
	kept := append(make([]byte, 0, 2*HashSize), leaf[:]...)
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.peaks) - 1
		leaf = tlog.NodeHash(t.peaks[last], leaf)
		t.peaks = t.peaks[:last]
		kept = append(kept, leaf[:]...)
	}
	t.peaks = append(t.peaks, leaf)
	t.size++
	return kept
}

// Root is the hash of the whole tree; of the empty one it is the hash of nothing.
func (t *Tree) Root() Hash {
	if len(t.peaks) == 0 {
		return Hash(sha256.Sum256(nil))
	}
	h := t.peaks[len(t.peaks)-1]
	for i := len(t.peaks) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.peaks[i], h)
	}
	return h
}

// Reader gives hashes of the tree by their places.
type Reader func(places []Place) ([]Hash, error)

// ReadHashes implements tlog.HashReader.
func (r Reader) ReadHashes(indexes []int64) ([]Hash, error) {
	places := make([]Place, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		places[i] = Place{(n+1)<<level - 1, level}
	}
	return r(places)
}

// Prove gives the hashes that lead from a leaf to the root of the first size leaves (RFC 6962, section 2.1.1).
func Prove(size, seq int64, r Reader) ([]Hash, error) {
	return tlog.ProveRecord(size, seq, r)
}

// CheckProof tells whether the row stands at its number in the tree of a checkpoint.
func CheckProof(proof []Hash, c Checkpoint, seq int64, canonical []byte) error {
	return tlog.CheckRecord(proof, c.Size, c.Root, seq, Leaf(canonical))
}

// ProveGrowth gives the hashes that show that the tree of the first size leaves only grew out of that of the first before
// (RFC 6962, section 2.1.2).
func ProveGrowth(size, before int64, r Reader) ([]Hash, error) {
	return tlog.ProveTree(size, before, r)
}

// CheckGrowth tells whether nothing under the older checkpoint was changed on the way to the newer one.
func CheckGrowth(proof []Hash, newer, older Checkpoint) error {
	return tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root)
}

// Heads are what lists are searched by.
type Heads struct {
	ID                    string
	At                    int64 // Unix microseconds
	Actor, Action, Object string
}

// HeadsOf are the heads of a row.
func HeadsOf(e Entry) Heads { return Heads{e.ID, e.At.UnixMicro(), e.Actor, e.Action, e.Object} }

// Match tells whether the canonical bytes begin with these heads. It reads no JSON: the bytes have one form only.
func (h Heads) Match(canonical []byte) bool {
	b, ok := bytes.CutPrefix(canonical, []byte(`{"schema":"`+Schema+`","id":`+quoted(h.ID)+`,"salt":"`))
	if !ok {
		return false
	}
	salt := bytes.IndexByte(b, '"')
	return salt >= 0 && bytes.HasPrefix(b[salt:], []byte(`","at":`+strconv.FormatInt(h.At, 10)+`,"actor":`+quoted(h.Actor)+`,"action":`+quoted(h.Action)+
		`,"object":`+quoted(h.Object)+`,"details":`))
}

// DigestOf is the digest of canonical bytes as Entry.Digest gives it.
func DigestOf(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

var errNoHash = errors.New("audit: a hash of the tree is missing")

// Pick gives the hashes at places out of what is kept with the leaves, by number.
func Pick(places []Place, kept map[int64][]byte) ([]Hash, error) {
	list := make([]Hash, len(places))
	for i, p := range places {
		h, ok := p.Of(kept[p.Seq])
		if !ok {
			return nil, errNoHash
		}
		list[i] = h
	}
	return list, nil
}

// quoted writes a string as Bytes does.
func quoted(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		return `"` + s + `"`
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
