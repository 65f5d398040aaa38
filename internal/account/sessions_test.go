package account

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"elicense/internal/port"

	"github.com/alexedwards/scs/v2"
)

// The store has the shape that the session manager asks.
var _ scs.CtxStore = (*Sessions)(nil)

func TestSessions(t *testing.T) {
	h := open(t, Settings{})
	s := NewSessions(h.store, h.world)
	if _, found, err := s.Find("cookie"); found || err != nil {
		t.Fatal(err)
	}
	data := encoded(t, map[string]any{SessionAccount: "account-1", "csrf": "x"})
	ends := h.world.Now().Add(30 * time.Minute)
	if err := s.Commit("cookie", data, ends); err != nil {
		t.Fatal(err)
	}
	if got, found, err := s.Find("cookie"); err != nil || !found || !bytes.Equal(got, data) {
		t.Fatal(found, err)
	}
	row := func() (r port.Session, ok bool) {
		err := h.store.View(t.Context(), func(v port.View) (err error) {
			r, ok, err = v.Sessions().Session(t.Context(), digest("token", "cookie"), h.world.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return r, ok
	}
	if r, ok := row(); !ok || r.Account != "account-1" || r.Token == "cookie" {
		t.Fatalf("%+v", r)
	}
	for _, step := range []struct {
		data  []byte
		later time.Duration
		moves bool
	}{{encoded(t, map[string]any{"csrf": "x", SessionAccount: "account-1"}), Lag - time.Second, false}, {data, Lag + time.Second, true}, {encoded(t, map[string]any{"csrf": "y"}), Lag + 2*time.Second, true}} {
		before, _ := row()
		if err := s.Commit("cookie", step.data, ends.Add(step.later)); err != nil {
			t.Fatal(err)
		}
		if after, _ := row(); after.ExpiresAt.After(before.ExpiresAt) != step.moves {
			t.Fatal("written?", before.ExpiresAt, after.ExpiresAt, step.later)
		}
	}
	if err := s.Delete("cookie"); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit("cookie", data, ends); err != nil { // a request that was under way at the log-out
		t.Fatal(err)
	}
	if _, found, err := s.Find("cookie"); found || err != nil {
		t.Fatal("a session came back after the log-out", err)
	}
	if err := s.Commit("other", []byte("not JSON"), ends); err == nil {
		t.Fatal("unreadable data was stored")
	}
	if err := s.Commit("third", data, ends); err != nil {
		t.Fatal(err)
	}
	h.world.pass(time.Hour)
	if _, found, _ := s.Find("third"); found {
		t.Fatal("found after its end")
	}
}

// The real manager over the real store: a value survives, the log-in changes the token, the old one is dead.
func TestSessionManager(t *testing.T) {
	h := open(t, Settings{})
	m := scs.New()
	m.Store, m.Codec = NewSessions(h.store, h.world), Codec{}
	m.IdleTimeout = 30 * time.Minute
	mux := http.NewServeMux()
	mux.HandleFunc("/in", func(_ http.ResponseWriter, r *http.Request) {
		check(m.RenewToken(r.Context()))
		m.Put(r.Context(), SessionAccount, "account-1")
	})
	mux.HandleFunc("/out", func(_ http.ResponseWriter, r *http.Request) { check(m.Destroy(r.Context())) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "seen", true)
		_, _ = w.Write([]byte(m.GetString(r.Context(), SessionAccount)))
	})
	handler := m.LoadAndSave(mux)
	ask := func(path string, cookie *http.Cookie) (string, *http.Cookie) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			cookie = c
		}
		return w.Body.String(), cookie
	}
	_, visitor := ask("/", nil)
	_, in := ask("/in", visitor)
	if visitor == nil || in == nil || visitor.Value == in.Value {
		t.Fatal("the token did not change at the log-in")
	}
	if who, _ := ask("/", in); who != "account-1" {
		t.Fatal("not logged in", who)
	}
	if who, _ := ask("/", visitor); who != "" {
		t.Fatal("the token from before the log-in is logged in")
	}
	ask("/out", in)
	if who, _ := ask("/", in); who != "" {
		t.Fatal("logged in after the log-out")
	}
}
