// Package pay speaks with the payment gateway: it sends the person to the gateway's page and reads the notices that the
// gateway sends back. Nothing here uses the network: the address is followed by the person's browser, and notices are
// received by the web server.
//
// # Protocol elicense-payment/1
//
// Both directions are signed with HMAC-SHA256 (RFC 2104, FIPS 180-4) under a secret of at least 32 bytes that both sides
// hold. What is signed begins with the name of the direction and a line feed, so that neither passes for the other.
//
// Order, in the query of the gateway's page: merchant, invoice, amount (whole tiyn), currency (KZT), purpose, lang, back
// (where the person goes afterwards), signature. The signature covers "elicense-payment-order/1\n" and the other
// parameters, URL-encoded and sorted by name.
//
// Notice, the body of a POST: one JSON object {"schema":"elicense-payment/1","id","invoice","outcome":
// "paid"|"failed"|"pending","amount","currency","receipt","at"}; at is RFC 3339 in UTC. The header Payment-Signature holds
// "v1=" and the signature, in hex, over "elicense-payment-notice/1\n" and the body as it came. It is answered with 200; until
// then the gateway sends it again, the same bytes. A notice is accepted up to 30 days after its time: a gateway that
// could not reach us for a week must still be able to deliver, and a repeated one changes nothing.
package pay

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"elicense/internal/charge"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/port"
)

// Names and limits of the protocol.
const (
	Schema    = "elicense-payment/1"
	Header    = "Payment-Signature" // of a notice
	Currency  = "KZT"
	MaxNotice = 16 << 10 // bytes of a notice
	MinSecret = 32       // bytes of a secret
	maxAge    = 30 * 24 * time.Hour
	maxAhead  = 10 * time.Minute // how far the gateway's clock may be ahead
)

// The faults of this package.
const (
	KeyForged    = "payment.forged"    // the signature is wrong
	KeyMalformed = "payment.malformed" // signed, but not by the protocol
	KeyStale     = "payment.stale"     // signed, but of another time
)

// Config of the gateway.
type Config struct {
	Page     string // address of the gateway's payment page, https (or http on loopback)
	Merchant string // our name there
	// Secrets are shared with the gateway. The first one signs; notices may be signed with any, while a secret is replaced.
	Secrets [][]byte
	// Origin is our own scheme://host[:port]: people are sent back there and nowhere else.
	Origin string
}

// Gateway implements port.Payments.
type Gateway struct {
	page     *url.URL
	merchant string
	origin   string
	secrets  [][]byte
}

// The port's contract holds.
var _ port.Payments = (*Gateway)(nil)

// New checks the settings.
func New(c Config) (*Gateway, error) {
	page, err := url.Parse(c.Page)
	switch {
	case err != nil || page.Host == "" || page.User != nil || page.RawQuery != "" || page.Fragment != "":
		return nil, errors.New("pay: the payment page must be an address without query")
	case page.Scheme != "https" && (page.Scheme != "http" || !loopback(page.Hostname())):
		return nil, errors.New("pay: the payment page must be https")
	case c.Merchant == "" || c.Origin == "":
		return nil, errors.New("pay: merchant and origin are needed")
	case len(c.Secrets) == 0:
		return nil, errors.New("pay: a secret is needed")
	}
	for _, s := range c.Secrets {
		if len(s) < MinSecret {
			return nil, errors.New("pay: a secret needs at least 32 bytes")
		}
	}
	return &Gateway{page, c.Merchant, c.Origin, c.Secrets}, nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// Order is what the gateway's page is asked to collect.
type Order struct {
	Merchant string
	Invoice  string
	Amount   money.Tiyn
	Purpose  string
	Lang     lang.Lang
	Back     string
}

// Address gives the signed address of the payment page. The same invoice always has the same address. A back that is not
// on our origin is fault.Internal "payment.back".
func (g *Gateway) Address(i charge.Invoice, l lang.Lang, back string) (string, error) {
	if back != g.origin && !strings.HasPrefix(back, g.origin+"/") {
		return "", fault.New(fault.Internal, "payment.back")
	}
	values := Order{Merchant: g.merchant, Invoice: i.ID, Amount: i.Amount, Purpose: i.Purpose, Lang: l, Back: back}.values()
	values.Set("signature", Sign(g.secrets[0], "order", []byte(values.Encode())))
	page := *g.page
	page.RawQuery = values.Encode()
	return page.String(), nil
}

func (o Order) values() url.Values {
	return url.Values{
		"merchant": {o.Merchant}, "invoice": {o.Invoice}, "amount": {strconv.FormatInt(int64(o.Amount), 10)}, "currency": {Currency},
		"purpose": {o.Purpose}, "lang": {string(o.Lang)}, "back": {o.Back},
	}
}

// ReadOrder verifies and reads the parameters of the payment page: the gateway's side of Address. Faults: fault.Denied
// KeyForged, fault.Invalid KeyMalformed.
func ReadOrder(values url.Values, secret []byte) (Order, error) {
	got := values.Get("signature")
	signed := url.Values{}
	for name, list := range values {
		if len(list) != 1 {
			return Order{}, fault.New(fault.Denied, KeyForged)
		}
		if name != "signature" {
			signed[name] = list
		}
	}
	if !hmac.Equal([]byte(got), []byte(Sign(secret, "order", []byte(signed.Encode())))) {
		return Order{}, fault.New(fault.Denied, KeyForged)
	}
	amount, err := strconv.ParseInt(values.Get("amount"), 10, 64)
	l, ok := lang.Parse(values.Get("lang"))
	o := Order{values.Get("merchant"), values.Get("invoice"), money.Tiyn(amount), values.Get("purpose"), l, values.Get("back")}
	if err != nil || amount < 0 || !ok || o.Invoice == "" || len(signed) != len(o.values()) || signed.Get("currency") != Currency {
		return Order{}, fault.New(fault.Invalid, KeyMalformed)
	}
	return o, nil
}

// Sign is the signature of a direction ("order", "notice"), as it stands in the query or the header.
func Sign(secret []byte, direction string, message []byte) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = io.WriteString(mac, "elicense-payment-"+direction+"/1\n") // a hash takes everything
	_, _ = mac.Write(message)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// wire is a notice as it is sent.
type wire struct {
	Schema   string `json:"schema"`
	ID       string `json:"id"`
	Invoice  string `json:"invoice"`
	Outcome  string `json:"outcome"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Receipt  string `json:"receipt"`
	At       string `json:"at"`
}

// Encode makes the body of a notice: the gateway's side.
func Encode(n charge.Notice) ([]byte, error) {
	return json.Marshal(wire{Schema, n.ID, n.Invoice, string(n.Outcome), int64(n.Amount), n.Currency, n.Receipt, n.At.UTC().Format(time.RFC3339)})
}

// Notice verifies and reads a callback. The signature is checked before the body is looked at. Faults: fault.Denied
// KeyForged, fault.TooLarge KeyMalformed, fault.Invalid KeyMalformed or KeyStale.
func (g *Gateway) Notice(body []byte, signature string, now time.Time) (charge.Notice, error) {
	if len(body) > MaxNotice {
		return charge.Notice{}, fault.New(fault.TooLarge, KeyMalformed)
	}
	genuine := false
	for _, secret := range g.secrets {
		genuine = hmac.Equal([]byte(signature), []byte(Sign(secret, "notice", body))) || genuine
	}
	if !genuine {
		return charge.Notice{}, fault.New(fault.Denied, KeyForged)
	}
	var w wire
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		return charge.Notice{}, fault.New(fault.Invalid, KeyMalformed).Because(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return charge.Notice{}, fault.New(fault.Invalid, KeyMalformed)
	}
	return w.notice(now)
}

func (w wire) notice(now time.Time) (charge.Notice, error) {
	at, err := time.Parse(time.RFC3339, w.At)
	n := charge.Notice{ID: w.ID, Invoice: w.Invoice, Outcome: charge.Outcome(w.Outcome), Amount: money.Tiyn(w.Amount), Currency: w.Currency, Receipt: w.Receipt, At: at.UTC()}
	known := n.Outcome == charge.Settled || n.Outcome == charge.Failed || n.Outcome == charge.Pending
	switch {
	case err != nil || w.Schema != Schema || !known || !token(n.ID) || !token(n.Invoice) || w.Amount < 0 || len(w.Currency) != 3:
		return charge.Notice{}, fault.New(fault.Invalid, KeyMalformed)
	case n.Receipt != "" && !token(n.Receipt), n.Outcome == charge.Settled && n.Receipt == "":
		return charge.Notice{}, fault.New(fault.Invalid, KeyMalformed)
	case now.Sub(n.At) > maxAge || n.At.Sub(now) > maxAhead:
		return charge.Notice{}, fault.New(fault.Invalid, KeyStale)
	}
	return n, nil
}

// token tells an identifier: it stands in rows, logs and pages.
func token(s string) bool {
	return s != "" && len(s) <= 128 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}
