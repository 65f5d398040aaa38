// Package gov asks the state registers of legal entities and of persons what they know about an applicant, over HTTP.
//
// The protocol is small, so that whatever stands between the portal and the state's gateway can speak it:
//
//	POST <base>/legal-entity   {"bin": "…"}
//	POST <base>/person         {"iin": "…"}
//	GET  <base>/status         200 when the registers can be asked
//
// Every request carries "Authorization: Bearer <token>". Numbers travel in bodies and never in addresses, which other
// people's logs keep. An answer is 200 with one JSON object (see entity and person), or 404 for a number that the
// register does not know. Everything else, an answer that is late, too large, of another shape or about another number
// included, counts as no answer.
package gov

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
)

// The bounds of an answer.
const (
	maxAnswer = 64 << 10 // bytes
	maxValues = 64
	maxText   = 1_000 // bytes of one value
)

// Config says where the registers are.
type Config struct {
	URL     string        // base address; https, or http on this machine
	Token   string        // shown to the registers, never logged
	Timeout time.Duration // of one question; 0 = 3 s
	Now     func() time.Time
	Log     *slog.Logger
	// Client is what a test trusts; nil = the system's.
	Client *http.Client
}

// Registers implements port.Registers. It is safe for use by many goroutines.
type Registers struct {
	cfg     Config
	base    string
	client  *http.Client
	breaker breaker
}

// The port's contract holds.
var _ port.Registers = (*Registers)(nil)

// New makes the client; nothing is asked yet. An address that would show the token to the network is an error.
func New(cfg Config) (*Registers, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("gov: the address of the registers begins with https://, or with http:// on this machine")
	}
	if cfg.Token == "" || cfg.Now == nil || cfg.Log == nil {
		return nil, errors.New("gov: no token, clock or log")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 3 * time.Second
	}
	client := &http.Client{}
	if cfg.Client != nil {
		*client = *cfg.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Registers{cfg: cfg, base: strings.TrimRight(cfg.URL, "/"), client: client}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// entity is the answer about a legal entity.
type entity struct {
	BIN      string            `json:"bin"`
	Name     text              `json:"name"`
	Head     string            `json:"head"` // full name
	Position text              `json:"position"`
	Values   map[string]string `json:"values"` // typical fields by key: city, postal_index, street_ru …
}

// person is the answer about an individual.
type person struct {
	IIN    string            `json:"iin"`
	Values map[string]string `json:"values"`
}

type text struct {
	KK string `json:"kk"`
	RU string `json:"ru"`
	EN string `json:"en"`
}

// LegalEntity implements port.Registers.
func (r *Registers) LegalEntity(ctx context.Context, bin string) (port.LegalEntity, error) {
	var e entity
	at, err := r.ask(ctx, "legal-entity", map[string]string{"bin": bin}, &e, func() error {
		if e.BIN != bin {
			return errors.New("the answer is about another number")
		}
		return sound(e.Values, e.Name.KK, e.Name.RU, e.Name.EN, e.Head, e.Position.KK, e.Position.RU, e.Position.EN)
	})
	if err != nil {
		return port.LegalEntity{}, err
	}
	return port.LegalEntity{BIN: e.BIN, Name: lang.Text(e.Name), Head: e.Head, Position: lang.Text(e.Position), Values: e.Values, FetchedAt: at}, nil
}

// Person implements port.Registers.
func (r *Registers) Person(ctx context.Context, iin string) (port.Person, error) {
	var p person
	at, err := r.ask(ctx, "person", map[string]string{"iin": iin}, &p, func() error {
		if p.IIN != iin {
			return errors.New("the answer is about another number")
		}
		return sound(p.Values)
	})
	if err != nil {
		return port.Person{}, err
	}
	return port.Person{IIN: p.IIN, Values: p.Values, FetchedAt: at}, nil
}

// Ping tells whether the registers can be asked, whatever was seen of them before.
func (r *Registers) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	status, _, err := r.send(ctx, http.MethodGet, "status", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

// sound checks that texts are texts and no more than anyone needs.
func sound(values map[string]string, texts ...string) error {
	if len(values) > maxValues {
		return errors.New("too many values")
	}
	for key, value := range values {
		if key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || len(key) > 64 {
			return errors.New("a value has no proper key")
		}
		texts = append(texts, value)
	}
	for _, t := range texts {
		if len(t) > maxText || !utf8.ValidString(t) || strings.ContainsFunc(t, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return errors.New("a value is too long or not plain text")
		}
	}
	return nil
}

// ask puts one question, unless the registers failed too often just now. check looks at the decoded answer.
func (r *Registers) ask(ctx context.Context, what string, question map[string]string, answer any, check func() error) (time.Time, error) {
	unavailable := fault.New(fault.Unavailable, "registry.unavailable")
	if !r.breaker.allow(r.cfg.Now()) {
		return time.Time{}, unavailable.Because(errors.New("gov: not asked, it failed too often"))
	}
	asked, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	status, err := r.exchange(asked, what, question, answer)
	if err == nil && status == http.StatusOK {
		err = check()
	}
	now := r.cfg.Now()
	if err != nil && ctx.Err() != nil { // the person went away: that says nothing of the register
		r.breaker.forget()
		return time.Time{}, unavailable.Because(ctx.Err())
	}
	if turned := r.breaker.learn(now, err == nil); turned {
		r.cfg.Log.WarnContext(ctx, "state registers", "answering", err == nil)
	}
	switch {
	case err != nil:
		r.cfg.Log.WarnContext(ctx, "state registers", "question", what, "error", err)
		return time.Time{}, unavailable.Because(err)
	case status == http.StatusNotFound:
		return time.Time{}, fault.New(fault.NotFound, "registry.not-found")
	}
	return now, nil
}

// exchange sends a question and decodes the answer. The status is 200 or 404 when there is no error.
func (r *Registers) exchange(ctx context.Context, what string, question map[string]string, answer any) (int, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return 0, err
	}
	status, got, err := r.send(ctx, http.MethodPost, what, body)
	if err != nil || status == http.StatusNotFound {
		return status, err
	}
	if status != http.StatusOK {
		return status, fmt.Errorf("status %d", status)
	}
	return status, decode(got, answer)
}

// decode reads exactly one object without unknown members. Its errors hold nothing of the answer.
func decode(b []byte, into any) error {
	if !utf8.Valid(b) {
		return errors.New("the answer is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		return errors.New("the answer has another shape")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the answer goes on after its end")
	}
	return nil
}

// send makes one request. Its errors name neither the token nor what was asked.
func (r *Registers) send(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.base+"/"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.cfg.Token)
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := r.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }() // nothing to learn from closing what was read
	got, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(got) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	}
	return response.StatusCode, got, err
}
