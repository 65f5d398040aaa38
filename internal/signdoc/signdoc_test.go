package signdoc

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"elicense/internal/fault"

	"pgregory.net/rapid"
)

func sample() Document {
	return Document{
		Purpose: Application, Origin: "https://elicense.example", Environment: "production",
		IIN: "850101300012", BIN: "200140000015", Application: "KZ19RFB00000009", Version: 3,
		Answers: strings.Repeat("ab", 32),
		Attachments: []Attachment{
			{Key: "passport", Name: `Төлқұжат "көшірме"\1.pdf` + "\n", Digest: strings.Repeat("0f", 32), Size: 12345},
			{Key: "plan", Name: "план.pdf", Digest: strings.Repeat("1e", 32), Size: 0},
		},
		Nonce:  "0123456789abcdefABCDEF-_",
		Issued: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Expires: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC),
	}
}

// The encoding is a promise to those who verify a signature years later: this test may never be changed.
func TestEncodingIsFrozen(t *testing.T) {
	got, err := sample().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema":"elicense-signature/1","purpose":"application","origin":"https://elicense.example","environment":"production",` +
		`"iin":"850101300012","bin":"200140000015","application":"KZ19RFB00000009","version":3,"answers":"` + strings.Repeat("ab", 32) +
		`","attachments":[{"key":"passport","name":"Төлқұжат \"көшірме\"\\1.pdf\u000a","digest":"` + strings.Repeat("0f", 32) +
		`","size":12345},{"key":"plan","name":"план.pdf","digest":"` + strings.Repeat("1e", 32) +
		`","size":0}],"nonce":"0123456789abcdefABCDEF-_","issued":"2026-11-22T09:00:00Z","expires":"2026-11-22T09:30:00Z"}`
	if string(got) != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	digest, err := sample().Digest()
	if err != nil || digest != "7e60a5299a5b3e422121a9831cbad39f641a9a8fcb20b954f36bc100b3c04a7c" {
		t.Fatalf("digest %q, %v", digest, err)
	}
}

func TestParseRefusesEveryOtherEncoding(t *testing.T) {
	b, err := sample().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	s := string(b)
	for name, other := range map[string]string{
		"space":            strings.Replace(s, `":3`, `": 3`, 1),
		"trailing newline": s + "\n",
		"second value":     s + "{}",
		"order":            strings.Replace(s, `"iin":"850101300012","bin":"200140000015"`, `"bin":"200140000015","iin":"850101300012"`, 1),
		"doubled field":    strings.Replace(s, `"iin":"850101300012"`, `"iin":"850101300012","iin":"850101300012"`, 1),
		"doubled purpose":  strings.Replace(s, `"purpose":"application"`, `"purpose":"login","purpose":"application"`, 1),
		"unknown field":    strings.Replace(s, `"version":3`, `"version":3,"x":1`, 1),
		"letter case":      strings.Replace(s, `"iin"`, `"IIN"`, 1),
		"needless escape":  strings.Replace(s, `elicense.example`, `elicense\u002eexample`, 1),
		"upper-case hex":   strings.Replace(s, `\u000a`, `\u000A`, 1),
		"short escape":     strings.Replace(s, `\u000a`, `\n`, 1),
		"missing field":    strings.Replace(s, `"bin":"200140000015",`, ``, 1),
		"null":             strings.Replace(s, `"bin":"200140000015"`, `"bin":null`, 1),
		"exponent":         strings.Replace(s, `"version":3`, `"version":3e0`, 1),
		"time zone":        strings.Replace(s, `09:30:00Z`, `14:30:00+05:00`, 1),
		"fraction":         strings.Replace(s, `09:30:00Z`, `09:30:00.5Z`, 1),
		"not UTF-8":        strings.Replace(s, `план`, "\xff", 1),
		"surrogate":        strings.Replace(s, `план`, `\ud800`, 1),
		"byte order mark":  "\ufeff" + s,
		"empty":            "",
	} {
		if other == s {
			t.Fatalf("%s: the case changes nothing", name)
		}
		if _, err := Parse([]byte(other)); !fault.Is(err, KeyDocument) {
			t.Errorf("%s: %v, want %s", name, err, KeyDocument)
		}
	}
	if _, err := Parse([]byte(strings.Replace(s, "signature/1", "signature/2", 1))); !fault.Is(err, KeySchema) {
		t.Errorf("other schema: %v", err)
	}
}

func TestIncompleteDocumentsAreNotEncoded(t *testing.T) {
	for name, change := range map[string]func(*Document){
		"purpose":            func(d *Document) { d.Purpose = "payment" },
		"origin with path":   func(d *Document) { d.Origin += "/kk" },
		"origin upper case":  func(d *Document) { d.Origin = "https://Elicense.example" },
		"no environment":     func(d *Document) { d.Environment = "" },
		"no iin":             func(d *Document) { d.IIN = "" },
		"short bin":          func(d *Document) { d.BIN = "2001400000" },
		"no number":          func(d *Document) { d.Application = "" },
		"no version":         func(d *Document) { d.Version = 0 },
		"upper-case digest":  func(d *Document) { d.Answers = strings.ToUpper(d.Answers) },
		"short nonce":        func(d *Document) { d.Nonce = "abc" },
		"no expiry":          func(d *Document) { d.Expires = time.Time{} },
		"expires at once":    func(d *Document) { d.Expires = d.Issued.Add(300 * time.Millisecond) },
		"attachment digest":  func(d *Document) { d.Attachments[0].Digest = "" },
		"attachment size":    func(d *Document) { d.Attachments[0].Size = -1 },
		"attachment name":    func(d *Document) { d.Attachments[0].Name = "\xc3" },
		"login with answers": func(d *Document) { d.Purpose = Login },
		"many attachments":   func(d *Document) { d.Attachments = make([]Attachment, MaxAttachments+1) },
	} {
		d := sample()
		change(&d)
		if _, err := d.Bytes(); !fault.Is(err, KeyDocument) {
			t.Errorf("%s: %v, want %s", name, err, KeyDocument)
		}
		if _, err := d.Digest(); err == nil {
			t.Errorf("%s: has a digest", name)
		}
	}
}

func TestRegistrationBindsItsData(t *testing.T) {
	for _, purpose := range []Purpose{Registration, Recovery, Login} {
		d := sample()
		d.Purpose, d.Application, d.Version, d.Attachments = purpose, "", 0, nil
		if _, err := d.Bytes(); (err == nil) != (purpose != Login) {
			t.Errorf("%s with the digest of its data: %v", purpose, err)
		}
		d.Answers = "not a digest"
		if _, err := d.Bytes(); !fault.Is(err, KeyDocument) {
			t.Errorf("%s with something else: %v", purpose, err)
		}
		d.Answers = ""
		if _, err := d.Bytes(); err != nil {
			t.Errorf("%s without: %v", purpose, err)
		}
	}
}

func drawn(t *rapid.T) Document {
	hex := rapid.StringMatching(`[0-9a-f]{64}`)
	d := Document{
		Purpose: rapid.SampledFrom(Purposes()).Draw(t, "purpose"), Origin: "http://127.0.0.1:8080", Environment: "demo",
		IIN: rapid.StringMatching(`[0-9]{12}`).Draw(t, "iin"), BIN: rapid.StringMatching(`([0-9]{12})?`).Draw(t, "bin"),
		Nonce:  rapid.StringMatching(`[A-Za-z0-9_-]{22,40}`).Draw(t, "nonce"),
		Issued: time.Unix(rapid.Int64Range(1_700_000_000, 4_000_000_000).Draw(t, "issued"), 0).UTC(),
	}
	d.Expires = d.Issued.Add(time.Duration(rapid.IntRange(1, 86400).Draw(t, "for")) * time.Second)
	if d.Purpose.aboutApplication() {
		d.Application = rapid.StringMatching(`KZ[0-9]{2}[A-Z]{3}[0-9]{8}`).Draw(t, "number")
		d.Version = rapid.IntRange(1, 1000).Draw(t, "version")
		d.Answers = hex.Draw(t, "answers")
		for range rapid.IntRange(0, 3).Draw(t, "files") {
			d.Attachments = append(d.Attachments, Attachment{Key: rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "key"), Name: rapid.String().Draw(t, "name"),
				Digest: hex.Draw(t, "digest"), Size: rapid.Int64Range(0, 1<<40).Draw(t, "size")})
		}
	}
	return d
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawn(t)
		b, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(b)
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Fatalf("%v: got %+v want %+v", err, again, d)
		}
	})
}

func FuzzParse(f *testing.F) {
	b, err := sample().Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"schema":"elicense-signature/1"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		d, err := Parse(in)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		again, err := d.Bytes()
		if err != nil || !bytes.Equal(again, in) {
			t.Fatalf("accepted %q, encodes as %q (%v)", in, again, err)
		}
	})
}

func TestAccept(t *testing.T) {
	d := sample()
	right := Expect{Purpose: Application, Origin: d.Origin, Environment: d.Environment, At: d.Issued.Add(time.Minute)}
	if err := d.Accept(right); err != nil {
		t.Fatal(err)
	}
	for key, change := range map[string]func(*Expect){
		KeyPurpose:     func(e *Expect) { e.Purpose = Login },
		KeyOrigin:      func(e *Expect) { e.Origin = "https://other.example" },
		KeyEnvironment: func(e *Expect) { e.Environment = "demo" },
		KeyExpired:     func(e *Expect) { e.At = d.Expires },
		KeyEarly:       func(e *Expect) { e.At = d.Issued.Add(-skew - time.Second) },
	} {
		e := right
		change(&e)
		if err := d.Accept(e); !fault.Is(err, key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestAcceptSigner(t *testing.T) {
	entity := sample()
	person := sample()
	person.BIN = ""
	login := Document{Purpose: Login}
	office := sample()
	office.Purpose = Decision
	head := []string{"legal-entity", "head"}
	cases := []struct {
		name      string
		d         Document
		s         Signer
		delegated bool
		want      string
	}{
		{"person", person, Signer{IIN: person.IIN, Roles: []string{"individual"}}, false, ""},
		{"another person", person, Signer{IIN: "850101300013", Roles: []string{"individual"}}, false, KeyOtherPerson},
		{"organisation's key for the person", person, Signer{IIN: person.IIN, BIN: entity.BIN, Roles: head}, false, KeyOtherEntity},
		{"head", entity, Signer{IIN: entity.IIN, BIN: entity.BIN, Roles: head}, false, ""},
		{"right to sign", entity, Signer{IIN: entity.IIN, BIN: entity.BIN, Roles: []string{"legal-entity", "right-to-sign"}}, false, ""},
		{"employee", entity, Signer{IIN: entity.IIN, BIN: entity.BIN, Roles: []string{"legal-entity", "employee"}}, false, KeyNoRight},
		{"head without legal entity", entity, Signer{IIN: entity.IIN, BIN: entity.BIN, Roles: []string{"head"}}, false, KeyNoRight},
		{"employee with a power of attorney", entity, Signer{IIN: entity.IIN, BIN: entity.BIN, Roles: []string{"legal-entity", "employee"}}, true, ""},
		{"person with a power of attorney", entity, Signer{IIN: entity.IIN, Roles: []string{"individual"}}, true, ""},
		{"person without", entity, Signer{IIN: entity.IIN, Roles: []string{"individual"}}, false, KeyOtherEntity},
		{"another organisation with a power of attorney", entity, Signer{IIN: entity.IIN, BIN: "200140000016", Roles: head}, true, KeyOtherEntity},
		{"officer decides", office, Signer{IIN: office.IIN, BIN: office.BIN, Roles: []string{"legal-entity", "employee"}}, false, ""},
		{"open log-in", login, Signer{IIN: person.IIN, BIN: entity.BIN, Roles: head}, false, ""},
	}
	for _, c := range cases {
		err := c.d.AcceptSigner(c.s, c.delegated)
		if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func BenchmarkBytes(b *testing.B) {
	d := sample()
	for b.Loop() {
		if _, err := d.Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}
