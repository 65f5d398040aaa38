package notify

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

const from = "E-licensing <no-reply@elicense.example>"

func letter() port.Letter {
	return port.Letter{ID: "0199f000-0000-7000-8000-000000000001", To: "sample@example.kz", Subject: "KZ1 өтініші", Text: "Рұқсат берілді.\n.\nТолығырақ"}
}

// What ends a header line, names more than one address or is no address never becomes a message.
func TestHostileAddressesAreRefused(t *testing.T) {
	for _, to := range []string{"", "a", "a@b.kz\r\nBcc: x@y.kz", "a@b.kz\nSubject: x", "a@b.kz, x@y.kz", "A <a@b.kz>", "a@b.kz\x00", "a@b.kz (x)", "<a@b.kz>"} {
		l := letter()
		l.To = to
		if _, err := Message(from, l, now()); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", to, err)
		}
	}
	l := letter()
	l.Subject = "KZ1\r\nBcc: x@y.kz"
	if _, err := Message(from, l, now()); err == nil {
		t.Error("a subject of two lines")
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("a@b.kz", "KZ1", "text")
	f.Add("a@b.kz\r\nBcc: x@y.kz", "Subject\r\nX: y", "\r\n.\r\nQUIT")
	f.Fuzz(func(t *testing.T, to, subject, text string) {
		msg, err := Message(from, port.Letter{ID: "1", To: to, Subject: subject, Text: text}, now())
		if err != nil {
			return
		}
		var b strings.Builder
		if _, err := msg.WriteTo(&b); err != nil {
			return
		}
		read, err := mail.ReadMessage(strings.NewReader(b.String()))
		if err != nil {
			t.Fatalf("%q %q: %v", to, subject, err)
		}
		if len(read.Header["Bcc"])+len(read.Header["Cc"])+len(read.Header["X"]) > 0 || len(read.Header["To"]) != 1 || len(read.Header["Subject"]) != 1 {
			t.Errorf("%q %q made headers: %v", to, subject, read.Header)
		}
		if list, err := read.Header.AddressList("To"); err == nil && len(list) != 1 {
			t.Errorf("%q: %v", to, list)
		}
	})
}

// mailbox is a mail server for one letter (RFC 5321, the least of it).
type mailbox struct {
	net.Listener
	refuse string // answer to RCPT TO; empty = taken
	data   chan string
}

func listen(t *testing.T, refuse string) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	m := &mailbox{l, refuse, make(chan string, 1)}
	go m.serve()
	return m
}

func (m *mailbox) serve() {
	c, err := m.Accept()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	say := func(s string) { _, _ = fmt.Fprintf(c, "%s\r\n", s) }
	say("220 test")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.TrimSpace(line)); {
		case strings.HasPrefix(verb, "EHLO"):
			say("250 test")
		case strings.HasPrefix(verb, "RCPT") && m.refuse != "":
			say(m.refuse)
		case verb == "DATA":
			say("354 go on")
			var data strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				data.WriteString(line)
			}
			m.data <- data.String()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestMailIsSent(t *testing.T) {
	m := listen(t, "")
	s := SMTP{Address: m.Addr().String(), From: from, Plain: true, Now: now}
	if provider, err := s.Send(t.Context(), letter()); err != nil || provider != "127.0.0.1" {
		t.Fatal(provider, err)
	}
	read, err := mail.ReadMessage(strings.NewReader(<-m.data))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, read.Body))
	if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != letter().Text {
		t.Errorf("%q %v", body, err)
	}
	if id := read.Header.Get("Message-Id"); id != "<"+letter().ID+"@elicense.example>" || read.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("%v", read.Header)
	}
}

func TestMailFaults(t *testing.T) {
	for refuse, want := range map[string]fault.Kind{"550 no such mailbox": fault.Invalid, "451 later": fault.Unavailable} {
		m := listen(t, refuse)
		_, err := SMTP{Address: m.Addr().String(), From: from, Plain: true, Now: now}.Send(t.Context(), letter())
		if err == nil || fault.KindOf(err) != want || strings.Contains(err.Error(), "sample@") {
			t.Errorf("%s: %v", refuse, err)
		}
	}
	m := listen(t, "") // without TLS nothing is sent to a server that is not this machine
	if _, err := (SMTP{Address: m.Addr().String(), From: from, Now: now}).Send(t.Context(), letter()); fault.KindOf(err) != fault.Unavailable || err == nil {
		t.Errorf("without TLS: %v", err)
	}
}

// provider is a double of a provider of SMS.
type provider struct {
	*httptest.Server
	mu     sync.Mutex
	has    map[string]int // attempts by id
	status int            // of POST; 0 = taken
	hang   bool           // takes the message and breaks off without an answer
	mute   bool           // nor says what became of it
}

func open(t *testing.T) *provider {
	t.Helper()
	p := &provider{has: map[string]int{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ ID, To, Text string }
		if r.Method == http.MethodPost {
			_ = json.NewDecoder(r.Body).Decode(&in)
		}
		p.mu.Lock()
		status, hang, mute := p.status, p.hang, p.mute
		if r.Method == http.MethodPost && status == 0 {
			p.has[in.ID]++
		}
		_, known := p.has[strings.TrimPrefix(r.URL.Path, "/")]
		p.mu.Unlock()
		if r.Method == http.MethodGet && !mute {
			if !known {
				w.WriteHeader(http.StatusNotFound)
			}
			return
		}
		if hang {
			panic(http.ErrAbortHandler)
		}
		if status != 0 {
			w.WriteHeader(status)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) got() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.has)
}

// the second provider follows where the first certainly sent nothing; a decision never comes twice.
func TestTheSecondProviderFollows(t *testing.T) {
	for _, c := range []struct {
		name              string
		first             func(*provider)
		once              bool
		provider          string
		fails             bool
		atFirst, atSecond int
	}{
		{"both work", func(*provider) {}, false, "first", false, 1, 0},
		{"the first is busy", func(p *provider) { p.status = 503 }, true, "second", false, 0, 1},
		{"the first refuses us", func(p *provider) { p.status = 401 }, true, "second", false, 0, 1},
		{"the first is down", func(p *provider) { p.Close() }, true, "second", false, 0, 1},
		{"the first takes it and is quiet", func(p *provider) { p.hang = true }, true, "first", false, 1, 0},
		{"the first is quiet about everything", func(p *provider) { p.hang, p.mute = true, true }, false, "second", false, 1, 1},
		{"the same, a decision", func(p *provider) { p.hang, p.mute = true, true }, true, "first", true, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, second := open(t), open(t)
			c.first(first)
			client := &http.Client{}
			t.Cleanup(client.CloseIdleConnections)
			all := Providers{Patience: time.Minute, List: []Provider{{"first", first.URL, "t", client}, {"second", second.URL, "t", client}}}
			l := letter()
			l.Once = c.once
			name, err := all.Send(t.Context(), l)
			if name != c.provider || (err != nil) != c.fails || c.fails && fault.KindOf(err) != fault.Unavailable {
				t.Errorf("%s %v", name, err)
			}
			if first.got() != c.atFirst || second.got() != c.atSecond {
				t.Errorf("the first has %d, the second %d", first.got(), second.got())
			}
		})
	}
}

// A letter that may lie with a provider is given to that one again: it is the same message there.
func TestWhoWasTriedLastComesFirst(t *testing.T) {
	first, second := open(t), open(t)
	l := letter()
	l.Provider, l.Once = "second", true
	all := Providers{Patience: time.Minute, List: []Provider{{"first", first.URL, "t", http.DefaultClient}, {"second", second.URL, "t", http.DefaultClient}}}
	for range 2 {
		if name, err := all.Send(t.Context(), l); name != "second" || err != nil {
			t.Error(name, err)
		}
	}
	if first.got() != 0 || second.got() != 1 {
		t.Errorf("%d and %d", first.got(), second.got())
	}
	first.status, second.status = 422, 400
	if _, err := all.Send(t.Context(), l); fault.KindOf(err) != fault.Invalid || err == nil {
		t.Errorf("a number that nobody takes: %v", err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	m, s := Folder{Path: filepath.Join(dir, "mail"), From: from, Now: now}, Folder{Path: filepath.Join(dir, "sms"), SMS: true, Now: now}
	for range 2 {
		if _, err := m.Send(context.Background(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	phone := letter()
	phone.To = "+77010000000"
	if _, err := s.Send(context.Background(), phone); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[1])
	if err != nil || !strings.HasPrefix(string(text), "+77010000000\nРұқсат") {
		t.Errorf("%q %v", text, err)
	}
	phone.ID = "../../x"
	if _, err := s.Send(context.Background(), phone); err == nil {
		t.Error("a file outside the folder")
	}
}
