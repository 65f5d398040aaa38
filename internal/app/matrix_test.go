package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"elicense/internal/account"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
	"elicense/internal/web"
)

// canary stands in every answer of the owner and must never be seen by anyone else.
const canary = "CANARY-77-CONTRACT"

// principal is who asks.
type principal struct {
	name  string
	known bool // logged in
	owner bool
	enter func() *site.Browser
}

// matrix asks every route as every person with the identifiers of the owner's things.
type matrix struct {
	t          *testing.T
	site       *site.Site
	principals []principal
	owned      map[string][]string // by kind of thing: the owner's identifiers
	missing    map[string]string   // one that does not exist, of the same form
	asked      int
	findings   []string
	// kinds says what a wildcard of a pattern stands for: a kind of owned thing, or fixed values.
	kinds func(pattern, name string) (kind string, fixed []string)
}

func (m *matrix) find(format string, args ...any) {
	m.findings = append(m.findings, fmt.Sprintf(format, args...))
}

// openMatrix makes the owner with an application in every state, and everybody else.
func openMatrix(t *testing.T, routes ...web.Route) *matrix {
	t.Helper()
	s := openSite(t, site.Options{Routes: routes})
	owner, waiting, other, person := s.Organisation(1), s.Organisation(2), s.Organisation(3), s.Individual(4)
	expired := s.LogIn(owner)
	s.Clock.Advance(13 * time.Hour)
	mark := map[string]string{"contract_number": canary, "seller": canary}
	m := &matrix{t: t, site: s, owned: map[string][]string{}, missing: map[string]string{
		"application": "KZ07RTL00999999", "permit": "KZ07LTL00999999", "document": "0199f000-0000-7000-8000-00000000dead", "bundle": "0199f000-0000-7000-8000-00000000beef", "nonce": strings.Repeat("d", 32), "code": strings.Repeat("e", 32),
	}}
	m.kinds = m.kindOf
	own := func(kind, value string) { m.owned[kind] = append(m.owned[kind], value) }

	issued, err := owner.Send(owner.Complete(mark))
	must(t, err)
	returned, err := owner.Send(owner.Complete(map[string]string{"contract_number": canary, "goods_code": "010121"}))
	must(t, err)
	deleted := owner.Draft()
	must(t, s.App.Filing.Delete(t.Context(), owner.Actor, deleted))
	draft := owner.Complete(mark)
	s.Clock.Advance(30 * time.Hour) // the revocation list is stale: signatures wait
	signing, err := waiting.Send(waiting.Complete(mark))
	must(t, err)
	s.PublishList()
	if issued.State != "issued" || returned.State != "returned" || signing.State != "signing" {
		t.Fatal(issued.State, returned.State, signing.State)
	}
	for _, number := range []string{issued.Number, returned.Number, deleted, draft, signing.Number} {
		own("application", number)
	}
	own("permit", issued.Permit)
	together, err := s.App.Filing.BeginBundle(t.Context(), owner.Actor, "medical-facility")
	must(t, err)
	own("bundle", together)
	own("document", owner.Document.ID)
	own("nonce", owner.Prepare("the owner's browser", draft).Nonce)
	own("nonce", m.registration())
	other.Draft()
	m.people(owner, other, person, expired)
	return m
}

// registration is a registration that waits for its signature in another browser.
func (m *matrix) registration() string {
	m.t.Helper()
	someone := m.site.Individual(77)
	c, err := m.site.App.Accounts.StartRecovery(m.t.Context(), "the owner's browser", account.Recovery{Number: someone.Person.IIN, Password: "Long-Enough-2026", Remote: "192.0.2.9"})
	must(m.t, err)
	return c.Nonce
}

func (m *matrix) people(owner, other, person *site.Applicant, expired *site.Browser) {
	s := m.site
	private := s.Private(owner)
	colleague := s.Colleague(owner, 5)
	changed := *owner // a session from before the password was changed
	changed.Account.Password = "another"
	m.principals = []principal{
		{name: "anonymous", enter: s.Visitor},
		{name: "expired session", enter: func() *site.Browser {
			b := s.Visitor()
			for name, value := range expired.Cookies {
				b.Cookies[name] = value
			}
			return b
		}},
		{name: "session from before the password", enter: func() *site.Browser {
			b := s.LogIn(&changed)
			b.Token = "" // died with the session
			return b
		}},
		{name: "other organisation", known: true, enter: func() *site.Browser { return s.LogIn(other) }},
		{name: "individual", known: true, enter: func() *site.Browser { return s.LogIn(person) }},
		{name: "the owner's head for himself", known: true, enter: func() *site.Browser { return s.LogIn(private) }},
		{name: "unknown cookie", enter: func() *site.Browser {
			b := s.Visitor()
			b.Cookies[s.Server.Sessions.Cookie.Name] = "wv6yb0sXkqkGBMNmLUOR2AxkHgVQTqK3JOrPHBvdIAw"
			return b
		}},
		{name: "an official's cookie", enter: func() *site.Browser {
			b := s.Visitor()
			for _, value := range s.Enter(s.Official("mti.publisher")).Cookies {
				b.Cookies[s.Server.Sessions.Cookie.Name] = value
			}
			return b
		}},
		{name: "colleague", known: true, owner: true, enter: func() *site.Browser { return s.LogIn(colleague) }},
		{name: "owner", known: true, owner: true, enter: func() *site.Browser { return s.LogIn(owner) }},
	}
}

// kindOf is kinds of the external portal.
func (m *matrix) kindOf(pattern, name string) (kind string, fixed []string) {
	switch {
	case name == "lang":
		return "", []string{"kk", "ru", "en"}
	case name == "number" && strings.Contains(pattern, "/revisions/"):
		return "", []string{"1", "99"}
	case name == "number" && strings.Contains(pattern, "/permits/"):
		return "permit", nil
	case name == "number" && (strings.Contains(pattern, "/check/") || strings.Contains(pattern, "{short}")):
		return "", append(m.owned["permit"], m.missing["permit"], "KZ00", "nothing")
	case name == "number":
		return "application", nil
	case name == "id" && strings.Contains(pattern, "/bundles/"):
		return "bundle", nil
	case name == "bundle":
		return "", []string{"medical-facility", "no-such-key"}
	case name == "id" && strings.Contains(pattern, "/messages/"):
		return "", []string{m.missing["document"]}
	case name == "file":
		return "", []string{"0", "x"}
	case name == "id":
		return "document", nil
	case name == "nonce":
		return "nonce", nil
	case name == "token":
		return "", []string{strings.Repeat("A", 43)}
	case name == "code":
		return "", []string{m.missing["code"]}
	case name == "short":
		return "", []string{"c"}
	case name == "seq":
		return "", []string{"1"}
	case name == "doclang":
		return "", []string{"kk"}
	case name == "page":
		return "", []string{"personal", "trade", "no-such-page"}
	case name == "appendix":
		return "", []string{"001", "x"}
	case name == "field":
		return "", []string{"goods_code"}
	case name == "year":
		return "", []string{"2026", "1066"}
	case name == "table":
		return "", []string{"bodies", "no-such-table"}
	case name == "service":
		return "", []string{"trade-licence", "bundles.medical-facility", "-"}
	case name == "key" && strings.Contains(pattern, "/documents/"):
		return "", []string{"contract"}
	case name == "key" && strings.Contains(pattern, "/services/"):
		return "", []string{"trade-licence", "advocacy"}
	case name == "key" && strings.Contains(pattern, "/numbering/"):
		return "", []string{"717-2", "no-such-key"}
	case name == "key":
		return "", []string{"mti", "export-import", "no-such-key"}
	}
	m.t.Fatalf("%s: the matrix does not know what {%s} stands for: teach it", pattern, name)
	return "", nil
}

var wildcard = regexp.MustCompile(`\{([a-z]+)(?:\.\.\.)?\}`)

// target is one address of a route: with the owner's identifier, and with one that does not exist in its place.
type target struct{ method, path, thing, instead, missing string }

// targets gives the addresses of a route.
func (m *matrix) targets(pattern string) []target {
	method, path, _ := strings.Cut(pattern, " ")
	list := []target{{method: method, path: strings.TrimSuffix(path, "{$}")}}
	list[0].instead = list[0].path
	for _, w := range wildcard.FindAllStringSubmatch(path, -1) {
		kind, values := m.kinds(pattern, w[1])
		absent := ""
		if kind != "" {
			values, absent = m.owned[kind], m.missing[kind]
		}
		var next []target
		for _, t := range list {
			for _, v := range values {
				n := target{method, strings.Replace(t.path, w[0], v, 1), t.thing, strings.Replace(t.instead, w[0], v, 1), t.missing}
				if kind != "" {
					n.thing, n.missing, n.instead = v, absent, strings.Replace(t.instead, w[0], absent, 1)
				}
				next = append(next, n)
			}
		}
		list = next
	}
	return list
}

// ask sends a request of the method of the route, with everything in it that a forger would try.
func (m *matrix) ask(b *site.Browser, method, path string) site.Answer {
	m.asked++
	if method == http.MethodGet {
		return b.Get(path)
	}
	if method == http.MethodPut {
		return b.Send(b.Request(method, path, "application/json", strings.NewReader("{}")))
	}
	if strings.HasSuffix(path, "/upload") || strings.HasSuffix(path, "/check/file") {
		return b.Send(b.Upload(path, map[string]string{"name": "Contract"}, "contract.pdf", site.Contract()))
	}
	return b.Post(path, url.Values{
		"document": m.owned["document"], "number": {m.owned["application"][3]}, "party": {"x"}, "contract_number": {"HACKED"}, "version": {"x"},
		"go": {"next"}, "cms": {"MIIB"}, "anew": {"trade-licence"},
	})
}

var (
	anyToken = regexp.MustCompile(`[0-9a-f]{32}`)
	anyID    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyTime  = regexp.MustCompile(`\d\d:\d\d(:\d\d)?`)
)

// shape is an answer without what differs from one request to the next.
func shape(a site.Answer, thing string) string {
	body := anyTime.ReplaceAllString(anyToken.ReplaceAllString(anyID.ReplaceAllString(a.Body+"\n"+a.Location(), "ID"), "TOKEN"), "TIME")
	if thing != "" {
		body = strings.ReplaceAll(body, thing, "THING")
	}
	return fmt.Sprint(a.Status, " ", a.Header.Get("Content-Type"), " ", body)
}

// run asks everything of one route.
func (m *matrix) run(route web.Route) {
	for _, p := range m.principals {
		b := p.enter()
		absent := map[string]string{}
		for _, t := range m.targets(route.Pattern) {
			if p.owner && (t.method != http.MethodGet || t.thing == m.owned["application"][4]) {
				continue // the owner's POSTs have effects; the last application is of another
			}
			if t.method == http.MethodPost && !b.Known() {
				b = p.enter() // it logged itself out
			}
			a := m.ask(b, t.method, t.path)
			m.judge(route, p, t, a)
			if t.thing == "" || p.owner || route.Policy == web.Person && !p.known {
				continue
			}
			if _, done := absent[t.instead]; !done {
				absent[t.instead] = shape(m.ask(b, t.method, t.instead), t.missing)
			}
			// Whoever is logged in and opens a document of registration or recovery, whosever or nobody's, is led on.
			led := route.Policy == web.Public && p.known && a.Location() == t.path[:3]+"/login?again=signed"
			if got := shape(a, t.thing); a.Status != http.StatusNotFound && !led || got != absent[t.instead] {
				m.find("%s as %s: %s answers %d, not as one that does not exist\n%s", route.Pattern, p.name, t.path, a.Status, difference(got, absent[t.instead]))
			}
		}
	}
}

// difference shows where two texts begin to differ.
func difference(got, want string) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-60)
	return fmt.Sprintf("\tgot  …%.160q\n\twant …%.160q", got[from:], want[from:])
}

// judge holds an answer against the policy of its route.
func (m *matrix) judge(route web.Route, p principal, t target, a site.Answer) {
	where := fmt.Sprintf("%s as %s: %s answers %d %s", route.Pattern, p.name, t.path, a.Status, a.Location())
	if a.Status >= 500 && route.Policy != web.Ops {
		m.find("%s", where)
	}
	if !p.owner && strings.Contains(a.Body, canary) {
		m.find("%s and shows what is the owner's", where)
	}
	toLogin := a.Status == http.StatusSeeOther && strings.HasPrefix(a.Location(), t.path[:3]+"/login?next=")
	switch {
	case route.Policy == web.Callback && a.Status != http.StatusUnauthorized:
		m.find("%s: an unsigned callback", where)
	case route.Policy == web.Bearer && a.Status != http.StatusNotFound && a.Status != http.StatusForbidden && a.Status != http.StatusTooManyRequests:
		m.find("%s: a guessed secret", where)
	case route.Policy == web.Ops && a.Status != http.StatusOK:
		m.find("%s", where)
	case route.Policy == web.Public && !slices.Contains([]int{200, 303, 404, 409, 410, 422}, a.Status):
		m.find("%s", where)
	case route.Policy == web.Person && !p.known && t.method == http.MethodGet && !toLogin:
		m.find("%s: not sent to log in", where)
	case route.Policy == web.Person && !p.known && t.method == http.MethodPost && a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden:
		m.find("%s: a stranger's POST", where)
	case route.Policy == web.Person && p.known && (toLogin || a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden):
		m.find("%s: a logged-in person", where)
	}
}

// state is everything that belongs to the owner, in the database, as text.
func (m *matrix) state() string {
	var all bytes.Buffer
	m.site.View(func(v port.View) error {
		for _, number := range m.owned["application"] {
			a, err := v.Applications().Application(m.t.Context(), number)
			happened, _ := v.Applications().Happenings(m.t.Context(), number)
			invoice, _, _ := v.Invoices().OfApplication(m.t.Context(), number)
			must(m.t, json.NewEncoder(&all).Encode([]any{a, fmt.Sprint(err), happened, invoice}))
		}
		for _, id := range m.owned["document"] {
			d, err := v.Documents().Document(m.t.Context(), id)
			must(m.t, json.NewEncoder(&all).Encode([]any{d, fmt.Sprint(err)}))
		}
		for _, nonce := range m.owned["nonce"] {
			c, err := v.Keys().Challenge(m.t.Context(), nonce)
			must(m.t, json.NewEncoder(&all).Encode([]any{c, fmt.Sprint(err)}))
		}
		return nil
	})
	return all.String()
}

// S-01 of the security tests: every route as every person with another's identifiers.
func TestNobodyReachesAnothersThings(t *testing.T) {
	m := openMatrix(t)
	before := m.state()
	for _, route := range m.site.Server.Routes {
		m.run(route)
	}
	for _, f := range m.findings {
		t.Error(f)
	}
	if m.state() != before {
		t.Error("the owner's things were changed")
	}
	t.Logf("routes=%d people=%d combinations=%d unexpected=%d", len(m.site.Server.Routes), len(m.principals), m.asked, len(m.findings))
	if m.asked < 5000 {
		t.Errorf("only %d combinations", m.asked)
	}
}

// The control: routes that forget to ask whose it is, or whether anyone is logged in, or that tell it by the words of
// their answer, are found.
func TestMatrixFindsForgottenOwners(t *testing.T) {
	var s *site.Site
	read := func(r *web.Request) (a application.Application, err error) {
		err = s.App.Store.View(r.Context(), func(v port.View) error {
			a, err = v.Applications().Application(r.Context(), r.PathValue("number"))
			return err
		})
		return a, err
	}
	show := func(w http.ResponseWriter, r *web.Request) error {
		a, err := read(r)
		if err == nil {
			_, err = fmt.Fprint(w, a.Answers["contract_number"])
		}
		return err
	}
	tell := func(w http.ResponseWriter, r *web.Request) error {
		a, err := read(r)
		if err == nil && a.Party != r.Actor.Party {
			return fault.New(fault.NotFound, "filing.sent-already")
		}
		return err
	}
	routes := []web.Route{
		{Pattern: "GET /{lang}/applications/{number}/forgot", Policy: web.Person, Handle: show},
		{Pattern: "GET /{lang}/applications/{number}/open", Policy: web.Public, Handle: show},
		{Pattern: "POST /{lang}/applications/{number}/tells", Policy: web.Person, Handle: tell},
	}
	m := openMatrix(t, routes...)
	s = m.site
	for _, route := range routes {
		m.findings = nil
		m.run(route)
		if len(m.findings) == 0 {
			t.Errorf("%s was not found", route.Pattern)
		}
	}
}

// A route without a policy does not start.
func TestRouteWithoutPolicyDoesNotStart(t *testing.T) {
	s := openSite(t, site.Options{})
	s.Server.Routes = append(s.Server.Routes, web.Route{Pattern: "GET /{lang}/nobody-thought", Handle: func(http.ResponseWriter, *web.Request) error { return nil }})
	if _, err := s.Server.Handler(); err == nil || !strings.Contains(err.Error(), "nobody-thought") {
		t.Errorf("got %v", err)
	}
}

// An individual's name is not to be had by number alone, with the code it is.
func TestIndividualsAreNotShownByNumber(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Individual(5)
	sent, err := a.Send(a.Complete(nil))
	must(t, err)
	var code string
	s.View(func(v port.View) error {
		p, err := v.Permits().Permit(t.Context(), sent.Permit)
		code = p.Check
		return err
	})
	for _, l := range []string{"kk", "ru", "en"} {
		hidden, shown := s.Visitor().Get("/"+l+"/check/"+sent.Permit), s.Visitor().Get("/"+l+"/check/"+sent.Permit+"/"+code)
		if hidden.Status != 200 || strings.Contains(hidden.Body, a.Person.Surname) || strings.Contains(hidden.Body, a.Person.IIN) || strings.Contains(hidden.Body, code) {
			t.Errorf("%s: without the code: status %d", l, hidden.Status)
		}
		if shown.Status != 200 || !strings.Contains(shown.Body, a.Person.Surname) {
			t.Errorf("%s: with the code: status %d", l, shown.Status)
		}
	}
}
