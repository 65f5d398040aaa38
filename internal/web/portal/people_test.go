package portal

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/cms"
	"elicense/internal/demo/ca"
	"elicense/internal/eds"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/notice"
	"elicense/internal/party"
	"elicense/internal/reference"
	"elicense/internal/sqlstore"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/signing"
	"elicense/locales"
	"elicense/services"
)

// peopleTrust is an authority with one signing key for everybody: making keys takes most of the time.
type peopleTrust struct {
	ca       *ca.CA
	key      *rsa.PrivateKey
	verifier *eds.Verifier
	set      *classifier.Set
}

var trusted = sync.OnceValues(func() (*peopleTrust, error) {
	dir, err := os.MkdirTemp("", "people")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	t := &peopleTrust{}
	if t.ca, err = ca.Open(dir, ca.Options{Now: time.Now}); err != nil {
		return nil, err
	}
	if t.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, err
	}
	list, err := t.ca.List()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "list.crl")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return nil, err
	}
	t.verifier, err = eds.New(eds.Config{
		Environment: "test", Anchors: eds.Source{Certificates: t.ca.Anchors()}, Intermediates: eds.Source{Certificates: t.ca.Intermediates()}, Lists: []eds.List{{File: file}},
	}, time.Now)
	if err != nil {
		return nil, err
	}
	if err := t.verifier.Refresh(context.Background()); err != nil {
		return nil, err
	}
	t.set, err = classifier.Load()
	return t, err
})

// peopleWorld is a clock that a test moves.
type peopleWorld struct{ ahead, ids atomic.Int64 }

func (w *peopleWorld) Now() time.Time {
	return time.Now().Add(time.Duration(w.ahead.Load())).UTC().Truncate(time.Microsecond)
}
func (w *peopleWorld) ID() string { return fmt.Sprintf("01990000-0000-7000-8000-%012d", w.ids.Add(1)) }
func (w *peopleWorld) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// visit is a browser on a portal of its own.
type visit struct {
	t     *testing.T
	base  string
	world *peopleWorld
	pages *Portal
	http  *http.Client
	// the answer before
	status int
	path   string // of the last page, with its query
	body   string
	header http.Header
}

// peoplePortal starts a portal with the pages of this part only.
func peoplePortal(t *testing.T) *visit {
	t.Helper()
	trust, err := trusted()
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(store.Migrate(t.Context()))
	v := &visit{t: t, world: &peopleWorld{}}
	var handler http.Handler
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	v.base = site.URL
	accounts, err := account.New(store, v.world, trust.verifier, account.Settings{
		Origin: site.URL, Environment: "test", Hash: account.Hash{MemoryKiB: 64, Iterations: 1, AtOnce: 8, Wait: 20 * time.Second},
	})
	must(err)
	texts, err := lang.Load(locales.Files)
	must(err)
	set, err := assets.Load()
	must(err)
	services, err := catalogue.New(store, v.world, services.Files)
	must(err)
	server := &web.Server{
		Sessions: web.NewSessions(account.NewSessions(store, v.world), account.Codec{}, "test", false), Texts: texts, Assets: set, Log: slog.New(slog.DiscardHandler),
		NewID: v.world.ID, Random: v.world.Random, Now: v.world.Now,
		Resume: func(ctx context.Context, _, id, mark string) (web.Who, access.Actor, error) {
			a, actor, err := accounts.Resume(ctx, id, mark)
			who := web.Who{Account: a.ID, Name: a.PersonName()}
			if a.Party.Kind == party.Organisation {
				who.Name, who.For = a.Party.Name, a.PersonName()
			}
			return who, actor, err
		},
	}
	p := &Portal{Server: server, Catalogue: services, Accounts: accounts, Reference: reference.New(trust.set, store, v.world), World: v.world,
		Notices: &notice.Notices{Store: store, World: v.world, Words: notice.Locales{Texts: server.Texts}, Origin: site.URL},
		Origin:  site.URL, Signing: &signing.Signing{Server: server, Agent: "ws://127.0.0.1:13579/", Waiting: accounts.Waiting}}
	server.Chrome = p.Chrome
	server.Routes = append(p.peopleRoutes(), web.Route{Pattern: "GET /{lang}/applications", Policy: web.Person, Handle: func(w http.ResponseWriter, r *web.Request) error {
		_, err := io.WriteString(w, "applications of "+r.Who.Name)
		return err
	}})
	v.pages = p
	handler, err = server.Handler()
	must(err)
	v.http = v.browser()
	return v
}

// browser is a new one, without cookies.
func (v *visit) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// other is the same portal in another browser.
func (v *visit) other() *visit {
	return &visit{t: v.t, base: v.base, world: v.world, http: v.browser()}
}

func (v *visit) do(r *http.Request) {
	v.t.Helper()
	answer, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.status, v.path, v.body, v.header = answer.StatusCode, answer.Request.URL.RequestURI(), string(body), answer.Header
	_, own, _ := strings.Cut(v.body, "<main")
	own, _, _ = strings.Cut(own, "</main>")
	if i := strings.Index(own, "⟦"); i >= 0 {
		v.t.Errorf("%s: a text is missing: %s", v.path, own[i:min(len(own), i+60)])
	}
}

func (v *visit) get(path string) {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodGet, v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.do(r)
}

// post sends a form with the token of the page before.
func (v *visit) post(path string, pairs ...string) {
	v.t.Helper()
	form := url.Values{"csrf_token": {v.token()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v.do(r)
}

// upload sends a file as the form without a script does.
func (v *visit) upload(action string, content []byte) {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("cms", "signature.cms")
	if err != nil {
		v.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.WriteField("cms", "")
	_ = form.Close()
	r, err := http.NewRequest(http.MethodPost, v.base+action, &body)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	v.do(r)
}

func (v *visit) find(pattern string) string {
	m := regexp.MustCompile(pattern).FindStringSubmatch(v.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func (v *visit) token() string { return v.find(`name="csrf_token" value="([0-9a-f]+)"`) }

// payload is what the page hands to NCALayer.
func (v *visit) payload() []byte {
	v.t.Helper()
	b, err := base64.StdEncoding.DecodeString(v.find(`data-payload="([^"]+)"`))
	if err != nil || len(b) == 0 {
		v.t.Fatalf("%s: nothing to sign: %v", v.path, err)
	}
	return b
}

// action is where the signature goes.
func (v *visit) action() string { return v.find(`<form method="post" action="([^"]+)" data-sign-form`) }

func (v *visit) want(status int, path string, texts ...string) {
	v.t.Helper()
	if v.status != status || v.path != path {
		v.t.Fatalf("got %d at %s, want %d at %s\n%s", v.status, v.path, status, path, v.main())
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(v.body), text) {
			v.t.Errorf("%s lacks %q\n%s", v.path, text, v.main())
		}
	}
}

// main is the page's own part, for messages.
func (v *visit) main() string {
	_, m, _ := strings.Cut(v.body, "<main")
	return regexp.MustCompile(`(?s)<[^>]*>|\s+`).ReplaceAllString(m, " ")
}

func somebody(t *testing.T, serial int) ca.Person {
	t.Helper()
	for ; serial < 9999; serial++ {
		if iin, ok := ident.MakeIIN(civil.New(1988, 5, 4), serial%2 == 0, serial); ok {
			return ca.Person{Kind: ca.Individual, IIN: string(iin), Surname: "ҮЛГІЛІ", GivenName: "ДИНА", Patronymic: "САМАТҚЫЗЫ"}
		}
	}
	t.Fatal("no number")
	return ca.Person{}
}

func withKeyOf(t *testing.T, who ca.Person, content []byte) []byte {
	t.Helper()
	trust, err := trusted()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := trust.ca.IssueOver(trust.key, who)
	if err != nil {
		t.Fatal(err)
	}
	der, err := cms.Sign(content, pair.Key, pair.Certificate, cms.Options{Detached: true, SigningTime: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

const peoplePassword = "алты түйе 7 жол"

// register fills in the first step and stands at the second.
func (v *visit) register(who ca.Person) {
	v.t.Helper()
	v.get("/kk/register")
	number, representative := who.IIN, ""
	if who.BIN != "" {
		number, representative = who.BIN, who.IIN
	}
	v.post("/kk/register", "number", number, "representative", representative, "email", "dina@example.kz", "phone", "8 701 123 45 67", "password", peoplePassword, "lang", "kk")
	if v.status != http.StatusOK || !strings.HasPrefix(v.path, "/kk/register/") {
		v.t.Fatalf("registration: %d at %s\n%s", v.status, v.path, v.main())
	}
}

// registered registers with one's own key, as NCALayer's form does.
func (v *visit) registered(who ca.Person) {
	v.t.Helper()
	v.register(who)
	v.post(v.action(), "cms", base64.StdEncoding.EncodeToString(withKeyOf(v.t, who, v.payload())))
	v.want(http.StatusOK, "/kk/applications")
}

// leave logs out.
func (v *visit) leave() {
	v.t.Helper()
	v.get("/kk/profile")
	v.post("/kk/logout")
}
