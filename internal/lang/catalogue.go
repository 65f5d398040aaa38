package lang

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
)

// Catalogue is every message of the interface in every language. It is read once and safe for use from many goroutines.
type Catalogue struct {
	printers map[Lang]*Printer

	mu      sync.Mutex
	missing map[string]int
}

// maxMissing bounds the memory that wrong keys may take.
const maxMissing = 1000

// message is one entry of a locale file: a text with {placeholders}, or one text per plural form.
type message struct {
	text  string
	forms map[string]string // nil for a plain text; else by the CLDR names one, few, many, other
}

// Printer writes in one language: messages, dates, numbers, money. It is safe for use from many goroutines.
type Printer struct {
	Lang      Lang
	messages  map[string]message
	catalogue *Catalogue
	almaty    *time.Location
}

// Load reads the locale files at the root of a file system: for each language <lang>.json and, one file per part of the
// product, <part>.<lang>.json. Each is one flat object whose values are texts or objects of plural forms: {"one": …,
// "few": …, "many": …, "other": …}. Unknown forms, keys that stand twice, broken placeholders and empty texts are errors
// that name file and key.
func Load(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{printers: map[Lang]*Printer{}, missing: map[string]int{}}
	almaty := Almaty()
	var errs []error
	for _, l := range All() {
		names, err := fs.Glob(fsys, "*"+string(l)+".json")
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("locale %s.json: %w", l, fs.ErrNotExist)
		}
		messages := map[string]message{}
		for _, name := range names {
			if err := loadFile(fsys, name, messages); err != nil {
				errs = append(errs, fmt.Errorf("locale %s: %w", name, err))
			}
		}
		c.printers[l] = &Printer{Lang: l, messages: messages, catalogue: c, almaty: almaty}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return c, nil
}

// loadFile adds the messages of one file to those of its language.
func loadFile(fsys fs.FS, name string, into map[string]message) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	messages, err := parseMessages(data)
	if err != nil {
		return err
	}
	for key, m := range messages {
		if _, twice := into[key]; twice {
			return fmt.Errorf("%s: the key stands in another file too", key)
		}
		into[key] = m
	}
	return nil
}

func parseMessages(data []byte) (map[string]message, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	messages := map[string]message{}
	for decoder.More() { // token by token, since Unmarshal would hide a repeated key
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("offset %d: not a key", decoder.InputOffset())
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if _, twice := messages[key]; twice {
			return nil, fmt.Errorf("%s: the key stands twice", key)
		}
		if messages[key], err = parseMessage(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows the object")
	}
	return messages, nil
}

func parseMessage(raw json.RawMessage) (message, error) {
	var m message
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &m.forms); err != nil {
			return m, err
		}
		if len(m.forms) == 0 {
			return m, errors.New("no plural form")
		}
		for form, text := range m.forms {
			if !slices.Contains([]string{"one", "few", "many", "other"}, form) {
				return m, fmt.Errorf("unknown plural form %q", form)
			}
			if err := checkText(text); err != nil {
				return m, fmt.Errorf("%s: %w", form, err)
			}
		}
		return m, nil
	}
	if err := json.Unmarshal(raw, &m.text); err != nil {
		return m, err
	}
	return m, checkText(m.text)
}

func checkText(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("empty text")
	}
	for rest := text; ; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			return nil
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 0 || !placeholderName(rest[open+1:open+end]) {
			return errors.New("broken placeholder")
		}
		rest = rest[open+end+1:]
	}
}

func placeholderName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// In is the printer of a language; an unknown language gets Kazakh.
func (c *Catalogue) In(l Lang) *Printer {
	if p := c.printers[l]; p != nil {
		return p
	}
	return c.printers[KK]
}

// Missing counts the lookups that found no message, by "language key", for the log and for tests.
func (c *Catalogue) Missing() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]int, len(c.missing))
	for k, n := range c.missing {
		out[k] = n
	}
	return out
}

// Has tells whether a message exists in the printer's language.
func (p *Printer) Has(key string) bool {
	_, ok := p.messages[key]
	return ok
}

// T is a message with its placeholders filled from name, value pairs: T("queue.of", "total", "12"). A key without a
// message shows as ⟦key⟧ and is counted; a placeholder without a value stays as it stands. A plural message gives its
// general form: use N for numbers.
func (p *Printer) T(key string, kv ...string) string {
	m, ok := p.messages[key]
	if !ok {
		return p.lost(key)
	}
	return fill(m.form("other"), kv)
}

// N is a message in the plural form that belongs to n. {n} is the number as the language writes it, unless kv has its own.
func (p *Printer) N(key string, n int, kv ...string) string {
	m, ok := p.messages[key]
	if !ok {
		return p.lost(key)
	}
	return fill(m.form(pluralForm(p.Lang, n)), append(slices.Clip(kv), "n", p.Int(int64(n))))
}

func (p *Printer) lost(key string) string {
	c := p.catalogue
	c.mu.Lock()
	defer c.mu.Unlock()
	name := string(p.Lang) + " " + key
	if _, known := c.missing[name]; known || len(c.missing) < maxMissing {
		c.missing[name]++
	}
	return "⟦" + key + "⟧"
}

// form is the text of a plural form, or of the nearest one that exists.
func (m message) form(name string) string {
	if m.forms == nil {
		return m.text
	}
	for _, try := range []string{name, "other", "many", "few", "one"} {
		if text := m.forms[try]; text != "" {
			return text
		}
	}
	return ""
}

// pluralForm is the CLDR cardinal form of a whole number.
func pluralForm(l Lang, n int) string {
	digits := n % 1_000_000 // the rules look at the last digits only
	if digits < 0 {
		digits = -digits
	}
	if (n >= 1_000_000 || n <= -1_000_000) && digits < 100 {
		digits += 1_000_000 // a million and one is not one
	}
	switch plural.Cardinal.MatchPlural(l.tag(), digits, 0, 0, 0, 0) {
	case plural.One:
		return "one"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

// fill replaces {name} by its value in one pass, so that a value may hold braces.
func fill(text string, kv []string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		end := strings.IndexByte(text, '}')
		if open < 0 || end < open {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:open])
		b.WriteString(value(text[open+1:end], text[open:end+1], kv))
		text = text[end+1:]
	}
}

func value(name, otherwise string, kv []string) string {
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i] == name {
			return kv[i+1]
		}
	}
	return otherwise
}
