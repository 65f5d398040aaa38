package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/application"
	"elicense/internal/calendar"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/message"
	"elicense/internal/money"
	"elicense/internal/notice"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/register"
	"elicense/internal/service"
	"elicense/internal/sqlstore"
	"elicense/internal/statistics"
	"elicense/internal/web"
	"elicense/internal/web/assets"
	"elicense/internal/web/signing"
	"elicense/internal/workday"
	"elicense/locales"
)

// siteWorld is a clock that stands still.
type siteWorld struct {
	now time.Time
	n   int
}

func (w *siteWorld) Now() time.Time { return w.now }

func (w *siteWorld) ID() string {
	w.n++
	return fmt.Sprintf("00000000-0000-7000-8000-%012d", w.n)
}

func (w *siteWorld) Random(n int) []byte {
	w.n++
	sum := sha256.Sum256([]byte{byte(w.n), byte(w.n >> 8)})
	return bytes.Repeat(sum[:], n/32+1)[:n]
}

// sitePaper draws nothing but the words of a paper.
type sitePaper struct{}

func (sitePaper) Render(_ context.Context, d port.Paper) ([]byte, error) {
	return []byte("%PDF-1.7\n" + string(d.Lang) + " " + d.Number.Value + " " + d.Verify.URL), nil
}

// siteBlobs keeps files in memory.
type siteBlobs map[string][]byte

func (b siteBlobs) Put(_ context.Context, r io.Reader, _ int64) (string, int64, error) {
	content, err := io.ReadAll(r)
	sum := sha256.Sum256(content)
	b[hex.EncodeToString(sum[:])] = content
	return hex.EncodeToString(sum[:]), int64(len(content)), err
}

type closer struct{ *bytes.Reader }

func (closer) Close() error { return nil }

func (b siteBlobs) Open(_ context.Context, digest string) (io.ReadSeekCloser, error) {
	content, ok := b[digest]
	if !ok {
		return nil, fault.New(fault.NotFound, "fault.not-found")
	}
	return closer{bytes.NewReader(content)}, nil
}

func (b siteBlobs) Each(context.Context, func(string, int64) error) error { return nil }

// site is the portal over a real store, and a browser in front of it.
type site struct {
	*Portal
	t     *testing.T
	store port.Store
	world *siteWorld
	texts *lang.Catalogue
	url   string
	http  *http.Client
}

// openSite starts a portal on the day of the examples, 22 November 2026.
func openSite(t *testing.T) *site {
	t.Helper()
	world := &siteWorld{now: time.Date(2026, 11, 22, 9, 5, 0, 0, time.UTC)}
	store, err := sqlstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "portal.db"), sqlstore.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	must(t, store.Migrate(t.Context()))
	texts, err := lang.Load(locales.Files)
	must(t, err)
	set, err := assets.Load()
	must(t, err)
	folder := os.DirFS("../../../services")
	cat, err := catalogue.New(store, world, folder)
	must(t, err)
	publishAll(t, cat, folder)
	directories, err := classifier.Load()
	must(t, err)
	library := reference.New(directories, store, world)
	cases := &casework.Casework{World: world, Catalogue: cat, Reference: library, Texts: texts, MCI: money.Seed(), Calendar: calendar.Fixed(workday.Default())}
	s := &site{t: t, store: store, world: world, texts: texts}
	notices := &notice.Notices{Store: store, World: world, Words: notice.Locales{Texts: texts}, Origin: "https://elicense.example"}
	s.Portal = &Portal{
		Notices: notices, Messages: &message.Messages{Store: store, World: world, Blobs: siteBlobs{}, Notices: notices},
		Statistics: &statistics.Statistics{Store: store, World: world},
		Catalogue:  cat, Reference: library, World: world, Calendar: calendar.Fixed(workday.Default()), MCI: money.Seed(), Origin: "https://elicense.example",
		Filing:   &filing.Filing{Store: store, World: world, Catalogue: cat, Casework: cases, Origin: "https://elicense.example"},
		Register: &register.Register{Store: store, World: world, Blobs: siteBlobs{}, Renderer: sitePaper{}, Catalogue: cat, Casework: cases, Texts: texts, Origin: "https://elicense.example"},
	}
	s.Server = &web.Server{
		Sessions: web.NewSessions(memstore.New(), account.Codec{}, "session", false), Texts: texts, Assets: set, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Chrome: s.Chrome, NewID: world.ID, Random: world.Random, Now: world.Now, Resume: s.who,
	}
	s.serve()
	return s
}

func publishAll(t *testing.T, cat *catalogue.Catalogue, folder fs.FS) {
	t.Helper()
	keys, err := service.Folders(folder)
	must(t, err)
	for _, key := range keys {
		sub, err := fs.Sub(folder, key)
		must(t, err)
		src, err := service.ReadSource(sub)
		must(t, err)
		_, _, err = cat.Publish(t.Context(), src, "test")
		must(t, err)
	}
}

// who answers for the two accounts of the tests.
func (s *site) who(_ context.Context, _, account, _ string) (web.Who, access.Actor, error) {
	name := map[string]string{"alpha": "«Үлгі Сауда» ЖШС", "beta": "Сынақ Айгүл"}[account]
	return web.Who{Account: account, Name: name}, access.Actor{Role: access.Applicant, Account: account, Party: "party-" + account}, nil
}

// serve mounts the routes of this file's pages and a door for the tests.
func (s *site) serve() {
	s.t.Helper()
	routes := append(s.catalogueRoutes(), s.checkRoutes()...)
	routes = append(routes, s.cabinetRoutes()...)
	routes = append(routes, s.statisticsRoutes()...)
	routes = append(routes, web.Route{Pattern: "GET /{lang}/door/{account}", Policy: web.Public, Handle: func(w http.ResponseWriter, r *web.Request) error {
		if err := s.Server.LogIn(r, r.PathValue("account"), "mark"); err != nil {
			return err
		}
		return s.Server.Go(w, r, r.Link("/"))
	}})
	s.Server.Routes = routes
	handler, err := s.Server.Handler()
	must(s.t, err)
	server := httptest.NewServer(handler)
	s.t.Cleanup(server.Close)
	s.url = server.URL
	s.visitor()
}

// visitor is a new browser that is not logged in and follows no redirects.
func (s *site) visitor() {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	s.http = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *site) logIn(account string) {
	s.t.Helper()
	s.visitor()
	s.get("/kk/door/"+account, http.StatusSeeOther)
}

// get fetches a page and demands its status.
func (s *site) get(path string, status int) string {
	s.t.Helper()
	body, _ := s.fetch(path, status)
	return body
}

func (s *site) fetch(path string, status int) (string, *http.Response) {
	s.t.Helper()
	resp, err := s.http.Get(s.url + path)
	must(s.t, err)
	return s.read(resp, path, status)
}

func (s *site) read(resp *http.Response, path string, status int) (string, *http.Response) {
	s.t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(s.t, err)
	if resp.StatusCode != status {
		s.t.Fatalf("%s: status %d, want %d\n%s", path, resp.StatusCode, status, body)
	}
	for key := range s.texts.Missing() {
		s.t.Errorf("%s: no text for %s", path, key)
	}
	return string(body), resp
}

// holds demands every text on a page.
func (s *site) holds(body string, texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			s.t.Errorf("the page lacks %q", text)
		}
	}
}

func (s *site) lacks(body string, texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if strings.Contains(body, text) {
			s.t.Errorf("the page holds %q", text)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// people adds the parties and accounts that own things.
func (s *site) people() {
	s.t.Helper()
	must(s.t, s.store.Update(s.t.Context(), func(tx port.Tx) error {
		for account, number := range map[string]string{"alpha": siteBIN, "beta": siteIIN} {
			p := party.Party{ID: "party-" + account, Kind: party.KindOf(number), Number: number, Name: account, CreatedAt: s.world.now, Version: 1}
			tx.Write().Accounts().AddParty(p)
			tx.Write().Accounts().AddAccount(party.Account{ID: account, Party: p, IIN: siteIIN, CreatedAt: s.world.now, Version: 1})
		}
		return nil
	}))
}

// Made-up numbers: an organisation of March 2021 and a woman born in 1990.
const (
	siteBIN = "210340070107"
	siteIIN = "900101450015"
)

// draft adds an application of an account.
func (s *site) draft(number, account string, state application.State, at time.Time) {
	s.t.Helper()
	must(s.t, s.store.Update(s.t.Context(), func(tx port.Tx) error {
		a := application.Application{
			Number: number, Service: "trade-licence", Revision: 1, Operation: "issue", Subtype: "import", Body: "mti", Party: "party-" + account,
			Account: account, State: state, Version: 1, Answers: map[string]string{}, Sources: map[string]application.Source{}, CreatedAt: at, ChangedAt: at,
		}
		if state != application.Draft {
			a.SentAt = at.Add(time.Hour)
		}
		tx.Write().Applications().Add(a)
		return nil
	}))
}

// licence adds a permit of an account.
func (s *site) licence(number, account, holder string, from, to civil.Date) permit.Permit {
	s.t.Helper()
	_, n, err := ident.ParseDocumentNumber(number)
	must(s.t, err)
	filed := ident.DocumentNumber("RTL", 1000+n)
	s.draft(filed, account, application.Issued, s.world.now)
	second := ""
	if holder == siteBIN {
		second = fmt.Sprintf("0012026%06d", n)
	}
	p := permit.Permit{
		Number: number, Second: second, Check: hex.EncodeToString(s.world.Random(16)), Application: filed,
		Service: "trade-licence", Revision: 1, Subtype: "import", Body: "mti", Party: "party-" + account, HolderName: "Үлгі Иесі", HolderNumber: holder,
		From: from, To: to, IssuedAt: s.world.now, Version: 1,
		Values: map[string]string{"permit_kind": "import", "contract_number": "KZ-26/118", "contract_date": "2026-10-15", "seller": "Example Chemicals",
			"seller_country": "CN", "quantity": "12000", "unit": "166"},
	}
	must(s.t, s.store.Update(s.t.Context(), func(tx port.Tx) error {
		tx.Write().Permits().Add(p)
		return nil
	}))
	return p
}

func (s *site) post(path, contentType string, body io.Reader, status int) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, body)
	must(s.t, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Origin", s.url)
	resp, err := s.http.Do(req)
	must(s.t, err)
	got, _ := s.read(resp, path, status)
	return got
}

// action finds the address of the form whose action begins with a path, with its token.
func action(t *testing.T, body, path string) string {
	t.Helper()
	i := strings.Index(body, `action="`+path)
	if i < 0 {
		t.Fatalf("no form at %s", path)
	}
	rest := body[i+len(`action="`):]
	address := strings.ReplaceAll(rest[:strings.IndexByte(rest, '"')], "&amp;", "&")
	if _, err := url.Parse(address); err != nil {
		t.Fatal(err)
	}
	return address
}

// All pages together: the mux refuses patterns that overlap without one being more general.
func TestRoutesStandTogether(t *testing.T) {
	s := openSite(t)
	s.Signing = &signing.Signing{}
	s.Server.Routes = s.Routes()
	if _, err := s.Server.Handler(); err != nil {
		t.Fatal(err)
	}
	pages := map[string]bool{}
	for _, r := range s.Server.Routes {
		if r.Page != "" && pages[r.Page] {
			t.Errorf("two pages are called %s", r.Page)
		}
		pages[r.Page] = true
	}
}
