package eds

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"sync/atomic"
	"time"

	"elicense/internal/cms"
	"elicense/internal/port"
)

// When a responder is not asked any more, and when again.
const (
	failures = 5                // as many in a row end the questions …
	pause    = 10 * time.Second // … for so long; then one question tries
)

// nonceSize is the length of a nonce, in bytes (RFC 8954, 2.1).
const nonceSize = 32

// Why a response is not believed that is sound in itself.
var (
	errResponderRevoked   = errors.New("the responder's certificate is revoked")
	errResponderUnchecked = errors.New("whether the responder's certificate is revoked is not known: its authority's lists are not read, or have ended")
)

// responder is one configured OCSP responder.
type responder struct {
	breaker
	url    string
	status atomic.Pointer[ResponderStatus]
}

func newResponder(address string) *responder {
	r := &responder{breaker: breaker{limit: failures, pause: pause}, url: address}
	r.status.Store(&ResponderStatus{Source: address})
	return r
}

// ResponderStatus is what is known about one configured OCSP responder.
type ResponderStatus struct {
	Source   string
	Answered time.Time     // when it last gave an answer that was believed
	Took     time.Duration // how long that took
	Err      error         // of the last attempt; nil after a success
}

// Responders tells the state of every configured responder, in the order of the configuration; for health checks.
func (v *Verifier) Responders() []ResponderStatus {
	out := make([]ResponderStatus, len(v.responders))
	for i, r := range v.responders {
		out[i] = *r.status.Load()
	}
	return out
}

// note takes what became of a question. news tells whether that is another outcome than the one before.
func (r *responder) note(began, now time.Time, err error) (news bool) {
	r.learn(now, !silent(err))
	last := r.status.Load()
	next := ResponderStatus{Source: r.url, Answered: last.Answered, Took: last.Took, Err: err}
	if err == nil {
		next.Answered, next.Took = now, now.Sub(began)
	}
	r.status.Store(&next)
	return (err == nil) != (last.Err == nil) || err != nil && err.Error() != last.Err.Error()
}

// silent tells whether a question brought no answer: the responder is not reached, is busy or is broken. An answer that
// is not believed is none of these: it came, and may be about an authority that is not the responder's own.
func silent(err error) bool {
	var reason cms.OCSPError
	if errors.As(err, &reason) {
		return reason == cms.OCSPTryLater || reason == cms.OCSPInternal
	}
	return err != nil && !errors.Is(err, errResponderRevoked) && !errors.Is(err, errResponderUnchecked)
}

// answer is what a responder said about a certificate.
type answer struct {
	cms.OCSPAnswer
	until    time.Time // it serves before this time
	evidence []port.Evidence
}

// inquiry is one round of questions about a certificate, for all who wait for its answer.
type inquiry struct {
	done   chan struct{}
	answer *answer // nil when none was believed; read it after done
}

// ask gives what a responder says about a certificate: remembered while it is fresh, else asked for now. It is nil when
// no answer was believed. Those who ask about one certificate at once ask once: the first for all, to the end even
// where it stopped waiting itself. It returns the context's error when that ends first.
func (v *Verifier) ask(ctx context.Context, h *holder) (*answer, error) {
	h.mu.Lock()
	if a := h.answer; a != nil && v.now().Before(a.until) {
		h.mu.Unlock()
		return a, nil
	}
	q, joined := h.asking, h.asking != nil
	if !joined {
		q = &inquiry{done: make(chan struct{})}
		h.asking = q
	}
	h.mu.Unlock()
	if !joined {
		v.inquire(context.WithoutCancel(ctx), h, q)
		return q.answer, nil
	}
	select {
	case <-q.done:
		return q.answer, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inquire asks the responders in their order until one is believed.
func (v *Verifier) inquire(ctx context.Context, h *holder, q *inquiry) {
	defer func() {
		h.mu.Lock()
		h.asking = nil
		if q.answer != nil {
			h.answer = q.answer
		}
		h.mu.Unlock()
		close(q.done)
	}()
	id, err := cms.NewOCSPID(h.certificate.RawIssuer, h.issuer.certificate, h.certificate.SerialNumber)
	if err != nil {
		v.log.WarnContext(ctx, "ocsp", "error", err)
		return
	}
	for _, r := range v.responders {
		if !r.allow(v.now()) {
			continue
		}
		if a, err := v.question(ctx, r, id, h.issuer); err == nil {
			q.answer = a
			return
		}
	}
}

// question asks one responder, and believes it or not.
func (v *Verifier) question(ctx context.Context, r *responder, id cms.OCSPID, issuer *authority) (*answer, error) {
	began := v.now()
	a, err := v.exchange(ctx, r.url, id, issuer)
	if r.note(began, v.now(), err) {
		if err != nil {
			v.log.WarnContext(ctx, "ocsp responder", "source", r.url, "error", err)
		} else {
			v.log.InfoContext(ctx, "ocsp responder answers again", "source", r.url)
		}
	}
	return a, err
}

// exchange sends a request and judges the response.
func (v *Verifier) exchange(ctx context.Context, address string, id cms.OCSPID, issuer *authority) (*answer, error) {
	asked := cms.OCSPQuestion{ID: id, Nonce: make([]byte, nonceSize)}
	if _, err := rand.Read(asked.Nonce); err != nil {
		return nil, err
	}
	request, err := asked.Request()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, v.patience)
	defer cancel()
	// The certificate is named in the body: addresses end up in logs.
	der, err := post(ctx, v.asker, address, "application/ocsp-request", "application/ocsp-response", request, cms.MaxOCSP)
	if err != nil {
		return nil, err
	}
	response, err := cms.ParseOCSP(der)
	if err != nil {
		return nil, err
	}
	now := v.now()
	said, err := response.Verify(asked, issuer.key, now, cms.OCSPWindow)
	if err != nil {
		return nil, err
	}
	if err := v.standing(said.Responder, issuer, now); err != nil {
		return nil, err
	}
	a := &answer{OCSPAnswer: said, evidence: []port.Evidence{{Kind: port.EvidenceOCSP, DER: said.DER, At: said.ProducedAt}}}
	for _, end := range []time.Time{now.Add(cms.OCSPWindow), said.ThisUpdate.Add(cms.OCSPWindow), said.ProducedAt.Add(cms.OCSPWindow), said.NextUpdate} {
		if !end.IsZero() && (a.until.IsZero() || end.Before(a.until)) {
			a.until = end
		}
	}
	return a, nil
}

// standing tells why a responder's own certificate is not relied on. An authority answers for itself, and so does a
// responder whom it excused for its certificate's whole life (RFC 6960, 4.2.2.2.1). Any other is looked for on the
// authority's lists. Where no list is configured there is nothing to look at, and the authority's word that this is its
// responder counts.
func (v *Verifier) standing(responder *x509.Certificate, issuer *authority, now time.Time) error {
	if responder.Equal(issuer.certificate) {
		return nil
	}
	l := (*v.current.Load())[issuer]
	switch {
	case l.has(string(responder.SerialNumber.Bytes()), now, now):
		return errResponderRevoked
	case len(v.lists) == 0, cms.OCSPExcused(responder):
		return nil
	case !v.allRead(), l != nil && !l.clears(responder.NotAfter, now, v.maxAge):
		return errResponderUnchecked
	}
	return nil
}

// askingClient makes the client for responders: it follows no redirect.
func askingClient(given *http.Client) *http.Client {
	c := &http.Client{}
	if given != nil {
		*c = *given
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// TryResponders asks every configured responder about a serial number of every issuing authority, until it answers for
// one, and keeps the outcome for Responders. That it does not know the certificate is a sound answer. The errors are
// joined.
func (v *Verifier) TryResponders(ctx context.Context) error {
	var failed []error
	for _, r := range v.responders {
		began := v.now()
		err := v.try(ctx, r.url)
		r.note(began, v.now(), err)
		if err != nil {
			failed = append(failed, fmt.Errorf("eds: responder %s: %w", r.url, err))
		}
	}
	return errors.Join(failed...)
}

func (v *Verifier) try(ctx context.Context, address string) error {
	told := errors.New("there is no issuing authority to ask about")
	for i, a := range v.issuing() {
		id, err := cms.NewOCSPID(a.certificate.RawSubject, a.certificate, big.NewInt(1))
		if err == nil {
			_, err = v.exchange(ctx, address, id, a)
		}
		if err == nil || errors.Is(err, cms.OCSPUnknown) {
			return nil
		}
		// What it says of its own authority tells more than that it does not answer for others.
		if i == 0 || errors.Is(told, cms.OCSPRefused) {
			told = err
		}
	}
	return told
}

// issuing are the authorities below the anchors or, where there are none, the anchors.
func (v *Verifier) issuing() []*authority {
	var anchors, below []*authority
	for _, list := range v.authorities {
		for _, a := range list {
			switch {
			case a.key.Reason() != nil: // signs nothing that could be checked
			case a.issuer == nil:
				anchors = append(anchors, a)
			default:
				below = append(below, a)
			}
		}
	}
	if len(below) == 0 {
		return anchors
	}
	return below
}
