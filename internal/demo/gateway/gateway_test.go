package gateway

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/charge"
	"elicense/internal/lang"
	"elicense/internal/pay"
)

var secret = bytes.Repeat([]byte("s"), 32)

// portal receives notices and refuses the first few.
type portal struct {
	adapter *pay.Gateway
	refuse  atomic.Int64
	mu      sync.Mutex
	got     []charge.Notice
	came    chan struct{}
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if p.refuse.Add(-1) >= 0 || err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	n, err := p.adapter.Notice(body, r.Header.Get(pay.Header), time.Now())
	if err != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	p.mu.Lock()
	p.got = append(p.got, n)
	p.mu.Unlock()
	p.came <- struct{}{}
}

func open(t *testing.T) (*portal, *Gateway, *httptest.Server) {
	t.Helper()
	p := &portal{came: make(chan struct{}, 100)}
	callback := httptest.NewServer(p)
	t.Cleanup(callback.Close)
	var ids atomic.Int64
	g, err := New(Settings{Secret: secret, Callback: callback.URL, Now: time.Now, ID: func() string { return fmt.Sprint("id-", ids.Add(1)) }, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	if p.adapter, err = pay.New(pay.Config{Page: server.URL, Merchant: "elicense", Secrets: [][]byte{secret}, Origin: "https://elicense.example"}); err != nil {
		t.Fatal(err)
	}
	return p, g, server
}

func (p *portal) address(t *testing.T, l lang.Lang) string {
	t.Helper()
	a, err := p.adapter.Address(charge.Invoice{ID: "i-1", Amount: 4325050, Purpose: "issue <b>"}, l, "https://elicense.example/kk/back")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// staying is a client that does not follow the way back.
func staying() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func TestPage(t *testing.T) {
	p, _, _ := open(t)
	for l, word := range map[lang.Lang]string{lang.KK: "Төлеу", lang.RU: "Оплатить", lang.EN: "Pay"} {
		answer, err := http.Get(p.address(t, l))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		page := string(b)
		for _, want := range []string{">" + word + "<", "DEMO", "43\u00a0250,50\u00a0₸", "i-1", "issue &lt;b&gt;", "<style>" + styleText + "</style>", `lang="` + string(l) + `"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in\n%s", l, want, page)
			}
		}
		if policy := answer.Header.Get("Content-Security-Policy"); strings.Contains(page, "<script") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action 'self' https://elicense.example;") {
			t.Error(policy)
		}
	}
}

func TestForgedOrder(t *testing.T) {
	p, _, _ := open(t)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		r, err := http.NewRequest(method, strings.Replace(p.address(t, lang.EN), "4325050", "1", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Error(method, answer.StatusCode)
		}
	}
	if len(p.got) != 0 {
		t.Fatal("a forged order was paid")
	}
}

func TestNoticesComeUntilTheyAreTaken(t *testing.T) {
	for _, c := range []struct {
		name    string
		form    url.Values
		refuse  int64
		outcome charge.Outcome
		notices int
	}{
		{"paid", url.Values{"choice": {"pay"}}, 0, charge.Settled, 1},
		{"declined", url.Values{"choice": {"decline"}}, 0, charge.Failed, 1},
		{"portal down", url.Values{"choice": {"pay"}}, 4, charge.Settled, 1},
		{"duplicates", url.Values{"choice": {"pay"}, "duplicates": {"1"}}, 7, charge.Settled, duplicates},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _, _ := open(t)
			p.refuse.Store(c.refuse)
			answer, err := staying().PostForm(p.address(t, lang.KK), c.form)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "https://elicense.example/kk/back" {
				t.Fatal(answer.StatusCode, answer.Header)
			}
			for range c.notices {
				select {
				case <-p.came:
				case <-time.After(10 * time.Second):
					t.Fatal("a notice is missing")
				}
			}
			for _, n := range p.got {
				if n != p.got[0] || n.Outcome != c.outcome || n.Invoice != "i-1" || n.Amount != 4325050 {
					t.Fatalf("%+v", n)
				}
			}
		})
	}
}

// A portal that never answers does not keep the simulator from stopping.
func TestClose(t *testing.T) {
	p, g, _ := open(t)
	p.refuse.Store(1 << 40)
	answer, err := staying().PostForm(p.address(t, lang.KK), url.Values{"choice": {"pay"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	done := make(chan struct{})
	go func() { g.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("does not stop")
	}
}

func TestSettings(t *testing.T) {
	good := Settings{Secret: secret, Callback: "http://127.0.0.1/", Now: time.Now, ID: func() string { return "x" }}
	for name, change := range map[string]func(*Settings){
		"short secret": func(s *Settings) { s.Secret = secret[:31] }, "no callback": func(s *Settings) { s.Callback = "" }, "no clock": func(s *Settings) { s.Now = nil }, "no ids": func(s *Settings) { s.ID = nil },
	} {
		s := good
		change(&s)
		if _, err := New(s); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}
