package eds

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/cms"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// verify is Verify of a fresh signature at the world's time.
func (w *world) verify(t *testing.T, c *x509.Certificate) (port.Signature, error) {
	t.Helper()
	return w.Verify(t.Context(), []byte("x"), w.sign([]byte("x"), c), w.clock)
}

// A responder's word is enough, is kept as evidence, and is asked for once while it is fresh.
func TestOCSP(t *testing.T) {
	p := newPKI(nil)
	w, d := newOCSPWorld(t, p, false)
	c := p.leaf(nil)
	var last []byte
	for i, step := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {cms.OCSPWindow - time.Second, 1}, {time.Second, 2}, {time.Second, 2}} {
		w.clock = w.clock.Add(step.after)
		got, err := w.verify(t, c)
		if err != nil || got.Revocation != port.RevocationGood || len(got.Evidence) != 1 || d.questions() != step.asked {
			t.Fatalf("step %d: %s %v, asked %d times: %v", i, got.Revocation, got.Evidence, d.questions(), err)
		}
		e := got.Evidence[0]
		r, err := cms.ParseOCSP(e.DER)
		if err != nil || e.Kind != port.EvidenceOCSP {
			t.Fatalf("step %d: %v %v", i, e.Kind, err)
		}
		// Years later: the nonce is forgotten, the response still tells what was known then.
		id := must(cms.NewOCSPID(c.RawIssuer, p.issuing, c.SerialNumber))
		said, err := r.Verify(cms.OCSPQuestion{ID: id}, cms.NewIssuer(p.issuing), e.At, 0)
		if err != nil || said.Revoked || !e.At.Equal(said.ProducedAt) {
			t.Fatalf("step %d: the evidence: %+v %v", i, said, err)
		}
		if fresh := !bytes.Equal(last, e.DER); fresh != (step.after == 0 || i == 2) {
			t.Errorf("step %d: another response: %v", i, fresh)
		}
		last = e.DER
	}
	revocation, evidence, err := w.Recheck(t.Context(), c.Raw, noon)
	if err != nil || revocation != port.RevocationGood || len(evidence) != 1 || !bytes.Equal(evidence[0].DER, last) {
		t.Errorf("recheck: %s %v", revocation, err)
	}
	if s := w.Responders()[0]; s.Source != d.url || s.Err != nil || !s.Answered.Equal(noon.Add(cms.OCSPWindow)) {
		t.Errorf("%+v", s)
	}
}

func TestOCSPRevoked(t *testing.T) {
	p := newPKI(nil)
	w, d := newOCSPWorld(t, p, true) // the list does not know yet
	c, free := p.leaf(nil), p.leaf(nil)
	d.revoke(c, noon.Add(-time.Minute))
	if _, err := w.verify(t, c); !fault.Is(err, KeyRevoked) {
		t.Errorf("revoked: %v", err)
	}
	if got := w.outcome(t, free, noon); got != "good" {
		t.Errorf("the control: %s", got)
	}
	if _, evidence, err := w.Recheck(t.Context(), c.Raw, noon); !fault.Is(err, KeyRevoked) || len(evidence) != 1 || evidence[0].Kind != port.EvidenceOCSP {
		t.Errorf("recheck: %v %v", evidence, err)
	}
	if got := w.outcome(t, c, noon.Add(-2*time.Minute)); got != "good" {
		t.Errorf("received before the revocation: %s", got)
	}
	if got := w.outcome(t, c, noon.Add(-time.Minute)); got != KeyRevoked {
		t.Errorf("received at the revocation: %s", got)
	}
}

// A revocation dated after now was made by a clock that is ahead of ours, and counts.
func TestRevokedByAClockThatIsAhead(t *testing.T) {
	p := newPKI(nil)
	w, d := newOCSPWorld(t, p, false)
	listed := newWorld(t, p, nil)
	for _, ahead := range []time.Duration{4 * time.Minute, 5 * 365 * 24 * time.Hour} {
		c := p.leaf(nil)
		d.revoke(c, noon.Add(ahead))
		if _, err := w.verify(t, c); !fault.Is(err, KeyRevoked) {
			t.Errorf("OCSP, %v ahead: %v", ahead, err)
		}
		listed.place.set(200, p.list(nil, entry(c, noon.Add(ahead))))
		if err := listed.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := listed.verify(t, c); !fault.Is(err, KeyRevoked) {
			t.Errorf("list, %v ahead: %v", ahead, err)
		}
	}
	// What was signed before a revocation that has come to pass stands.
	c := p.leaf(nil)
	d.revoke(c, noon.Add(time.Minute))
	w.clock = noon.Add(2 * time.Minute)
	if got, _, err := w.Recheck(t.Context(), c.Raw, noon); err != nil || got != port.RevocationGood {
		t.Errorf("signed a minute before: %q, %v", got, err)
	}
}

// A listed serial number is final: nobody is asked about it.
func TestListedIsFinal(t *testing.T) {
	p := newPKI(nil)
	w, d := newOCSPWorld(t, p, true)
	c := p.leaf(nil)
	if got := w.outcome(t, c, noon); got != "good" || d.questions() != 1 {
		t.Fatalf("the control: %s", got)
	}
	w.place.set(200, p.list(nil, entry(c, noon.Add(-time.Hour))))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.outcome(t, c, noon); got != KeyRevoked || d.questions() != 1 {
		t.Errorf("listed, while the responder says good: %s", got)
	}
	list := sha256.Sum256(w.place.body)
	if _, evidence, _ := w.Recheck(t.Context(), c.Raw, noon); len(evidence) != 1 || !bytes.Equal(evidence[0].DER, list[:]) {
		t.Errorf("%v", evidence)
	}
}

// of gives a responder that answers with another key and certificate.
func of(p *pki, certificate *x509.Certificate) func(*desk) {
	return func(d *desk) { d.key, d.certificate = p.leafKey, certificate }
}

// Whatever is wrong with a responder: the lists answer, and where they cannot nothing is accepted.
func TestOCSPFallsBack(t *testing.T) {
	p := newPKI(nil)
	namesake := *p.issuing
	namesake.PublicKey = p.leafKey.Public()
	stranger := &pki{issuing: &namesake, issuingKey: p.leafKey, leafKey: p.leafKey}
	bend := func(f func(q *cms.OCSPQuestion, a *cms.OCSPAnswer)) func(*desk) { return func(d *desk) { d.bend = f } }
	instead := func(f http.HandlerFunc) func(*desk) { return func(d *desk) { d.instead = f } }
	write := func(b []byte) func(*desk) {
		return instead(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) })
	}
	cases := map[string]func(*desk){
		"closes": instead(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		"fails":  instead(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) }),
		"sends elsewhere": instead(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}),
		"says nothing":  write(nil),
		"noise":         write(noise(200)),
		"endless noise": write(noise(1 << 20)),
		"busy":          write(cms.RefuseOCSP(cms.OCSPTryLater)),
		"unauthorized":  write(cms.RefuseOCSP(cms.OCSPRefused)),
		"stale":         bend(func(_ *cms.OCSPQuestion, a *cms.OCSPAnswer) { a.ThisUpdate = a.ThisUpdate.Add(-time.Hour) }),
		"over":          bend(func(_ *cms.OCSPQuestion, a *cms.OCSPAnswer) { a.NextUpdate = a.ThisUpdate }),
		"another nonce": bend(func(q *cms.OCSPQuestion, _ *cms.OCSPAnswer) { q.Nonce = noise(nonceSize) }),
		"no nonce":      bend(func(q *cms.OCSPQuestion, _ *cms.OCSPAnswer) { q.Nonce = nil }),
		"about another": bend(func(q *cms.OCSPQuestion, _ *cms.OCSPAnswer) {
			q.ID = must(cms.NewOCSPID(p.issuing.RawSubject, p.issuing, p.root.SerialNumber))
		}),
		"a signer of documents": of(p, p.leaf(nil)),
		"another authority":     of(p, stranger.responder(nil)),
		"an expired responder":  of(p, p.responder(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })),
		"the root":              func(d *desk) { d.key, d.certificate = p.rootKey, p.root },
	}
	for name, change := range cases {
		for _, lists := range []bool{true, false} {
			w, d := newOCSPWorld(t, p, lists)
			c := p.leaf(nil)
			d.set(change)
			got, err := w.verify(t, c)
			if lists {
				list := sha256.Sum256(w.place.body)
				if err != nil || got.Revocation != port.RevocationGood || len(got.Evidence) != 1 || !bytes.Equal(got.Evidence[0].DER, list[:]) {
					t.Errorf("%s, with a list: %s %v %v", name, got.Revocation, got.Evidence, err)
				}
			} else if err != nil || got.Revocation != port.RevocationUnknown || len(got.Evidence) != 0 {
				t.Errorf("%s, without: %s %v %v", name, got.Revocation, got.Evidence, err)
			}
			if d.questions() != 1 || w.Responders()[0].Err == nil {
				t.Errorf("%s: asked %d times, %+v", name, d.questions(), w.Responders()[0])
			}
			d.set(func(d *desk) { d.bend, d.instead, d.key, d.certificate = nil, nil, p.leafKey, p.responder(nil) })
			if got, err := w.verify(t, c); err != nil || got.Revocation != port.RevocationGood || got.Evidence[0].Kind != port.EvidenceOCSP {
				t.Errorf("%s, mended: %s %v", name, got.Revocation, err)
			}
		}
	}
}

// A responder that takes the question and stays silent costs its time and no more.
func TestOCSPSilence(t *testing.T) {
	p := newPKI(nil)
	d := newDesk(t, p.issuing, p.leafKey, p.responder(nil))
	end := make(chan struct{})
	t.Cleanup(func() { close(end) }) // before the server's, which waits for the handler
	d.instead = func(http.ResponseWriter, *http.Request) { <-end }
	w := newWorld(t, p, func(c *Config) { c.Lists, c.Responders, c.Patience = nil, []string{d.url}, time.Second })
	if got, err := w.verify(t, p.leaf(nil)); err != nil || got.Revocation != port.RevocationUnknown {
		t.Errorf("%s %v", got.Revocation, err)
	}
	if err := w.Responders()[0].Err; !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// After some failures in a row nobody waits for a responder any more; now and then one tries.
func TestOCSPBreaker(t *testing.T) {
	p := newPKI(nil)
	var log bytes.Buffer
	d := newDesk(t, p.issuing, p.leafKey, p.responder(nil))
	w := newWorld(t, p, func(c *Config) { c.Responders, c.Log = []string{d.url}, slog.New(slog.NewTextHandler(&log, nil)) })
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := p.leaf(nil)
	expect := func(when string, asked int, kind port.EvidenceKind) {
		t.Helper()
		got, err := w.verify(t, c)
		if err != nil || len(got.Evidence) != 1 || got.Evidence[0].Kind != kind || d.questions() != asked {
			t.Fatalf("%s: asked %d times, want %d; %v %v", when, d.questions(), asked, got.Evidence, err)
		}
	}
	busy := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(cms.RefuseOCSP(cms.OCSPTryLater)) }
	d.set(func(d *desk) { d.instead = busy })
	for i := range failures {
		expect("failing", i+1, port.EvidenceList)
	}
	expect("paused", failures, port.EvidenceList)
	w.clock = w.clock.Add(pause)
	expect("a try", failures+1, port.EvidenceList)
	expect("paused again", failures+1, port.EvidenceList)
	d.set(func(d *desk) { d.instead = nil })
	d.now = func() time.Time { return w.clock }
	expect("mended, not yet tried", failures+1, port.EvidenceList)
	w.clock = w.clock.Add(pause)
	expect("answers", failures+2, port.EvidenceOCSP)
	d.set(func(d *desk) { d.instead = busy })
	c = p.leaf(nil)
	expect("one failure", failures+3, port.EvidenceList)
	expect("and the next question goes out", failures+4, port.EvidenceList)
	// An answer that is not believed is no failure: it may be for another authority.
	d.set(func(d *desk) {
		d.instead = nil
		d.bend = func(q *cms.OCSPQuestion, _ *cms.OCSPAnswer) { q.Nonce = nil }
	})
	for i := range failures + 2 {
		expect("not believed", failures+5+i, port.EvidenceList)
	}
	if n := strings.Count(log.String(), "ocsp responder"); n != 4 { // busy, again, busy, without nonce
		t.Errorf("%d lines in the log:\n%s", n, log.String())
	}
	if strings.Contains(log.String(), c.SerialNumber.Text(16)) || strings.Contains(log.String(), "850101300012") {
		t.Error("the log names a certificate or a person")
	}
}

// Many who ask about one certificate at once are one question, and one who leaves does not end it.
func TestOCSPQuestionsAreJoined(t *testing.T) {
	p := newPKI(nil)
	w, d := newOCSPWorld(t, p, false)
	c := p.leaf(nil)
	message := w.sign([]byte("x"), c)
	entered, release := make(chan struct{}), make(chan struct{})
	d.set(func(d *desk) {
		d.instead = func(rw http.ResponseWriter, r *http.Request) {
			close(entered) // twice would panic
			<-release
			d.set(func(d *desk) { d.instead = nil; d.asked-- })
			d.ServeHTTP(rw, r)
		}
	})
	var all sync.WaitGroup
	outcomes := make(chan port.Signature, 20)
	ask := func(ctx context.Context) {
		all.Go(func() {
			got, err := w.Verify(ctx, []byte("x"), message, noon)
			if err != nil {
				t.Error(err)
			}
			outcomes <- got
		})
	}
	first, leave := context.WithCancel(t.Context())
	ask(first)
	<-entered
	for range 18 {
		ask(t.Context())
	}
	gone, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := w.Verify(gone, []byte("x"), message, noon)
		left <- err
	}()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("one who left: %v", err)
	}
	leave() // the one who asks for all has left too, and asks on
	close(release)
	all.Wait()
	close(outcomes)
	var responses [][]byte
	for got := range outcomes {
		if got.Revocation != port.RevocationGood || len(got.Evidence) != 1 {
			t.Fatalf("%s %v", got.Revocation, got.Evidence)
		}
		responses = append(responses, got.Evidence[0].DER)
	}
	if len(responses) != 19 || len(slices.CompactFunc(responses, bytes.Equal)) != 1 || d.questions() != 1 {
		t.Errorf("%d answers, asked %d times", len(responses), d.questions())
	}
}

// Where the first responder does not answer the second does.
func TestOCSPResponders(t *testing.T) {
	p := newPKI(nil)
	first, second := newDesk(t, p.issuing, p.leafKey, p.responder(nil)), newDesk(t, p.issuing, p.leafKey, p.responder(nil))
	w := newWorld(t, p, func(c *Config) { c.Lists, c.Responders = nil, []string{first.url, second.url} })
	if err := w.TryResponders(t.Context()); err != nil {
		t.Fatal(err)
	}
	first.set(func(d *desk) { d.instead = http.NotFound })
	if got := w.outcome(t, p.leaf(nil), noon); got != "good" || first.questions() != 2 || second.questions() != 2 {
		t.Errorf("%s, asked %d and %d times", got, first.questions(), second.questions())
	}
	err := w.TryResponders(t.Context())
	if states := w.Responders(); err == nil || !strings.Contains(err.Error(), first.url) || strings.Contains(err.Error(), second.url) || states[0].Err == nil || states[1].Err != nil {
		t.Errorf("%v, %+v", err, states)
	}
}

// A responder whose own certificate is on the authority's list is not believed.
func TestRevokedResponder(t *testing.T) {
	p := newPKI(nil)
	w, d := newOCSPWorld(t, p, true)
	w.place.set(200, p.list(nil, entry(d.certificate, noon.Add(-time.Hour))))
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := w.verify(t, p.leaf(nil))
	if err != nil || got.Evidence[0].Kind != port.EvidenceList || !errors.Is(w.Responders()[0].Err, errResponderRevoked) {
		t.Errorf("%v %v %v", got.Evidence, err, w.Responders()[0].Err)
	}
}

// A responder whose certificate may be revoked is not believed before its authority's list says that it is not, unless the
// authority has excused it from being looked up.
func TestUncheckedResponder(t *testing.T) {
	p := newPKI(nil)
	excused := p.responder(func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: asn1.NullBytes})
	})
	for name, c := range map[string]struct {
		list        bool
		responder   *x509.Certificate
		status      int
		body        []byte
		age         time.Duration
		believed    bool
		explanation error
	}{
		"no list is configured":    {list: false, responder: p.responder(nil), believed: true},
		"the list was read":        {list: true, responder: p.responder(nil), status: 200, body: p.list(nil), believed: true},
		"the list was never read":  {list: true, responder: p.responder(nil), status: 500, explanation: errResponderUnchecked},
		"the list has ended":       {list: true, responder: p.responder(nil), status: 200, body: p.list(nil), age: 30 * 24 * time.Hour, explanation: errResponderUnchecked},
		"excused, never read":      {list: true, responder: excused, status: 500, believed: true},
		"excused, but on the list": {list: true, responder: excused, status: 200, body: p.list(nil, entry(excused, noon.Add(-time.Hour))), explanation: errResponderRevoked},
	} {
		w, d := newOCSPWorld(t, p, c.list)
		d.set(func(d *desk) { d.certificate = c.responder })
		if c.list {
			w.Verifier.latest[0] = nil
			w.Verifier.publish()
			w.Verifier.status[0].Store(nil)
			w.place.set(c.status, c.body)
			_ = w.Refresh(t.Context()) // fails where the list is not given
		}
		w.clock = w.clock.Add(c.age)
		got, err := w.verify(t, p.leaf(func(c *x509.Certificate) { c.NotAfter = noon.AddDate(1, 0, 0) }))
		believed := err == nil && len(got.Evidence) == 1 && got.Evidence[0].Kind == port.EvidenceOCSP
		if believed != c.believed || !errors.Is(w.Responders()[0].Err, c.explanation) {
			t.Errorf("%s: %s %v %v, %v", name, got.Revocation, got.Evidence, err, w.Responders()[0].Err)
		}
		if w.Responders()[0].Err != nil && !w.responders[0].allow(w.clock) {
			t.Errorf("%s: an answer counts as silence", name)
		}
	}
}

// Of a certificate that has ended a responder's "good" proves nothing; its "revoked" does.
func TestOCSPAboutExpired(t *testing.T) {
	p := newPKI(nil)
	w, d := newOCSPWorld(t, p, false)
	c := p.leaf(func(c *x509.Certificate) { c.NotAfter = noon.Add(time.Hour) })
	w.clock = noon.Add(2 * time.Hour)
	if got := w.outcome(t, c, noon); got != "unknown" {
		t.Errorf("good: %s", got)
	}
	w.clock = w.clock.Add(cms.OCSPWindow)
	d.revoke(c, noon.Add(-time.Minute))
	if got := w.outcome(t, c, noon); got != KeyRevoked {
		t.Errorf("revoked: %s", got)
	}
}

// Authorities, responders and signers of every family.
func TestOCSPOfEveryKind(t *testing.T) {
	all := kinds()
	for _, c := range [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 0}, {2, 3}} {
		t.Run(all[c[0]].name+" "+all[c[1]].name, func(t *testing.T) {
			g := newGOSTPKI(all[c[0]], all[c[0]], all[c[1]])
			delegate := must(x509.ParseCertificate(g.issuingPair.resign(g.responder(nil).RawTBSCertificate, 2, g.leafPair.spki)))
			d := newDesk(t, g.issuing, g.leafPair.signer, delegate)
			w := newWorld(t, g.pki, func(c *Config) { c.Lists, c.Responders = nil, []string{d.url} })
			good, revoked := g.leaf(nil), g.leaf(nil)
			d.revoke(revoked, noon.Add(-time.Hour))
			got, err := w.Verify(t.Context(), []byte("x"), g.sign([]byte("x"), good), noon)
			if err != nil || got.Revocation != port.RevocationGood {
				t.Errorf("good: %s %v", got.Revocation, err)
			}
			if _, err := w.Verify(t.Context(), []byte("x"), g.sign([]byte("x"), revoked), noon); !fault.Is(err, KeyRevoked) {
				t.Errorf("revoked: %v", err)
			}
		})
	}
}

func TestRespondersAddressesAreChecked(t *testing.T) {
	p := newPKI(nil)
	for _, address := range []string{"", "ocsp.example", "ftp://ocsp.example/", "http://", "/etc/passwd"} {
		cfg := Config{Anchors: Source{Certificates: []*x509.Certificate{p.root}}, Responders: []string{address}}
		if _, err := New(cfg, time.Now); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}
