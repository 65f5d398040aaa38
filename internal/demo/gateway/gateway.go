// Package gateway simulates the payment gateway for the demonstration: it speaks the protocol of package pay, moves no
// money, and says so on its page. It lets the person choose the outcome and lets the notice come more than once.
package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/pay"
)

// Settings of the simulator.
type Settings struct {
	Secret   []byte // shared with the portal
	Callback string // where notices are posted
	Now      func() time.Time
	ID       func() string // a new identifier
	Client   *http.Client  // nil = a client with a limit of 10 s
	Log      *slog.Logger  // nil discards
	// Pause is the wait before the first repetition; it doubles up to thirty seconds. 0 = 500 ms.
	Pause time.Duration
}

// duplicates is how often a notice comes when the person asks for it.
const duplicates = 5

// Gateway is the simulator, an http.Handler: mount it where the configured payment page is.
type Gateway struct {
	set   Settings
	page  *template.Template
	style string // for the content security policy
	stop  context.CancelFunc
	ctx   context.Context // ends the deliveries, which outlive their requests
	busy  sync.WaitGroup
}

// New makes the simulator.
func New(set Settings) (*Gateway, error) {
	switch {
	case len(set.Secret) < pay.MinSecret || set.Now == nil || set.ID == nil:
		return nil, errors.New("demo gateway: secret, clock and ids are needed")
	case set.Callback == "":
		return nil, errors.New("demo gateway: nowhere to send notices")
	}
	if set.Client == nil {
		set.Client = &http.Client{Timeout: 10 * time.Second}
	}
	if set.Log == nil {
		set.Log = slog.New(slog.DiscardHandler)
	}
	if set.Pause <= 0 {
		set.Pause = 500 * time.Millisecond
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(styleText))
	ctx, stop := context.WithCancel(context.Background())
	return &Gateway{set: set, page: page, style: "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", ctx: ctx, stop: stop}, nil
}

// Close ends the deliveries and waits for them.
func (g *Gateway) Close() {
	g.stop()
	g.busy.Wait()
}

// ServeHTTP shows the payment page (GET) and takes the person's choice (POST). Both carry the signed order in the query.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	order, err := pay.ReadOrder(r.URL.Query(), g.set.Secret)
	back, parsed := url.Parse(order.Back)
	if err == nil && (parsed != nil || back.Host == "") {
		err = fault.New(fault.Invalid, pay.KeyMalformed)
	}
	g.headers(w, back)
	switch {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		g.show(w, view{Words: words(lang.RU), Lang: lang.RU, Style: styleText})
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		g.show(w, g.order(order, r.URL.RawQuery))
	case r.Method == http.MethodPost:
		g.choose(w, r, order)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// headers allow nothing but the page's own style and its form, which is answered with the way back.
func (g *Gateway) headers(w http.ResponseWriter, back *url.URL) {
	action := "'self'"
	if back != nil && back.Host != "" {
		action += " " + back.Scheme + "://" + back.Host
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+g.style+"; form-action "+action+"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// choose sends the notices and the person back. The notice has left before the answer, but may arrive after it.
func (g *Gateway) choose(w http.ResponseWriter, r *http.Request, o pay.Order) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	n := charge.Notice{ID: g.set.ID(), Invoice: o.Invoice, Outcome: charge.Failed, Amount: o.Amount, Currency: pay.Currency, At: g.set.Now()}
	if r.PostForm.Get("choice") == "pay" {
		n.Outcome, n.Receipt = charge.Settled, "DEMO-"+g.set.ID()
	}
	times := 1
	if r.PostForm.Get("duplicates") != "" {
		times = duplicates
	}
	body, err := pay.Encode(n)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	for range times {
		g.busy.Go(func() { g.deliver(body) })
	}
	http.Redirect(w, r, o.Back, http.StatusSeeOther)
}

// deliver posts a notice until it is answered with 2xx.
func (g *Gateway) deliver(body []byte) {
	for pause := g.set.Pause; ; pause = min(2*pause, 30*time.Second) {
		err := g.post(body)
		if err == nil {
			return
		}
		g.set.Log.InfoContext(g.ctx, "demo gateway: the notice will be sent again", "in", pause, "error", err)
		timer := time.NewTimer(pause)
		select {
		case <-g.ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

func (g *Gateway) post(body []byte) error {
	r, err := http.NewRequestWithContext(g.ctx, http.MethodPost, g.set.Callback, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(pay.Header, pay.Sign(g.set.Secret, "notice", body))
	answer, err := g.set.Client.Do(r)
	if err != nil {
		return err
	}
	if err := answer.Body.Close(); err != nil {
		return err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return errors.New("answered with " + strconv.Itoa(answer.StatusCode))
	}
	return nil
}
