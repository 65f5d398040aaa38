// Package notify passes notices on: mail over SMTP, SMS over the HTTP interface of a provider with another one behind it, and
// both into a folder, for demonstrations. It is the only importer of the mail library.
package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// The faults of this package. None holds an address.
const (
	keyAddress = "notice.no-address"  // fault.Invalid: no address that anything can be sent to
	keyRefused = "notice.refused"     // fault.Invalid: the provider will not take it, now or later
	keySilent  = "notice.unavailable" // fault.Unavailable: nobody took it
	keyUnknown = "notice.unknown"     // fault.Unavailable: whether a provider took it is not known
)

// SMTP is a mail server that takes our letters (RFC 5321, RFC 6409).
type SMTP struct {
	Address  string // host:port; port 465 speaks TLS from the beginning, others are raised to it (RFC 3207)
	From     string // address of the sender, with a name if wanted
	User     string // empty: the server asks for none
	Password string
	// Plain allows a connection without TLS: a server on this machine itself.
	Plain bool
	TLS   *tls.Config // nil = the system's authorities
	Now   func() time.Time
}

// Send implements port.Sender. A letter that is sent twice has the same Message-ID.
func (s SMTP) Send(ctx context.Context, l port.Letter) (string, error) {
	msg, err := Message(s.From, l, s.Now())
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return "", fault.New(fault.Unavailable, keySilent).Because(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return "", fault.New(fault.Unavailable, keySilent).Because(err)
	}
	opts := []gomail.Option{gomail.WithPort(number), gomail.WithTimeout(10 * time.Second), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	if s.TLS != nil {
		opts = append(opts, gomail.WithTLSConfig(s.TLS))
	}
	switch {
	case s.Plain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case number == 465:
		opts = append(opts, gomail.WithSSL())
	}
	if s.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	client, err := gomail.NewClient(host, opts...)
	if err != nil {
		return "", fault.New(fault.Unavailable, keySilent).Because(err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return host, smtpFault(err)
	}
	return host, nil
}

// smtpFault tells a recipient that the server will never take (5xx to RCPT TO) from everything that may pass.
func smtpFault(err error) error {
	var sent *gomail.SendError
	if errors.As(err, &sent) && sent.Reason == gomail.ErrSMTPRcptTo && !sent.IsTemp() {
		return fault.New(fault.Invalid, keyRefused)
	}
	return fault.New(fault.Unavailable, keySilent)
}

// Message is a letter as it is sent: plain text, from us, to one address. What would end a header line is refused.
func Message(from string, l port.Letter, at time.Time) (*gomail.Msg, error) {
	bad := fault.New(fault.Invalid, keyAddress)
	if strings.ContainsAny(l.To+l.Subject+l.ID, "\r\n\x00") {
		return nil, bad
	}
	to, err := mail.ParseAddress(l.To)
	if err != nil || to.Address != l.To { // a name beside it, a list, a comment: not what a person registers
		return nil, bad
	}
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingB64))
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("notify: the sender's address: %w", err)
	}
	if err := msg.To(l.To); err != nil {
		return nil, bad
	}
	domain := from[strings.LastIndexByte(from, '@')+1:]
	msg.SetMessageIDWithValue(l.ID + "@" + strings.TrimRight(domain, "> "))
	msg.SetDateWithValue(at)
	msg.Subject(l.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence note answers it
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	return msg, nil
}
