package eds

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/port"
)

const testPolicy = "1.2.398.3.3.2.6.2"

// tsa is a time-stamping authority of the tests; what it answers can be bent.
type tsa struct {
	mu     sync.Mutex
	pki    *pki
	leaf   *x509.Certificate
	at     time.Time
	policy string
	answer func(w http.ResponseWriter, r *http.Request, query cms.StampQuery) // nil: a good token
	asked  int
}

// stampUsage is the critical extended key usage of a time-stamping authority.
func stampUsage() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}))}
}

// stamperLeaf issues a certificate for time stamps.
func (p *pki) stamperLeaf(change func(*x509.Certificate)) *x509.Certificate {
	return p.leaf(func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "TIME-STAMPING AUTHORITY"}
		c.KeyUsage, c.ExtKeyUsage, c.UnknownExtKeyUsage, c.ExtraExtensions = x509.KeyUsageDigitalSignature, nil, nil, []pkix.Extension{stampUsage()}
		if change != nil {
			change(c)
		}
	})
}

func (s *tsa) token(query cms.StampQuery) []byte {
	return must(query.Stamp(s.pki.leafKey, s.leaf, cms.StampTerms{Policy: s.policy, Serial: big.NewInt(1), Time: s.at}))
}

func (s *tsa) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	query, wrong := cms.ParseStampQuery(body)
	if err != nil || wrong != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(w, "no question", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.asked++
	answer := s.answer
	token := s.token(query)
	s.mu.Unlock()
	if answer != nil {
		answer(w, r, query)
		return
	}
	_, _ = w.Write(cms.StampAnswer(token))
}

func (s *tsa) set(f func(*tsa)) {
	s.mu.Lock()
	f(s)
	s.mu.Unlock()
}

func (s *tsa) questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// stampWorld is a world with a time-stamping authority and a signature.
type stampWorld struct {
	*world
	tsa     *tsa
	content []byte
	leaf    *x509.Certificate
}

func newStampWorld(t *testing.T, change func(*Config)) *stampWorld {
	t.Helper()
	p := newPKI(nil)
	s := &tsa{pki: p, leaf: p.stamperLeaf(nil), at: noon.Add(time.Second), policy: testPolicy}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	w := newWorld(t, p, func(c *Config) {
		c.Stamping = Stamping{Addresses: []string{server.URL + "/tsp"}, Patience: 20 * time.Second}
		if change != nil {
			change(c)
		}
	})
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &stampWorld{world: w, tsa: s, content: []byte("content"), leaf: p.leaf(nil)}
}

func (w *stampWorld) verify(t *testing.T) (port.Signature, error) {
	t.Helper()
	return w.Verify(t.Context(), w.content, w.sign(w.content, w.leaf), noon)
}

// A stamp that comes in time is kept and is the reference time.
func TestStampObtainedOnReceipt(t *testing.T) {
	w := newStampWorld(t, nil)
	got, err := w.verify(t)
	if err != nil || len(stampsOf(got)) != 1 || got.Unstamped || !got.At.Equal(w.tsa.at) || got.Revocation != port.RevocationGood {
		t.Fatalf("%+v, %v", got, err)
	}
	at, ok := got.TimeStamped()
	if e := stampsOf(got)[0]; e.Kind != port.EvidenceTimestamp || !e.At.Equal(w.tsa.at) || !ok || !at.Equal(w.tsa.at) {
		t.Errorf("%+v", e)
	}
	value := must(cms.Parse(got.CMS)).Value()
	if _, err := must(cms.ParseStamp(stampsOf(got)[0].DER)).Verify(value, cms.StampRules{Policies: []string{testPolicy}}); err != nil {
		t.Error(err)
	}
	none := newWorld(t, newPKI(nil), nil)
	if got, err := none.Verify(t.Context(), w.content, none.sign(w.content, none.leaf(nil)), noon); err != nil || got.Unstamped || len(stampsOf(got)) != 0 || !got.At.Equal(noon) {
		t.Errorf("without an authority: %+v, %v", got, err)
	}
}

// The signer is judged at the time of the stamp.
func TestStampIsTheReferenceTime(t *testing.T) {
	w := newStampWorld(t, nil)
	w.leaf = w.pki.leaf(func(c *x509.Certificate) { c.NotAfter = noon })
	if _, err := w.verify(t); !fault.Is(err, KeyExpired) {
		t.Errorf("expired a second before the stamp: %v", err)
	}
	w.tsa.set(func(s *tsa) { s.at = noon })
	if got, err := w.verify(t); err != nil || !got.At.Equal(noon) {
		t.Errorf("control: %v", err)
	}
	for _, far := range []time.Duration{-stampAhead, -stampSkew - time.Second, stampSkew + time.Second} {
		w.tsa.set(func(s *tsa) { s.at = noon.Add(far) })
		if got, err := w.verify(t); err != nil || !got.At.Equal(noon) || len(stampsOf(got)) != 1 {
			t.Errorf("a clock that is %v off stands in for ours: %+v, %v", far, got.At, err)
		}
	}
}

// Whatever the authority does, the signature is judged; nothing that is wrong becomes evidence.
func TestStampNotObtained(t *testing.T) {
	stranger := newPKI(func(root, issuing *x509.Certificate) { root.SubjectKeyId, issuing.SubjectKeyId = []byte{1}, []byte{2} })
	for name, change := range map[string]func(*stampWorld){
		"refused": func(w *stampWorld) {
			w.tsa.answer = func(rw http.ResponseWriter, _ *http.Request, _ cms.StampQuery) { _, _ = rw.Write(cms.StampRejection()) }
		},
		"broken": func(w *stampWorld) {
			w.tsa.answer = func(rw http.ResponseWriter, _ *http.Request, _ cms.StampQuery) { rw.WriteHeader(http.StatusBadGateway) }
		},
		"a web page": func(w *stampWorld) {
			w.tsa.answer = func(rw http.ResponseWriter, _ *http.Request, _ cms.StampQuery) { _, _ = io.WriteString(rw, "<html>") }
		},
		"endless": func(w *stampWorld) {
			w.tsa.answer = func(rw http.ResponseWriter, _ *http.Request, _ cms.StampQuery) {
				_, _ = rw.Write(make([]byte, maxAnswer+9))
			}
		},
		"silent": func(w *stampWorld) {
			w.stamps.patience = 50 * time.Millisecond
			w.tsa.answer = func(_ http.ResponseWriter, r *http.Request, _ cms.StampQuery) { <-r.Context().Done() }
		},
		"another nonce": func(w *stampWorld) {
			w.tsa.answer = func(rw http.ResponseWriter, _ *http.Request, q cms.StampQuery) {
				q.Nonce = []byte{7}
				_, _ = rw.Write(cms.StampAnswer(w.tsa.token(q)))
			}
		},
		"for another signature": func(w *stampWorld) {
			other := must(cms.Parse(w.sign([]byte("other"), w.leaf)))
			w.tsa.answer = func(rw http.ResponseWriter, _ *http.Request, q cms.StampQuery) {
				wrong := other.Ask(nil, "")
				wrong.Nonce = q.Nonce
				_, _ = rw.Write(cms.StampAnswer(w.tsa.token(wrong)))
			}
		},
		"sends elsewhere": func(w *stampWorld) {
			w.tsa.answer = func(rw http.ResponseWriter, r *http.Request, _ cms.StampQuery) {
				http.Redirect(rw, r, "http://localhost:9/", http.StatusTemporaryRedirect)
			}
		},
		"another policy":      func(w *stampWorld) { w.tsa.policy = "1.2.398.3.3.2.6.3" },
		"a person's key":      func(w *stampWorld) { w.tsa.leaf = w.pki.leaf(nil) },
		"an unknown key":      func(w *stampWorld) { w.tsa.pki = stranger; w.tsa.leaf = stranger.stamperLeaf(nil) },
		"in the far future":   func(w *stampWorld) { w.tsa.at = noon.Add(stampAhead + time.Second) },
		"in the far past":     func(w *stampWorld) { w.tsa.at = noon.Add(-stampAhead - time.Second) },
		"expired certificate": func(w *stampWorld) { w.tsa.leaf = w.pki.stamperLeaf(func(c *x509.Certificate) { c.NotAfter = noon }) },
		"revoked certificate": func(w *stampWorld) {
			w.place.set(200, w.list(nil, entry(w.tsa.leaf, noon.Add(-time.Hour))))
			if err := w.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		w := newStampWorld(t, nil)
		w.tsa.set(func(*tsa) { change(w) })
		got, err := w.verify(t)
		if err != nil || !got.Unstamped || len(stampsOf(got)) != 0 || !got.At.Equal(noon) || got.Revocation != port.RevocationGood {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		_, err = w.Stamp(t.Context(), got.CMS)
		if name == "refused" { // the job passes over it and goes on with others
			if fault.KindOf(err) != fault.Invalid || !fault.Is(err, cms.KeyStampRefused) {
				t.Errorf("refused, later: %v", err)
			}
		} else if fault.KindOf(err) != fault.Unavailable || !fault.Is(err, KeyStampPending) {
			t.Errorf("%s, later: %v", name, err)
		}
	}
}

// An authority that refuses somebody's question is not silent: the next one is asked all the same.
func TestRefusedStampSilencesNobody(t *testing.T) {
	w := newStampWorld(t, nil)
	refuses := true
	w.tsa.set(func(s *tsa) {
		s.answer = func(rw http.ResponseWriter, _ *http.Request, q cms.StampQuery) {
			if refuses {
				_, _ = rw.Write(cms.StampRejection())
				return
			}
			_, _ = rw.Write(cms.StampAnswer(s.token(q)))
		}
	})
	for range stampFailures + 1 {
		if got, err := w.verify(t); err != nil || !got.Unstamped {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	w.tsa.set(func(*tsa) { refuses = false })
	if got, err := w.verify(t); err != nil || got.Unstamped {
		t.Errorf("somebody else's: %+v, %v", got, err)
	}
}

// After some failures nobody waits for the authority any more, until it answers one question of the next pause.
func TestSilentAuthorityIsLeftAlone(t *testing.T) {
	w := newStampWorld(t, nil)
	w.tsa.set(func(s *tsa) {
		s.answer = func(rw http.ResponseWriter, _ *http.Request, _ cms.StampQuery) {
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	ask := func(stamped bool, questions int) {
		t.Helper()
		got, err := w.verify(t)
		if err != nil || got.Unstamped == stamped || w.tsa.questions() != questions {
			t.Fatalf("unstamped %v after %d questions, want %d (%v)", got.Unstamped, w.tsa.questions(), questions, err)
		}
	}
	for i := range stampFailures {
		ask(false, i+1)
	}
	ask(false, stampFailures)
	w.clock = w.clock.Add(stampPause)
	ask(false, stampFailures+1)
	ask(false, stampFailures+1)
	w.tsa.set(func(s *tsa) { s.answer = nil })
	ask(false, stampFailures+1)
	w.clock = w.clock.Add(stampPause)
	ask(true, stampFailures+2)
	ask(true, stampFailures+3)
}

// The second authority is asked when the first gives nothing, and a person who goes away is no failure.
func TestSecondAuthority(t *testing.T) {
	first := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(first.Close)
	w := newStampWorld(t, func(c *Config) { c.Stamping.Addresses = append([]string{first.URL}, c.Stamping.Addresses...) })
	if got, err := w.verify(t); err != nil || len(stampsOf(got)) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := w.ProbeStamps(t.Context()); err == nil || !strings.Contains(err.Error(), first.URL) || strings.Contains(err.Error(), "/tsp") {
		t.Errorf("the first does not answer: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	w.tsa.set(func(s *tsa) {
		s.answer = func(_ http.ResponseWriter, r *http.Request, _ cms.StampQuery) {
			cancel()
			<-r.Context().Done()
		}
	})
	if _, err := w.Stamp(gone, w.sign(w.content, w.leaf)); err == nil || w.stamps.authorities[1].failed != 0 {
		t.Errorf("%v, %d failures", err, w.stamps.authorities[1].failed)
	}
}

// A stamp inside the signature is verified whether or not an authority is configured.
func TestStampBroughtByTheSigner(t *testing.T) {
	w := newStampWorld(t, func(c *Config) { c.Stamping.Addresses = nil })
	stranger := newPKI(func(root, issuing *x509.Certificate) { root.SubjectKeyId, issuing.SubjectKeyId = []byte{1}, []byte{2} })
	for name, c := range map[string]struct {
		change func(*tsa)
		want   string
		kept   bool
	}{
		"good":                           {func(*tsa) {}, "", true},
		"an hour ago":                    {func(s *tsa) { s.at = noon.Add(-time.Hour) }, "", true},
		"another policy":                 {func(s *tsa) { s.policy = "1.2.3" }, cms.KeyStampPolicy, false},
		"a person's key":                 {func(s *tsa) { s.leaf = w.pki.leaf(nil) }, cms.KeyStampPurpose, false},
		"in the far future":              {func(s *tsa) { s.at = noon.Add(time.Hour) }, cms.KeyStampTime, false},
		"expired certificate":            {func(s *tsa) { s.leaf = w.pki.stamperLeaf(func(c *x509.Certificate) { c.NotAfter = noon }) }, KeyStampValidity, false},
		"not trusted":                    {func(s *tsa) { s.pki, s.leaf = stranger, stranger.stamperLeaf(nil) }, "", false},
		"not trusted, by its own policy": {func(s *tsa) { s.pki, s.leaf, s.policy = stranger, stranger.stamperLeaf(nil), "1.2.3" }, "", false},
	} {
		service := &tsa{pki: w.pki, leaf: w.tsa.leaf, at: noon.Add(time.Second), policy: testPolicy}
		c.change(service)
		signed := must(cms.Parse(w.sign(w.content, w.leaf)))
		token := must(cms.ParseStamp(service.token(signed.Ask(nil, ""))))
		got, err := w.Verify(t.Context(), w.content, must(signed.AddStamp(token)), noon)
		if c.want != "" {
			if !fault.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		if err != nil || (len(stampsOf(got)) == 1) != c.kept || !got.At.Equal(noon) || got.Unstamped {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	w.place.set(200, w.list(nil, entry(w.tsa.leaf, noon.Add(-time.Hour))))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	signed := must(cms.Parse(w.sign(w.content, w.leaf)))
	token := w.tsa.token(signed.Ask(nil, ""))
	if _, err := w.Verify(t.Context(), w.content, must(signed.AddStamp(must(cms.ParseStamp(token)))), noon); !fault.Is(err, KeyStampRevoked) {
		t.Errorf("revoked: %v", err)
	}
	bent := bytes.Clone(token)
	bent[len(bent)-1] ^= 1
	if _, err := w.Verify(t.Context(), w.content, must(signed.AddStamp(must(cms.ParseStamp(bent)))), noon); !fault.Is(err, cms.KeyStampWrong) {
		t.Errorf("changed: %v", err)
	}
	if w.tsa.questions() != 0 {
		t.Error("an authority was asked that is not configured")
	}
	// A stamp that was brought is enough where an authority is configured too.
	both := newStampWorld(t, nil)
	signed = must(cms.Parse(both.sign(both.content, both.leaf)))
	token = both.tsa.token(signed.Ask(nil, ""))
	if got, err := both.Verify(t.Context(), both.content, must(signed.AddStamp(must(cms.ParseStamp(token)))), noon); err != nil || len(stampsOf(got)) != 1 || both.tsa.questions() != 0 {
		t.Errorf("%+v, %v, %d questions", got, err, both.tsa.questions())
	}
	// One by an authority that may be revoked is kept, and ours is obtained beside it.
	both.clock = noon.Add(24 * time.Hour) // the list has ended
	both.tsa.set(func(s *tsa) { s.at = both.clock })
	token = both.tsa.token(signed.Ask(nil, ""))
	if got, err := both.Verify(t.Context(), both.content, must(signed.AddStamp(must(cms.ParseStamp(token)))), both.clock); err != nil || len(stampsOf(got)) != 2 || both.tsa.questions() != 1 {
		t.Errorf("%+v, %v, %d questions", got, err, both.tsa.questions())
	}
}

// A certificate for time stamps signs no document.
func TestStamperSignsNoDocument(t *testing.T) {
	w := newStampWorld(t, nil)
	w.leaf = w.tsa.leaf
	if _, err := w.verify(t); !fault.Is(err, cms.KeyUsage) {
		t.Error(err)
	}
}

func TestStampingSettings(t *testing.T) {
	for name, s := range map[string]Stamping{
		"no scheme": {Addresses: []string{"tsp.example"}}, "a file": {Addresses: []string{"file:///etc/passwd"}},
		"a password": {Addresses: []string{"http://me:secret@tsp.example/"}}, "policy": {Policies: []string{"1.2.x"}},
	} {
		if _, err := newStamping(s, nil); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// The samples' stamps are by the production authority: good where it is trusted, and let be where it is not.
func TestNCAStamps(t *testing.T) {
	folder := os.Getenv("ELICENSE_NCA_FOLDER")
	if folder == "" {
		t.Skip("ELICENSE_NCA_FOLDER does not name the folder with the authorities' certificates (production/*.der, test/*.cer, test/cms/*)")
	}
	at := time.Date(2026, 7, 20, 9, 10, 0, 0, time.UTC)
	content := must(os.ReadFile(filepath.Join(folder, "test/cms/individual_document.txt")))
	signature := must(os.ReadFile(filepath.Join(folder, "test/cms/individual_detached.der")))
	for _, production := range []bool{true, false} {
		anchors := []*x509.Certificate{must(readCertificate(filepath.Join(folder, "test/nca_gost2022_test.cer")))}
		if production {
			anchors = append(anchors, must(readCertificate(filepath.Join(folder, "production/nca-gost-2022.der"))))
		}
		v := must(New(Config{Environment: "test", Anchors: Source{Certificates: anchors}}, func() time.Time { return at }))
		got, err := v.Verify(t.Context(), content, signature, at)
		if err != nil || (len(stampsOf(got)) == 1) != production || got.Revocation != port.RevocationUnknown {
			t.Errorf("production %v: %+v, %v", production, got, err)
		}
		if stamped, ok := got.TimeStamped(); ok != production || ok && stamped.Year() != 2026 {
			t.Errorf("production %v: stamped %v", production, stamped)
		}
	}
}

// stampsOf are the time stamps among what was kept about a signature.
func stampsOf(s port.Signature) []port.Evidence {
	return slices.DeleteFunc(slices.Clone(s.Evidence), func(e port.Evidence) bool { return e.Kind != port.EvidenceTimestamp })
}
