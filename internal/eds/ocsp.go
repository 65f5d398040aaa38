package eds

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
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

// errResponderRevoked is why a response is not believed that is sound in itself.
var errResponderRevoked = errors.New("the responder's certificate is revoked")

// responder is one configured OCSP responder.
type responder struct {
	url string

	mu     sync.Mutex // held for moments only, never while the responder is asked
	failed int        // questions in a row that it did not answer in time
	next   time.Time  // of the next try, once it failed too often
	status ResponderStatus
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
		r.mu.Lock()
		out[i] = r.status
		r.mu.Unlock()
	}
	return out
}

// allow tells whether the responder may be asked. After too many failures one question in a pause may try.
func (r *responder) allow(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed < failures {
		return true
	}
	if now.Before(r.next) {
		return false
	}
	r.next = now.Add(pause)
	return true
}

// learn takes what became of a question. news tells whether that is another outcome than the one before.
func (r *responder) learn(began, now time.Time, err error) (news bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if silent(err) {
		r.failed++
		r.next = now.Add(pause)
	} else {
		r.failed = 0
	}
	last := r.status.Err
	r.status.Err = err
	if err == nil {
		r.status.Answered, r.status.Took = now, now.Sub(began)
		return last != nil
	}
	return last == nil || last.Error() != err.Error()
}

// silent tells whether a question brought no answer: the responder is not reached, is busy or is broken. An answer that
// is not believed is none of these: it came, and may be about an authority that is not the responder's own.
func silent(err error) bool {
	var reason cms.OCSPError
	if errors.As(err, &reason) {
		return reason == cms.OCSPTryLater || reason == cms.OCSPInternal
	}
	return err != nil && !errors.Is(err, errResponderRevoked)
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
	if r.learn(began, v.now(), err) {
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
	der, err := v.post(ctx, address, request)
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
	if !said.Responder.Equal(issuer.certificate) && (*v.current.Load())[issuer].has(string(said.Responder.SerialNumber.Bytes()), now) {
		return nil, errResponderRevoked
	}
	a := &answer{OCSPAnswer: said, evidence: []port.Evidence{{Kind: port.EvidenceOCSP, DER: said.DER, At: said.ProducedAt}}}
	for _, end := range []time.Time{now.Add(cms.OCSPWindow), said.ThisUpdate.Add(cms.OCSPWindow), said.ProducedAt.Add(cms.OCSPWindow), said.NextUpdate} {
		if !end.IsZero() && (a.until.IsZero() || end.Before(a.until)) {
			a.until = end
		}
	}
	return a, nil
}

// post sends a request to a configured address, within the time that a responder has. The certificate is named in the
// body: addresses end up in logs.
func (v *Verifier) post(ctx context.Context, address string, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, v.patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/ocsp-request")
	r.Header.Set("Accept", "application/ocsp-response")
	response, err := v.asker.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // nothing to learn from closing what was read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, cms.MaxOCSP+1)) // one too many is refused as too large
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
		r.learn(began, v.now(), err)
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
