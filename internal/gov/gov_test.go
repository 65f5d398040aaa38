package gov

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/demo"
	"elicense/internal/demo/registers"
	"elicense/internal/fault"
)

const token = "a token of twenty-four b"

func start() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// clock is moved by hand.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return start().Add(time.Duration(c.ahead.Load())) }

// client asks a handler, and keeps what it logged.
func client(t *testing.T, h http.Handler, c *clock) (*Registers, *strings.Builder) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		readFirst(q) // a server notices that the asker left only when it has read the question
		h.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	var log strings.Builder
	r, err := New(Config{URL: server.URL + "/", Token: token, Timeout: time.Second, Now: c.now, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return r, &log
}

// The demonstration's registers give over HTTP what they give directly.
func TestRegisters(t *testing.T) {
	c := &clock{}
	double := registers.New(c.now)
	r, _ := client(t, double.Handler(token), c)
	want, err := double.LegalEntity(t.Context(), demo.TradeBIN())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.LegalEntity(t.Context(), demo.TradeBIN()); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v\n%+v\n%v", got, want, err)
	}
	iin := demo.People()[1].Key.IIN
	if got, err := r.Person(t.Context(), iin); err != nil || got.IIN != iin || got.Values["house"] != "8" || !got.FetchedAt.Equal(start()) {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := r.LegalEntity(t.Context(), "200140000015"); err == nil || fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown: %v", err)
	}
	if err := r.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	double.SetDown(true)
	if _, err := r.Person(t.Context(), iin); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("down: %v", err)
	}
	if err := r.Ping(t.Context()); err == nil {
		t.Error("a register that is down answers")
	}
	if r, _ := client(t, double.Handler(token+"x"), c); r.Ping(t.Context()) == nil {
		t.Error("another token will do")
	}
}

// Whatever comes that is no answer counts as none, quickly, and nothing of it or of the question is logged.
func TestNoAnswer(t *testing.T) {
	const bin, secret = "210340701015", "Үлгібаев"
	good := `{"bin":"` + bin + `","name":{"kk":"а","ru":"б","en":"c"},"head":"` + secret + `","position":{"kk":"","ru":"","en":""},"values":{"city":"710000000"}}`
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	status := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://"+secret+".example/")
			w.WriteHeader(n)
			_, _ = io.WriteString(w, good)
		}
	}
	if r, _ := client(t, body(good), &clock{}); r != nil {
		if e, err := r.LegalEntity(t.Context(), bin); err != nil || e.Head != secret {
			t.Fatalf("control: %+v %v", e, err)
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"500": status(500), "429": status(429), "201": status(201), "redirect": status(302), "401": status(401), "empty": body(""), "garbage": body("<html>"),
		"an array": body("[" + good + "]"), "cut": body(good[:40]), "two": body(good + good), "a member too many": body(strings.Replace(good, `"head"`, `"salary":1,"head"`, 1)),
		"another number": body(strings.Replace(good, bin, "210340701016", 1)), "no number": body(`{}`), "null": body("null"), "a number for a text": body(strings.Replace(good, `"`+secret+`"`, "7", 1)),
		"too large":    body(good[:len(good)-1] + strings.Repeat(" ", maxAnswer) + "}"),
		"a long value": body(strings.Replace(good, "710000000", strings.Repeat("7", maxText+1), 1)),
		"a control":    body(strings.Replace(good, "710000000", `7\u0000`, 1)),
		"an odd key":   body(strings.Replace(good, `"city"`, `"../city"`, 1)),
		"many values":  body(strings.Replace(good, `"city":"710000000"`, manyValues(), 1)),
		"not UTF-8":    body(strings.Replace(good, "710000000", "\xff", 1)),
		"slow":         func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() },
		"drip":         drip,
		"hangs up":     func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
		"length that lies": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			_, _ = io.WriteString(w, good)
		},
	} {
		r, log := client(t, h, &clock{})
		began := time.Now()
		e, err := r.LegalEntity(t.Context(), bin)
		if fault.KindOf(err) != fault.Unavailable || !fault.Is(err, "registry.unavailable") || e.BIN != "" || e.Values != nil {
			t.Errorf("%s: %+v %v", name, e, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		for _, private := range []string{token, bin, secret, "7100"} {
			if strings.Contains(log.String(), private) || err != nil && strings.Contains(err.Error(), private) && private != secret {
				t.Errorf("%s: %q is in the log or the error: %s %v", name, private, log, err)
			}
		}
		if log.Len() == 0 {
			t.Errorf("%s: the operator learns nothing", name)
		}
	}
	gone := httptest.NewServer(nil)
	address := gone.URL
	gone.Close()
	r, err := New(Config{URL: address, Token: token, Now: start, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.LegalEntity(t.Context(), bin); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
}

// readFirst reads the body and leaves it to be read again.
func readFirst(q *http.Request) {
	b, _ := io.ReadAll(q.Body)
	q.Body = io.NopCloser(strings.NewReader(string(b)))
}

func manyValues() string {
	var b strings.Builder
	for i := range maxValues + 1 {
		fmt.Fprintf(&b, `"v%d":"x",`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func drip(w http.ResponseWriter, q *http.Request) {
	for {
		_, _ = io.WriteString(w, " ")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-q.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// after five failures nobody waits any more; one try in ten seconds finds out when the register is back.
func TestBreaker(t *testing.T) {
	c := &clock{}
	double := registers.New(c.now)
	var asked atomic.Int64
	inner := double.Handler(token)
	r, log := client(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked.Add(1)
		inner.ServeHTTP(w, q)
	}), c)
	ask := func() error {
		_, err := r.LegalEntity(t.Context(), demo.TradeBIN())
		return err
	}
	double.SetDown(true)
	for range 50 {
		if fault.KindOf(ask()) != fault.Unavailable {
			t.Fatal("no fault")
		}
	}
	if n := asked.Load(); n != failures {
		t.Errorf("asked %d times", n)
	}
	c.ahead.Add(int64(9 * time.Second))
	_ = ask()
	if n := asked.Load(); n != failures {
		t.Errorf("asked %d times within the pause", n)
	}
	c.ahead.Add(int64(time.Second))
	for range 10 {
		_ = ask()
	}
	if n := asked.Load(); n != failures+1 {
		t.Errorf("%d tries after the pause", n-failures)
	}
	double.SetDown(false)
	c.ahead.Add(int64(10 * time.Second))
	if err := ask(); err != nil {
		t.Errorf("back, and not found out: %v", err)
	}
	if err := ask(); err != nil || asked.Load() != failures+3 {
		t.Errorf("%v after %d questions", err, asked.Load())
	}
	if strings.Count(log.String(), `"answering":false`) != 1 || strings.Count(log.String(), `"answering":true`) != 1 {
		t.Errorf("the log does not say once that it failed and once that it is back:\n%s", log)
	}
	for range 20 { // failures far apart open nothing, unknown numbers are no failures
		double.SetDown(true)
		_ = ask()
		double.SetDown(false)
		c.ahead.Add(int64(4 * time.Second))
		if _, err := r.LegalEntity(t.Context(), "200140000015"); fault.KindOf(err) != fault.NotFound {
			t.Fatal(err)
		}
	}
}

// A person who goes away says nothing about the register.
func TestImpatience(t *testing.T) {
	c := &clock{}
	r, _ := client(t, http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }), c)
	for range 2 * failures {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_, err := r.LegalEntity(ctx, demo.TradeBIN())
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	}
	if !r.breaker.allow(c.now()) {
		t.Error("impatience opened the breaker")
	}
}

func TestNew(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for _, address := range []string{"", "registers.example", "http://registers.example", "https://user:pw@registers.example", "https://registers.example?x", "ftp://127.0.0.1", "http://127.0.0.1.example"} {
		if _, err := New(Config{URL: address, Token: token, Now: start, Log: log}); err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"https://registers.example/v1", "http://localhost:1", "http://[::1]:1", "http://127.0.0.1:1/x"} {
		if _, err := New(Config{URL: address, Token: token, Now: start, Log: log}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := New(Config{URL: "https://registers.example", Now: start, Log: log}); err == nil {
		t.Error("no token")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"bin":"1","name":{"kk":""},"values":{"city":"x"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e entity
		if decode(b, &e) == nil && sound(e.Values, e.Head) == nil && (len(e.Values) > maxValues || len(e.Head) > maxText) {
			t.Error("a bound does not hold")
		}
	})
}
