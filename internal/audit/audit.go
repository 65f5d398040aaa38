// Package audit defines the row that every change leaves behind, in canonical bytes that can be checked for ever.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
)

// Schema names the encoding. It is part of the bytes: another encoding would be another schema, and old rows keep theirs.
const Schema = "elicense-audit/1"

// Entry is one audit row: who did what to what, when. Details hold digests, states and numbers of documents, no personal
// data: a person's data can be erased elsewhere while the row stays provable.
type Entry struct {
	ID      string // UUID of version 7
	Salt    []byte // 16 random bytes: a digest of the row gives nothing away about guessable contents
	At      time.Time
	Actor   string // account id or role
	Action  string // such as "application.submitted"
	Object  string // such as "application/KZ…"
	Details map[string]string
}

// wire fixes the order of the keys. encoding/json writes struct fields in order and map keys sorted, without white
// space; HTML escaping is off. The time is UTC in microseconds.
type wire struct {
	Schema  string            `json:"schema"`
	ID      string            `json:"id"`
	Salt    string            `json:"salt"`
	At      int64             `json:"at"`
	Actor   string            `json:"actor"`
	Action  string            `json:"action"`
	Object  string            `json:"object"`
	Details map[string]string `json:"details"`
}

// Bytes are the canonical bytes of the row.
func (e Entry) Bytes() []byte {
	details := e.Details
	if details == nil {
		details = map[string]string{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// A struct of strings, an int and a map of strings cannot fail to encode.
	_ = enc.Encode(wire{Schema, e.ID, hex.EncodeToString(e.Salt), e.At.UnixMicro(), e.Actor, e.Action, e.Object, details})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Digest is the SHA-256 of the canonical bytes, hex.
func (e Entry) Digest() string {
	sum := sha256.Sum256(e.Bytes())
	return hex.EncodeToString(sum[:])
}

// Parse reads canonical bytes; bytes whose re-encoding differs are refused.
func Parse(b []byte) (Entry, error) {
	var w wire
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		return Entry{}, err
	}
	salt, err := hex.DecodeString(w.Salt)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{ID: w.ID, Salt: salt, At: time.UnixMicro(w.At).UTC(), Actor: w.Actor, Action: w.Action, Object: w.Object, Details: w.Details}
	if w.Schema != Schema || !bytes.Equal(e.Bytes(), b) {
		return Entry{}, errors.New("audit: not canonical")
	}
	return e, nil
}
