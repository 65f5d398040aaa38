package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// Provider is a provider of SMS with an HTTP interface:
//
//	POST {URL}            {"id","to","text"}; 2xx = taken. The same id again is the same message.
//	GET  {URL}/{id}       200 = it has the message, 404 = it never got it
//
// Both with "Authorization: Bearer {Token}". What a provider speaks otherwise is translated in front of it.
type Provider struct {
	Name   string // as it is kept with the notice
	URL    string
	Token  string
	Client *http.Client
}

// Providers send an SMS by the first provider that takes it.
type Providers struct {
	List []Provider
	// Patience is how long a provider may take to answer; zero = 5 seconds. The whole list is through within a minute.
	Patience time.Duration
}

// outcome is what became of an attempt.
type outcome int

const (
	taken   outcome = iota
	refused         // the provider said no: nothing was sent
	wrong           // the provider said that the number or the text can never be sent
	absent          // there is nothing at the address
	quiet           // no answer: it may have been sent
)

// Send implements port.Sender. A provider that says no, or cannot be reached, is followed by the next. One that was given
// the message and does not answer is asked whether it has it; where it does not say so either, another message may follow
// by the next provider, but never one that must not come twice (port.Letter.Once): that one waits for the provider, whose
// idempotent interface makes one message of all attempts.
func (p Providers) Send(ctx context.Context, l port.Letter) (string, error) {
	last, refusals := "", 0
	for _, provider := range p.from(l.Provider) {
		last = provider.Name
		switch p.attempt(ctx, provider, l) {
		case taken:
			return last, nil
		case wrong:
			refusals++
		case quiet:
			if l.Once {
				return last, fault.New(fault.Unavailable, keyUnknown)
			}
		}
	}
	if refusals > 0 && refusals == len(p.List) {
		return last, fault.New(fault.Invalid, keyRefused)
	}
	return last, fault.New(fault.Unavailable, keySilent)
}

// from is the list, beginning with the provider that was tried last: it may have the message.
func (p Providers) from(last string) []Provider {
	for i, x := range p.List {
		if x.Name == last {
			return append(append([]Provider{}, p.List[i:]...), p.List[:i]...)
		}
	}
	return p.List
}

// attempt gives a message to one provider.
func (p Providers) attempt(ctx context.Context, x Provider, l port.Letter) outcome {
	patience := p.Patience
	if patience == 0 {
		patience = 5 * time.Second
	}
	body, err := json.Marshal(map[string]string{"id": l.ID, "to": l.To, "text": l.Text})
	if err != nil {
		return wrong
	}
	switch got := x.call(ctx, patience, http.MethodPost, x.URL, body); got {
	case quiet:
	case absent: // a wrong address in the settings
		return refused
	default:
		return got
	}
	switch x.call(ctx, patience, http.MethodGet, strings.TrimRight(x.URL, "/")+"/"+url.PathEscape(l.ID), nil) {
	case taken:
		return taken
	case absent: // it never got it
		return refused
	}
	return quiet
}

// call asks a provider. An address that cannot be reached at all is a refusal: nothing was sent.
func (x Provider) call(ctx context.Context, patience time.Duration, method, address string, body []byte) outcome {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return refused
	}
	r.Header.Set("Authorization", "Bearer "+x.Token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := x.Client.Do(r)
	if err != nil {
		if unreached(err) {
			return refused
		}
		return quiet
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // the connection is used again where there is no more
	_ = resp.Body.Close()
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return taken
	case resp.StatusCode == http.StatusNotFound:
		return absent
	case resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusUnprocessableEntity:
		return wrong
	case resp.StatusCode < 500 || resp.StatusCode == http.StatusServiceUnavailable:
		return refused
	}
	return quiet // 500, 502, 504: it may have been passed on before something broke
}

// unreached tells a connection that was never made.
func unreached(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
