package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint says how many rows there were at a moment, and what they were. Signed and kept elsewhere it makes every later
// change of them visible.
type Checkpoint struct {
	Origin string // the name of the key that signs
	Size   int64  // number of rows
	Root   Hash
	Number int64 // 1, 2, 3, …
	At     time.Time
	Before Hash // SHA-256 of the signed note of the checkpoint before; zero in the first
}

// text is the body of the note: a checkpoint of C2SP tlog-checkpoint with three extension lines.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\nnumber %d\nat %s\nbefore %s\n", c.Origin, c.Size, c.Root, c.Number,
		c.At.UTC().Format("2006-01-02T15:04:05.000000Z"), c.Before)
}

var errCheckpoint = errors.New("audit: not a checkpoint")

// parseCheckpoint reads a note's body; one that is written in another way is refused.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 7 {
		return Checkpoint{}, errCheckpoint
	}
	c := Checkpoint{Origin: lines[0]}
	var err [5]error
	c.Size, err[0] = strconv.ParseInt(lines[1], 10, 64)
	c.Root, err[1] = hashOf(lines[2])
	c.Number, err[2] = strconv.ParseInt(strings.TrimPrefix(lines[3], "number "), 10, 64)
	c.At, err[3] = time.Parse(time.RFC3339Nano, strings.TrimPrefix(lines[4], "at "))
	c.Before, err[4] = hashOf(strings.TrimPrefix(lines[5], "before "))
	if errors.Join(err[:]...) != nil || c.Size < 1 || c.Number < 1 || c.text() != text {
		return Checkpoint{}, errCheckpoint
	}
	return c, nil
}

func hashOf(text string) (h Hash, err error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != HashSize {
		return h, errCheckpoint
	}
	return Hash(b), nil
}

// Key signs checkpoints, and knows the public keys of earlier ones.
type Key struct {
	signer note.Signer
	Public PublicKeys
}

// PublicKeys judge signatures of checkpoints.
type PublicKeys struct {
	list  note.Verifiers
	texts []string
}

// Texts are the keys as they are written down, the present one first.
func (k PublicKeys) Texts() []string { return k.texts }

// Known tells whether there is a key at all.
func (k PublicKeys) Known() bool { return len(k.texts) > 0 }

// Origin is the name of the key.
func (k Key) Origin() string { return k.signer.Name() }

// NewKey makes an Ed25519 key with the name, as a file holds it: the private key on the first line, the public one on the
// second. Public keys of earlier private ones may follow, a line each.
func NewKey(random io.Reader, name string) (string, error) {
	private, public, err := note.GenerateKey(random, name)
	return private + "\n" + public + "\n", err
}

// ReadKey reads such a file. Its second line must be the public key of the first.
func ReadKey(file string) (Key, error) {
	private, public, _ := strings.Cut(strings.TrimSpace(file), "\n")
	signer, err := note.NewSigner(strings.TrimSpace(private))
	if err != nil {
		return Key{}, errors.New("audit: the file holds no private key") // the error of the parser might repeat it
	}
	k := Key{signer: signer}
	if k.Public, err = ReadPublicKeys(strings.Fields(public)...); err != nil {
		return Key{}, err
	}
	probe, err := note.Sign(&note.Note{Text: "probe\n"}, signer)
	if err != nil {
		return Key{}, err
	}
	first, err := ReadPublicKeys(k.Public.texts[0])
	if err == nil {
		_, err = note.Open(probe, first.list)
	}
	if err != nil {
		return Key{}, errors.New("audit: the second line is not the public key of the first")
	}
	return k, nil
}

// ReadPublicKeys reads public keys as Texts gives them; there must be one at least.
func ReadPublicKeys(texts ...string) (PublicKeys, error) {
	var list []note.Verifier
	for _, text := range texts {
		v, err := note.NewVerifier(text)
		if err != nil {
			return PublicKeys{}, fmt.Errorf("audit: %q is no public key", text)
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		return PublicKeys{}, errors.New("audit: no public key")
	}
	return PublicKeys{note.VerifierList(list...), slices.Clone(texts)}, nil
}

// Sign gives the checkpoint as a signed note. The same checkpoint always gives the same bytes.
func (k Key) Sign(c Checkpoint) ([]byte, error) {
	c.Origin = k.Origin()
	return note.Sign(&note.Note{Text: c.text()}, k.signer)
}

// Open reads a signed note; without keys its signature is not judged.
func (k PublicKeys) Open(signed []byte) (Checkpoint, error) {
	list := k.list
	if !k.Known() {
		list = note.VerifierList()
	}
	n, err := note.Open(signed, list)
	var unverified *note.UnverifiedNoteError
	if !k.Known() && errors.As(err, &unverified) {
		n, err = unverified.Note, nil
	}
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseCheckpoint(n.Text)
	all := slices.Concat(n.Sigs, n.UnverifiedSigs)
	if err == nil && (k.Known() && n.Sigs[0].Name != c.Origin || len(all) != 1) {
		err = errCheckpoint
	}
	if err == nil { // a note is one sequence of bytes: Link digests it, and package note lets the last bits of base64 differ
		_, err = base64.StdEncoding.Strict().DecodeString(all[0].Base64)
	}
	return c, err
}

// Link is how the next checkpoint names this one.
func Link(signed []byte) Hash { return sha256.Sum256(signed) }

// Notes takes a file of signed notes apart, one after the other with an empty line behind each.
func Notes(file []byte) [][]byte {
	var list [][]byte
	for _, part := range bytes.SplitAfter(file, []byte("\n\n")) {
		switch signature := bytes.HasPrefix(part, []byte("— ")); {
		case len(bytes.TrimSpace(part)) == 0:
		case signature && len(list) > 0:
			list[len(list)-1] = append(list[len(list)-1], bytes.TrimSuffix(part, []byte("\n\n"))...)
			if last := list[len(list)-1]; !bytes.HasSuffix(last, []byte("\n")) {
				list[len(list)-1] = append(last, '\n')
			}
		default:
			list = append(list, slices.Clone(part))
		}
	}
	return list
}
