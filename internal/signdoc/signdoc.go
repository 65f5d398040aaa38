// Package signdoc is the canonical document that a person signs: what is done, where, by whom, over which answers and
// files, once and until when. One key of the National Certification Authority serves both log-in and signing, so the
// signed bytes themselves must say their purpose; and a signature is worth something later only if the bytes can be
// made again exactly.
//
// # Encoding
//
// One JSON object (RFC 8259), UTF-8, no white space, no byte order mark, every field present and in this order:
//
//	schema, purpose, origin, environment, iin, bin, application, version, answers,
//	attachments [key, name, digest, size], nonce, issued, expires
//
// An absent text is "", no attachments are []. Numbers are decimal integers. Times are UTC with second precision,
// 2006-01-02T15:04:05Z. In strings only ", \ and the characters below U+0020 are escaped, the latter always as \u00xx in
// lower case; nothing else is, and no Unicode normalisation is applied: the name of a file is signed as it was given.
package signdoc

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/fault"
)

// Schema is the first field of every signed document. Another encoding gets another number.
const Schema = "elicense-signature/1"

// Limits.
const (
	// MaxSize is the largest encoded document, in bytes.
	MaxSize = 256 << 10
	// MaxAttachments is how many attachments a document may name.
	MaxAttachments = 500
)

// The faults of this package.
const (
	KeyDocument    = "signature.document"          // not a canonical document
	KeySchema      = "signature.schema"            // a document of another schema
	KeyPurpose     = "signature.other-purpose"     // signed for something else
	KeyOrigin      = "signature.other-origin"      // signed for another portal
	KeyEnvironment = "signature.other-environment" // signed for the demonstration or a test
	KeyExpired     = "signature.document-expired"  // signed too late
	KeyEarly       = "signature.document-early"    // not issued yet: a clock is wrong
	KeyOtherPerson = "signature.other-person"      // the certificate is of another person
	KeyOtherEntity = "signature.other-entity"      // the certificate is of another organisation
	KeyNoRight     = "signature.no-right-to-sign"  // the certificate gives no right to sign for the organisation
)

// Purpose is the act a signature stands for.
type Purpose string

// The purposes. A signature made for one is never valid for another.
const (
	Registration Purpose = "registration"
	Recovery     Purpose = "recovery"
	Login        Purpose = "login"
	Application  Purpose = "application"
	Correction   Purpose = "correction"
	Withdrawal   Purpose = "withdrawal"
	Decision     Purpose = "decision"
	Act          Purpose = "act" // of officials with an issued permit: Application is its number, Version the number of the act
)

// Purposes lists every purpose.
func Purposes() []Purpose {
	return []Purpose{Registration, Recovery, Login, Application, Correction, Withdrawal, Decision, Act}
}

// aboutApplication tells the purposes that speak of one version of one application.
func (p Purpose) aboutApplication() bool {
	switch p {
	case Application, Correction, Withdrawal, Decision, Act:
		return true
	}
	return false
}

// Attachment names one file by its content.
type Attachment struct {
	Key    string // key of the form's field
	Name   string // as the person called it
	Digest string // SHA-256 of the content, lower-case hex
	Size   int64  // bytes
}

// Document is what is signed.
type Document struct {
	Purpose     Purpose
	Origin      string // scheme://host[:port] of the portal, lower case
	Environment string // "production", "demo", ...: a signature never passes from one to another
	IIN         string // the person expected to sign; empty only where the log-in shall tell it
	BIN         string // the organisation the person acts for; empty for an individual
	Application string // application number; with Version and Answers, for purposes that speak of an application
	Version     int    // version of the application, from 1
	Answers     string // SHA-256 of the canonical bytes of the answers (or of the decision, the registration), lower-case hex
	Attachments []Attachment
	Nonce       string    // single-use, bound to the session; 22 to 128 of A-Z a-z 0-9 - _
	Issued      time.Time // UTC, whole seconds
	Expires     time.Time // UTC, whole seconds: signatures received later are refused
}

// bad is the fault of a document that must not be signed or believed.
func bad(reason string) error {
	return fault.New(fault.Invalid, KeyDocument).Because(errors.New(reason))
}

// Bytes is the canonical encoding. It refuses with KeyDocument a document that is incomplete for its purpose or holds
// text that is not UTF-8.
func (d Document) Bytes() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 640+160*len(d.Attachments))
	b = text(append(b, `{"schema":`...), Schema)
	b = text(append(b, `,"purpose":`...), string(d.Purpose))
	b = text(append(b, `,"origin":`...), d.Origin)
	b = text(append(b, `,"environment":`...), d.Environment)
	b = text(append(b, `,"iin":`...), d.IIN)
	b = text(append(b, `,"bin":`...), d.BIN)
	b = text(append(b, `,"application":`...), d.Application)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(d.Version), 10)
	b = text(append(b, `,"answers":`...), d.Answers)
	b = append(b, `,"attachments":[`...)
	for i, a := range d.Attachments {
		if i > 0 {
			b = append(b, ',')
		}
		b = text(append(b, `{"key":`...), a.Key)
		b = text(append(b, `,"name":`...), a.Name)
		b = text(append(b, `,"digest":`...), a.Digest)
		b = strconv.AppendInt(append(b, `,"size":`...), a.Size, 10)
		b = append(b, '}')
	}
	b = text(append(b, `],"nonce":`...), d.Nonce)
	b = text(append(b, `,"issued":`...), stamp(d.Issued))
	b = text(append(b, `,"expires":`...), stamp(d.Expires))
	b = append(b, '}')
	if len(b) > MaxSize {
		return nil, bad("document over the size limit")
	}
	return b, nil
}

// Digest is the SHA-256 of Bytes in lower-case hex. It fails as Bytes does.
func (d Document) Digest() (string, error) {
	b, err := d.Bytes()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// stamp writes a time as it is signed; fractions of a second are cut off.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// text appends a JSON string with the one permitted escaping.
func text(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// wire mirrors the encoding for reading.
type wire struct {
	Schema      string `json:"schema"`
	Purpose     string `json:"purpose"`
	Origin      string `json:"origin"`
	Environment string `json:"environment"`
	IIN         string `json:"iin"`
	BIN         string `json:"bin"`
	Application string `json:"application"`
	Version     int    `json:"version"`
	Answers     string `json:"answers"`
	Attachments []struct {
		Key    string `json:"key"`
		Name   string `json:"name"`
		Digest string `json:"digest"`
		Size   int64  `json:"size"`
	} `json:"attachments"`
	Nonce   string `json:"nonce"`
	Issued  string `json:"issued"`
	Expires string `json:"expires"`
}

// Parse reads a canonical document. Anything whose encoding would differ by one byte (another order, a space, a
// doubled or unknown field, an unneeded escape) is refused with KeyDocument; another schema with KeySchema.
func Parse(b []byte) (Document, error) {
	if len(b) > MaxSize {
		return Document{}, bad("document over the size limit")
	}
	var w wire
	in := json.NewDecoder(bytes.NewReader(b))
	in.DisallowUnknownFields()
	if err := in.Decode(&w); err != nil {
		return Document{}, bad("not the JSON of a document")
	}
	if w.Schema != Schema {
		return Document{}, fault.New(fault.Invalid, KeySchema)
	}
	d := Document{
		Purpose: Purpose(w.Purpose), Origin: w.Origin, Environment: w.Environment, IIN: w.IIN, BIN: w.BIN,
		Application: w.Application, Version: w.Version, Answers: w.Answers, Nonce: w.Nonce,
	}
	for _, a := range w.Attachments {
		d.Attachments = append(d.Attachments, Attachment(a))
	}
	var err1, err2 error
	d.Issued, err1 = time.Parse(time.RFC3339, w.Issued)
	d.Expires, err2 = time.Parse(time.RFC3339, w.Expires)
	if err1 != nil || err2 != nil {
		return Document{}, bad("times that cannot be read")
	}
	d.Issued, d.Expires = d.Issued.UTC(), d.Expires.UTC()
	again, err := d.Bytes()
	if err != nil {
		return Document{}, err
	}
	if !bytes.Equal(again, b) {
		return Document{}, bad("not in the canonical encoding")
	}
	return d, nil
}

// check refuses a document that is incomplete for its purpose.
func (d Document) check() error {
	switch {
	case !slices.Contains(Purposes(), d.Purpose):
		return bad("unknown purpose")
	case !origin(d.Origin):
		return bad("origin is not scheme://host[:port]")
	case !of(d.Environment, 1, 32, lower+"-"):
		return bad("environment is not a short name")
	case d.IIN != "" && !digits(d.IIN), d.IIN == "" && d.Purpose != Login:
		return bad("iin")
	case d.BIN != "" && !digits(d.BIN):
		return bad("bin")
	case !of(d.Nonce, 22, 128, lower+upper+"-_"):
		return bad("nonce")
	case len(d.Attachments) > MaxAttachments:
		return bad("too many attachments")
	case strangeYear(d.Issued) || strangeYear(d.Expires) || !d.Issued.Truncate(time.Second).Before(d.Expires.Truncate(time.Second)):
		return bad("times")
	}
	if err := d.checkApplication(); err != nil {
		return err
	}
	for _, a := range d.Attachments {
		if a.Key == "" || !utf8.ValidString(a.Key) || !utf8.ValidString(a.Name) || !sha(a.Digest) || a.Size < 0 {
			return bad("attachment")
		}
	}
	return nil
}

// checkApplication checks the fields that only acts about an application have. Registration and recovery may bind what
// takes effect with them (address, telephone, password) by its digest in Answers, so that it cannot be exchanged.
func (d Document) checkApplication() error {
	if !d.Purpose.aboutApplication() {
		switch {
		case d.Application != "" || d.Version != 0 || len(d.Attachments) != 0:
			return bad("a purpose without application names one")
		case d.Answers != "" && (d.Purpose == Login || !sha(d.Answers)):
			return bad("answers")
		}
		return nil
	}
	if !of(d.Application, 4, 32, upper) || d.Version < 1 || !sha(d.Answers) {
		return bad("application, version or answers")
	}
	return nil
}

// strangeYear tells a time that cannot be meant: before 2000, or with no RFC 3339 form.
func strangeYear(t time.Time) bool { y := t.UTC().Year(); return y < 2000 || y > 9999 }

// Alphabets.
const (
	lower = "abcdefghijklmnopqrstuvwxyz0123456789"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// of tells a text of min to max characters of an alphabet.
func of(s string, min, max int, alphabet string) bool {
	return len(s) >= min && len(s) <= max && strings.Trim(s, alphabet) == ""
}

// origin tells scheme://host[:port] in lower case, without a path.
func origin(s string) bool {
	host, ok := strings.CutPrefix(s, "https://")
	if !ok {
		host, ok = strings.CutPrefix(s, "http://")
	}
	return ok && of(host, 1, 253, lower+".-[]:")
}

// digits tells twelve digits.
func digits(s string) bool { return of(s, 12, 12, "0123456789") }

// sha tells a SHA-256 in lower-case hex.
func sha(s string) bool { return of(s, 64, 64, "0123456789abcdef") }
