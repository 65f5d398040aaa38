package site

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/account"
)

// Browser is a browser in front of the handler: it keeps cookies and follows no redirect.
type Browser struct {
	Cookies map[string]string
	Token   string // of its session, against forged requests; empty before the first form was read
	Binding string // names the session inside the server; known of sessions made by LogIn
	Remote  string // its address

	site   *Site
	office bool // in front of the internal portal
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Raw    *http.Response
}

// Location is where a redirect leads.
func (a Answer) Location() string { return a.Header.Get("Location") }

// Visitor is a browser that is not logged in.
func (s *Site) Visitor() *Browser {
	return &Browser{Cookies: map[string]string{}, Remote: "192.0.2.1:1000", site: s}
}

// LogIn is a browser with a session of an applicant, stored as the server would have.
func (s *Site) LogIn(a *Applicant) *Browser {
	s.tb.Helper()
	return s.Visitor().resume(a.Account.ID, account.Mark(a.Account))
}

// resume gives the browser a session that the server would have stored at a log-in.
func (b *Browser) resume(id, mark string) *Browser {
	s := b.site
	b.Token, b.Binding = hex.EncodeToString(s.Clock.Random(16)), hex.EncodeToString(s.Clock.Random(16))
	cookie := base64.RawURLEncoding.EncodeToString(s.Clock.Random(32))
	deadline := time.Now().Add(12 * time.Hour).UTC()
	data, err := account.Codec{}.Encode(deadline, map[string]any{account.SessionAccount: id, account.SessionMark: mark, "csrf": b.Token, "binding": b.Binding})
	s.must(err)
	s.must(account.NewSessions(s.App.Store, s.Clock).CommitCtx(s.tb.Context(), cookie, data, deadline.Add(s.Clock.offset())))
	b.Cookies[b.cookie()] = cookie
	return b
}

func (b *Browser) origin() string {
	if b.office {
		return "http://" + b.site.Config.OfficeListen
	}
	return b.site.Config.Origin
}

// Request prepares a request of this browser; a POST of our own page names our origin.
func (b *Browser) Request(method, path, contentType string, body io.Reader) *http.Request {
	r := httptest.NewRequestWithContext(context.WithoutCancel(b.site.tb.Context()), method, b.origin()+path, body)
	r.RemoteAddr = b.Remote
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Origin", b.origin())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return r
}

// Send sends a request and keeps the cookies that come.
func (b *Browser) Send(r *http.Request) Answer {
	w := httptest.NewRecorder()
	if b.office {
		b.site.Desk.ServeHTTP(w, r)
	} else {
		b.site.Handler.ServeHTTP(w, r)
	}
	resp := w.Result()
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.Cookies, c.Name)
			continue
		}
		b.Cookies[c.Name] = c.Value
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: w.Body.String(), Raw: resp}
}

// Get fetches an address.
func (b *Browser) Get(path string) Answer {
	return b.Send(b.Request(http.MethodGet, path, "", nil))
}

// Post sends a form with the session's token, which it reads from the log-in page where it has none.
func (b *Browser) Post(path string, values url.Values) Answer {
	return b.Send(b.Form(path, values))
}

// Form prepares what Post sends.
func (b *Browser) Form(path string, values url.Values) *http.Request {
	sent := url.Values{}
	for name, list := range values {
		sent[name] = list
	}
	if !sent.Has("csrf_token") {
		sent.Set("csrf_token", b.token())
	}
	return b.Request(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(sent.Encode()))
}

func (b *Browser) token() string {
	if b.Token == "" {
		address := "/kk/login"
		if b.office {
			address = "/kk/password" // the log-in page leads on whoever is logged in
			if answer := b.Get(address); answer.Status == http.StatusOK {
				b.Token = Hidden(b.site.tb, answer.Body, "csrf_token")
				return b.Token
			}
			address = "/kk/login"
		}
		b.Token = Hidden(b.site.tb, b.Get(address).Body, "csrf_token")
	}
	return b.Token
}

// Upload prepares a form with a file; the token stands in the address, as the pages do it.
func (b *Browser) Upload(path string, fields map[string]string, name string, content []byte) *http.Request {
	b.site.tb.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for key, value := range fields {
		b.site.must(w.WriteField(key, value))
	}
	part, err := w.CreateFormFile("file", name)
	b.site.must(err)
	_, err = part.Write(content)
	b.site.must(err)
	b.site.must(w.Close())
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return b.Request(http.MethodPost, path+sep+"csrf_token="+b.token(), w.FormDataContentType(), &body)
}

// Hidden gives the value of a page's hidden field.
func Hidden(tb testing.TB, body, name string) string {
	tb.Helper()
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		tb.Fatalf("no hidden field %s in\n%.3000s", name, body)
	}
	return html.UnescapeString(m[1])
}

// Known tells whether the browser holds the cookie of a session.
func (b *Browser) Known() bool { return b.Cookies[b.cookie()] != "" }

func (b *Browser) cookie() string {
	if b.office {
		return b.site.Office.Sessions.Cookie.Name
	}
	return b.site.Server.Sessions.Cookie.Name
}
