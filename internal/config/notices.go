package config

import (
	"net"
	"net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// SMSProvider is a configured provider of SMS.
type SMSProvider struct{ Name, URL, Token string }

// SMSProviders gives the configured providers in their order, each with its token.
func (c Config) SMSProviders() ([]SMSProvider, error) {
	var list []SMSProvider
	files := parts(c.SMSTokens)
	for i, address := range parts(c.SMS) {
		token, err := os.ReadFile(files[min(i, len(files)-1)])
		if err != nil {
			return nil, err
		}
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		list = append(list, SMSProvider{Name: strconv.Itoa(i+1) + "-" + u.Hostname(), URL: address, Token: strings.TrimSpace(string(token))})
	}
	return list, nil
}

// MailPassword gives the password of the mail server; empty where it asks for none.
func (c Config) MailPassword() (string, error) {
	if c.SMTPPassword == "" {
		return "", nil
	}
	b, err := os.ReadFile(c.SMTPPassword)
	return strings.TrimSpace(string(b)), err
}

// LocalMail tells whether the mail server is this machine itself, to which letters go without TLS.
func (c Config) LocalMail() bool {
	host, _, err := net.SplitHostPort(c.SMTP)
	return err == nil && Loopback(host)
}

// checkNotices looks at what sends notices.
func (c Config) checkNotices(say func(string, ...any)) {
	if c.SMTP != "" {
		host, port, err := net.SplitHostPort(c.SMTP)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || host == "" {
			say("smtp: %q is no host:port", c.SMTP)
		}
		if _, err := mail.ParseAddress(c.SMTPFrom); err != nil {
			say("smtp-from: an e-mail address, not %q", c.SMTPFrom)
		}
	}
	if (c.SMTPUser == "") != (c.SMTPPassword == "") {
		say("smtp-user and smtp-password-file belong together")
	}
	if _, err := c.MailPassword(); err != nil {
		say("smtp-password-file: %s cannot be read", c.SMTPPassword)
	}
	addresses, files := parts(c.SMS), parts(c.SMSTokens)
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname())) {
			say("sms: an address that begins with https://, without query, not %q", address)
		}
	}
	if len(addresses) != len(files) {
		say("sms-token-files: as many files as addresses in sms: %d, not %d", len(addresses), len(files))
	}
	for _, file := range files {
		if b, err := os.ReadFile(file); err != nil || len(strings.TrimSpace(string(b))) == 0 {
			say("sms-token-files: %s is no readable file with a token", file)
		}
	}
	if c.NoticeFolder != "" && (c.SMTP != "" || c.SMS != "") {
		say("notice-folder: either a folder or providers")
	}
	if c.NoticeFolder != "" && c.Environment == "production" {
		say("notice-folder: not in production: nobody would get a notice")
	}
}
