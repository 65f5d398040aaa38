package ca

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/eds"
	"elicense/internal/fault"
)

// stamping is a verifier that asks the authority of a folder, and the authority.
func stamping(t *testing.T, c *CA) (*eds.Verifier, *Stamper) {
	t.Helper()
	stamper, err := c.Stamper()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(StampPath, stamper)
	mux.Handle(ListPath, c.Handler())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	v, err := eds.New(eds.Config{
		Environment: "demo", Anchors: eds.Source{Folder: c.AnchorsFolder()}, Intermediates: eds.Source{Folder: c.IntermediatesFolder()},
		Lists:    []eds.List{{URL: server.URL + ListPath}},
		Stamping: eds.Stamping{Addresses: []string{server.URL + StampPath}, Policies: []string{StampPolicy}, Patience: 20 * time.Second},
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return v, stamper
}

func TestStamper(t *testing.T) {
	c := open(t, t.TempDir())
	v, stamper := stamping(t, c)
	pair := issue(t, c, aigul)
	content := []byte("content")
	for _, m := range []struct {
		mischief        Mischief
		kept, reference bool
	}{{Honest, true, true}, {Down, false, false}, {Refusing, false, false}, {Slow, false, false}, {Garbled, false, false}, {Honest, true, true}} {
		stamper.Misbehave(m.mischief)
		signature, err := cms.Sign(content, pair.Key, pair.Certificate, cms.Options{Detached: true})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now().UTC()
		got, err := v.Verify(t.Context(), content, signature, now)
		if _, kept := got.TimeStamped(); err != nil || kept != m.kept || got.Unstamped == m.kept || got.At.Equal(now) == m.reference {
			t.Errorf("mischief %d: %+v, %v", m.mischief, got, err)
		}
	}
	again, err := open(t, c.dir).Stamper()
	if err != nil || !again.Certificate().Equal(stamper.Certificate()) {
		t.Errorf("another authority after a restart: %v", err)
	}
	// Its key signs no document, and a person's key stamps nothing.
	tsa := stamper.Pair()
	forged, err := cms.Sign(content, tsa.Key, tsa.Certificate, cms.Options{Detached: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), content, forged, time.Now()); !fault.Is(err, cms.KeyUsage) {
		t.Errorf("the authority signs a document: %v", err)
	}
	stamper.pair = pair
	forged, err = cms.Sign(content, pair.Key, pair.Certificate, cms.Options{Detached: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Verify(t.Context(), content, forged, time.Now())
	if _, kept := got.TimeStamped(); err != nil || kept {
		t.Errorf("a person stamps: %+v, %v", got, err)
	}
}

func TestStamperAnswersQuestionsOnly(t *testing.T) {
	stamper, err := open(t, t.TempDir()).Stamper()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, body string
		status       int
	}{
		"GET":  {http.MethodGet, "", http.StatusMethodNotAllowed},
		"huge": {http.MethodPost, strings.Repeat("x", cms.MaxEnvelope+1), http.StatusRequestEntityTooLarge},
		"text": {http.MethodPost, "when is it?", http.StatusOK},
	} {
		w := httptest.NewRecorder()
		stamper.ServeHTTP(w, httptest.NewRequest(c.method, StampPath, strings.NewReader(c.body)))
		if w.Code != c.status {
			t.Errorf("%s: status %d", name, w.Code)
		}
		if _, err := cms.ParseStampAnswer(w.Body.Bytes()); c.status == http.StatusOK && !fault.Is(err, cms.KeyStampRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if stamper.Given() != 0 {
		t.Error("something was stamped")
	}
}
