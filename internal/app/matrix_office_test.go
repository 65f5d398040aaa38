package app_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
	"elicense/internal/web"
)

// clerk is who asks the internal portal: what the actor is by the rules, and a browser.
type clerk struct {
	principal
	actor access.Actor // Role anonymous: not logged in; no body: the password is not the person's own
}

// officeMatrix asks every route of the internal portal as every person with everybody's identifiers.
type officeMatrix struct {
	*matrix
	clerks   []clerk
	things   map[string]thing                     // by identifier
	canaries map[string]func(a access.Actor) bool // words that stand in things, with who may read them
	rules    map[string]rule
	owner    *site.Applicant
	lang     string
	db       *sql.DB
}

// The words that must not be read by others.
const (
	canaryCase  = "CANARY-78-CASE"  // an answer of an application at the first body
	canaryOrder = "CANARY-79-ORDER" // what its officials write
	canaryPaper = "CANARY-80-PAPER" // an answer of an application at the second body, on which the first one is asked
	canaryNote  = "CANARY-81-NOTE"  // what the officials of the second body write to each other
)

// openOfficeMatrix makes two bodies with applications, an order, a proposal, and everybody who may ask.
func openOfficeMatrix(t *testing.T, routes ...web.Route) *officeMatrix {
	t.Helper()
	s := openSite(t, site.Options{Desk: routes})
	m := &officeMatrix{matrix: &matrix{t: t, site: s, owned: map[string][]string{}, missing: map[string]string{
		"application": "KZ07RTL00999999", "proposal": "0199f000-0000-7000-8000-00000000dead", "order": "0199f000-0000-7000-8000-00000000beef", "amendment": "0199f000-0000-7000-8000-00000000feed", "code": "999",
	}}, things: map[string]thing{}, rules: officeRules()}
	m.kinds = m.officeKind
	body := func(keys ...string) func(a access.Actor) bool {
		return func(a access.Actor) bool { return slices.Contains(keys, a.Body) }
	}
	m.canaries = map[string]func(a access.Actor) bool{canaryCase: body("cci"), canaryOrder: body("cci"), canaryNote: body("knb"),
		canaryPaper: func(a access.Actor) bool { return a.Body == "knb" || a.Body == "cci" && a.SpeaksForBody() }}
	var err error
	m.db, err = sql.Open("sqlite", "file:"+filepath.Join(s.Config.Data, "elicense.db")+"?_pragma=busy_timeout(5000)")
	must(t, err)
	t.Cleanup(func() { _ = m.db.Close() })
	m.plan()
	m.paper()
	m.people()
	return m
}

func (m *officeMatrix) own(id string, x thing) {
	m.owned[x.kind], m.things[id] = append(m.owned[x.kind], id), x
}

// plan makes what is the Committee of Communications': a permit with numbers, an order about them, an application to be
// taken, and a draft that nobody there may see.
func (m *officeMatrix) plan() {
	t, s := m.t, m.site
	owner := s.Organisation(1)
	m.owner = owner
	_, err := s.App.Numbering.Import(t.Context(), access.TheSystem(), demo.Numbers())
	must(t, err)
	proposer := s.Official("cci.executor")
	executor, approver := s.Enter(proposer), s.Enter(s.Official("cci.approver"))
	number := asked(t, s, owner)
	for _, act := range []string{"take", "reserve", "propose"} {
		done(t, acts(t, executor, number, act, url.Values{"outcome": {"granted"}}))
	}
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	order := executor.Post("/kk/numbering/717-2/500000", withdrawal(url.Values{"reason_ru": {canaryOrder}}))
	done(t, order)
	issued := thing{kind: "application", body: "cci", file: "charter", version: fmt.Sprint(s.Application(number).Version)}
	m.own(number, issued)
	m.own(order.Location()[len("/kk/numbering/orders/"):], thing{kind: "order", body: "cci", persons: []string{proposer.Person}, confirm: []access.Duty{access.Approver, access.Head}})
	m.own("717-2", thing{kind: "code", body: "cci"})

	draft := func() string {
		number, err := s.App.Filing.Begin(t.Context(), owner.Actor, filing.Start{Service: "numbering-resource", Subtype: "subscriber-numbers", Body: "cci"})
		must(t, err)
		owner.Answer(number, map[string]string{"small_business": "no", "city": "711210000", "postal_index": "010000", "street_ru": canaryCase, "house": "8", "phones": "+77172123456",
			"territory": `[{"code":"710000000","count":"250"}]`}, "application_form", "charter", "state_registration")
		return number
	}
	number = draft()
	_, err = owner.Send(number)
	must(t, err)
	m.own(number, thing{kind: "application", body: "cci", duty: access.Executor, file: "charter", version: fmt.Sprint(s.Application(number).Version)})
	m.own(draft(), thing{kind: "application", body: "nobody", file: "charter", version: "1"})
}

// paper makes what is the National Security Committee's: an application that waits for the second person, on which the
// first body is asked. And a service that a person proposed.
func (m *officeMatrix) paper() {
	t, s := m.t, m.site
	owner := s.Organisation(2)
	s.Papers(owner.Account.Party.Number)
	asks(t, s)
	number := sent(t, owner, map[string]string{"street_ru": canaryPaper})
	o := s.Official("knb.executor")
	executor := s.Enter(o)
	done(t, acts(t, executor, number, "take", nil))
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}, "note": {canaryNote}}))
	if a := s.Application(number); a.Work.Report.Proposal == nil || a.Work.Report.Proposal.Note != canaryNote {
		t.Fatal("the note is not kept")
	}
	m.own(number, thing{kind: "application", body: "knb", asked: []string{"cci", "mti"}, duty: access.Approver, persons: []string{o.Person}, file: "licence_copy", version: fmt.Sprint(s.Application(number).Version)})
	first := s.Official("knb.approver").Person
	keeper := s.Official("mti.publisher")
	amendment := s.Enter(keeper).Post("/kk/directories/mci", url.Values{"value": {"4600"}, "from": {"01.01.2027"}, "act_kk": {"Заң"}, "act_ru": {"Закон"}})
	done(t, amendment)
	m.own(strings.TrimPrefix(amendment.Location(), "/kk/amendments/"), thing{kind: "amendment", persons: []string{keeper.Person}})
	m.own(strings.TrimPrefix(proposed(t, s, guideFolder(t), first), "/kk/proposals/"), thing{kind: "proposal", persons: []string{first}})
}

// people makes an official of every duty at three bodies, and those with whom something is wrong.
func (m *officeMatrix) people() {
	s, serial := m.site, 10
	appoint := func(body, person string, duties ...access.Duty) access.Official {
		serial++
		if person == "" {
			person = s.Individual(serial).Person.IIN
		}
		return s.Appoint(access.Official{Login: fmt.Sprint("matrix.", serial), Person: person, Surname: "Үлгі", GivenName: "Адам", Body: body, Duties: duties})
	}
	add := func(name string, o access.Official, actor access.Actor) {
		m.clerks = append(m.clerks, clerk{principal{name: name, known: actor.Role == access.Officer, enter: func() *site.Browser { return s.Enter(o) }}, actor})
	}
	for _, body := range []string{"cci", "knb", "moj"} {
		for _, duty := range access.Duties() {
			o := appoint(body, "", duty)
			add(string(duty)+" at "+body, o, access.ActorOf(o))
		}
	}
	second := appoint("knb", s.Official("knb.executor").Person, access.Approver, access.Head)
	add("second account of who proposed a decision", second, access.ActorOf(second))
	elsewhere := appoint("cci", s.Official("knb.executor").Person, access.Head)
	add("the same person at the body that is asked", elsewhere, access.ActorOf(elsewhere))
	ordered := appoint("cci", s.Official("cci.executor").Person, access.Approver)
	add("second account of who proposed an order", ordered, access.ActorOf(ordered))
	keeper := appoint("moj", s.Official("mti.publisher").Person, access.Administrator)
	add("second account of who proposed an index", keeper, access.ActorOf(keeper))
	author := appoint("moj", s.Official("knb.approver").Person, access.Publisher)
	add("second account of who proposed a service", author, access.ActorOf(author))

	change := func(o access.Official, f func(o *access.Official)) {
		f(&o)
		s.Update(func(tx port.Tx) error {
			tx.Write().Office().Officials().Change(o)
			return nil
		})
	}
	fresh := appoint("cci", "", access.Duties()...)
	change(fresh, func(o *access.Official) { o.PasswordAt = o.BlockedAt })
	add("password given by somebody else", fresh, access.Actor{Role: access.Officer, Account: fresh.ID, Person: fresh.Person})
	blocked := appoint("cci", "", access.Duties()...)
	change(blocked, func(o *access.Official) { o.BlockedAt = s.Clock.Now() })
	add("blocked", blocked, access.Nobody())
	removed := appoint("cci", "", access.Duties()...)
	session := s.Enter(removed)
	change(removed, func(o *access.Official) { o.Duties = []access.Duty{access.Auditor} })
	removed.Duties = []access.Duty{access.Auditor}
	add("duties taken away", removed, access.ActorOf(removed))
	m.clerks[len(m.clerks)-1].enter = m.again(session)
	m.strangers()
}

// again gives browsers with the cookies of a session.
func (m *officeMatrix) again(b *site.Browser) func() *site.Browser {
	cookies := maps.Clone(b.Cookies)
	return func() *site.Browser {
		next := m.site.OfficeVisitor()
		next.Cookies, next.Token = maps.Clone(cookies), b.Token
		return next
	}
}

func (m *officeMatrix) strangers() {
	s := m.site
	add := func(name string, enter func() *site.Browser) {
		m.clerks = append(m.clerks, clerk{principal{name: name, enter: enter}, access.Nobody()})
	}
	add("anonymous", s.OfficeVisitor)
	with := func(cookie string) func() *site.Browser {
		return func() *site.Browser {
			b := s.OfficeVisitor()
			b.Cookies[s.Office.Sessions.Cookie.Name], b.Cookies[s.Server.Sessions.Cookie.Name] = cookie, cookie
			return b
		}
	}
	add("unknown cookie", with("wv6yb0sXkqkGBMNmLUOR2AxkHgVQTqK3JOrPHBvdIAw"))
	applicant := s.LogIn(m.owner)
	add("the applicant with the session of the other portal", with(applicant.Cookies[s.Server.Sessions.Cookie.Name]))
}

// officeKind is kinds of the internal portal.
func (m *officeMatrix) officeKind(pattern, name string) (kind string, fixed []string) {
	switch {
	case name == "lang":
		return "", []string{m.lang}
	case name == "number":
		return "application", nil
	case name == "id" && strings.Contains(pattern, "/proposals/"):
		return "proposal", nil
	case name == "id" && strings.Contains(pattern, "/orders/"):
		return "order", nil
	case name == "id" && strings.Contains(pattern, "/amendments/"):
		return "amendment", nil
	case name == "name" && strings.Contains(pattern, "/directories/"):
		return "", []string{"mci"}
	case name == "name":
		return "", []string{"service.yaml"}
	case name == "key" && strings.Contains(pattern, "/documents/"):
		return "", []string{"charter", "licence_copy"}
	case name == "key" && strings.Contains(pattern, "/numbering/"):
		return "code", nil
	case name == "first":
		return "", []string{"500000"}
	}
	m.t.Fatalf("%s: the matrix does not know what {%s} stands for: teach it", pattern, name)
	return "", nil
}

// put sends a form with everybody's identifiers in it besides.
func (m *officeMatrix) put(b *site.Browser, path string, f posted, x thing) site.Answer {
	m.asked++
	form := url.Values{"version": {x.version}, "paper": {"x"}}
	for kind, ids := range m.owned {
		form[kind] = ids
	}
	maps.Copy(form, f.values)
	return b.Post(path, form)
}

// run asks everything of one route.
func (m *officeMatrix) run(route web.Route) {
	r, ok := m.rules[route.Pattern]
	if !ok {
		m.find("%s has no rule: add a line to officeRules", route.Pattern)
		return
	}
	if method, _, _ := strings.Cut(route.Pattern, " "); method == http.MethodPost && len(r.forms) == 0 {
		m.find("%s posts nothing: give its rule a form", route.Pattern)
	}
	before := m.state()
	for i, c := range m.clerks {
		m.lang = []string{"kk", "ru", "en"}[i%3]
		m.runAs(route, r, c)
	}
	after := m.state()
	for _, table := range slices.Sorted(maps.Keys(after)) {
		if after[table] != before[table] {
			m.find("%s: requests that were refused changed the table %s", route.Pattern, table)
		}
	}
}

func (m *officeMatrix) runAs(route web.Route, r rule, c clerk) {
	b, absent := c.enter(), map[string]string{}
	for _, t := range m.targets(route.Pattern) {
		x := m.things[t.thing]
		if strings.Contains(t.path, "/documents/") && !strings.Contains(t.path, "/"+x.file+"/") {
			continue
		}
		send := func(path string, f posted) site.Answer {
			if !b.Known() {
				b = c.enter() // it logged itself out
			}
			if t.method == http.MethodPost {
				return m.put(b, path, f, x)
			}
			return m.matrix.ask(b, t.method, path)
		}
		for i, f := range append(r.forms, posted{})[:max(1, len(r.forms))] {
			if t.method == http.MethodPost && m.may(r, c, x, f) {
				continue
			}
			a := send(t.path, f)
			m.holds(route, r, c, t, a)
			if t.thing == "" || r.open || c.actor.Role == access.Anonymous || m.sees(r, c, x) {
				continue
			}
			key := fmt.Sprint(i, t.instead)
			if _, done := absent[key]; !done {
				absent[key] = shape(send(t.instead, f), t.missing)
			}
			if got := shape(a, t.thing); got != absent[key] {
				m.find("%s as %s: %s is told from one that does not exist\n%s", route.Pattern, c.name, t.path, difference(got, absent[key]))
			}
		}
		if t.method == http.MethodGet && t.thing == "" { // a list that is asked for what is another's
			for _, id := range slices.Sorted(maps.Keys(m.things)) {
				path := t.path + "?" + url.Values{"number": {id}, "q": {id}, "body": {m.things[id].body}, "view": {"mine"}, "after": {"." + id}}.Encode()
				m.holds(route, r, c, t, send(path, posted{}))
			}
		}
	}
}

// working tells whether somebody gets further than to the page of the password.
func (c clerk) working() bool { return c.actor.Role == access.Officer && c.actor.Body != "" }

func (m *officeMatrix) sees(r rule, c clerk, x thing) bool {
	return c.working() && (r.sees == nil || r.sees(c.actor, x))
}

func (m *officeMatrix) may(r rule, c clerk, x thing, f posted) bool {
	return m.sees(r, c, x) && f.may(c.actor, x)
}

// holds compares an answer with the rule.
func (m *officeMatrix) holds(route web.Route, r rule, c clerk, t target, a site.Answer) {
	where := fmt.Sprintf("%s as %s: %s answers %d %s", route.Pattern, c.name, t.path, a.Status, a.Location())
	for word, may := range m.canaries {
		if !may(c.actor) && strings.Contains(a.Body, word) {
			m.find("%s and shows %s", where, word)
		}
	}
	ok := r.ok
	if ok == nil {
		ok = []int{http.StatusOK}
	}
	switch {
	case r.open || r.own && c.actor.Role == access.Officer:
	case c.actor.Role == access.Anonymous && t.method == http.MethodGet:
		if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), t.path[:3]+"/login?next=") {
			m.find("%s: not sent to log in", where)
		}
		return
	case c.actor.Role == access.Anonymous:
		ok = []int{http.StatusUnauthorized, http.StatusForbidden}
	case !c.working():
		ok = []int{http.StatusForbidden, http.StatusNotFound}
	case !m.sees(r, c, m.things[t.thing]):
		if ok = []int{http.StatusNotFound}; r.refused != 0 {
			ok = []int{r.refused}
		}
	case t.method == http.MethodPost:
		ok = []int{http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity}
	}
	if !slices.Contains(ok, a.Status) {
		m.find("%s, and not %v", where, ok)
	}
}

// state is a digest of every table but those of sessions and of log-in attempts.
func (m *officeMatrix) state() map[string]string {
	m.t.Helper()
	tables := rowsOf(m.t, m.db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
	out := map[string]string{}
	for _, table := range tables {
		if table != "session" && table != "login_attempt" {
			sum := sha256.Sum256([]byte(strings.Join(rowsOf(m.t, m.db, "SELECT * FROM "+table), "\n")))
			out[table] = hex.EncodeToString(sum[:])
		}
	}
	return out
}

// rowsOf gives the rows of a query as text.
func rowsOf(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	var out []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		must(t, rows.Scan(into...))
		text := make([]string, len(values))
		for i, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			text[i] = fmt.Sprint(v)
		}
		out = append(out, strings.Join(text, "\x1f"))
	}
	must(t, rows.Err())
	return out
}

// S-02 of the security tests: every route of the internal portal as every person.
func TestOfficialsReachWhatIsTheirs(t *testing.T) {
	m := openOfficeMatrix(t)
	seen := map[string]bool{}
	routes := slices.DeleteFunc(slices.Clone(m.site.Office.Routes), func(r web.Route) bool { return r.Policy == web.Ops })
	last := slices.IndexFunc(routes, func(r web.Route) bool { return r.Pattern == "POST /{lang}/logout" }) // sessions live until then
	for _, route := range append(slices.Delete(slices.Clone(routes), last, last+1), routes[last]) {
		seen[route.Pattern] = true
		m.run(route)
	}
	for pattern := range m.rules {
		if !seen[pattern] {
			m.find("%s has a rule and does not exist", pattern)
		}
	}
	for _, f := range m.findings {
		t.Error(f)
	}
	t.Logf("routes=%d people=%d combinations=%d unexpected=%d", len(seen), len(m.clerks), m.asked, len(m.findings))
	if m.asked < 3000 {
		t.Errorf("only %d combinations", m.asked)
	}
}

// The control: routes that forget whose it is, which duty it takes, that a session was taken away, that tell what exists,
// or that do before they ask, are found; so is one without a rule.
func TestMatrixFindsForgottenRightsOfOfficials(t *testing.T) {
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
			_, err = fmt.Fprint(w, a.Answers["street_ru"])
		}
		return err
	}
	tell := func(_ http.ResponseWriter, r *web.Request) error {
		a, err := read(r)
		if err == nil && a.Body != r.Actor.Body {
			return fault.New(fault.Denied, "office.no-duty")
		}
		return err
	}
	early := func(_ http.ResponseWriter, r *web.Request) error {
		a, err := read(r)
		if err != nil {
			return err
		}
		if err := s.App.Store.Update(r.Context(), func(tx port.Tx) error { tx.Write().Applications().Change(a); return nil }); err != nil {
			return err
		}
		return fault.New(fault.NotFound, "fault.not-found")
	}
	list := func(w http.ResponseWriter, r *web.Request) error { _, err := fmt.Fprint(w, "ok"); return err }
	const one = "/{lang}/applications/{number}/"
	rules := map[string]rule{
		"GET " + one + "forgot":      {sees: atBody},
		"GET " + one + "public":      {sees: atBody},
		"GET " + one + "tells":       {sees: atBody},
		"POST " + one + "early":      {sees: atBody, forms: []posted{{nil, nobody}}},
		"GET /{lang}/duty-forgotten": {sees: holding(access.Auditor), refused: http.StatusForbidden},
	}
	routes := []web.Route{
		{Pattern: "GET " + one + "forgot", Policy: web.Person, Handle: show}, {Pattern: "GET " + one + "public", Policy: web.Public, Handle: show},
		{Pattern: "GET " + one + "tells", Policy: web.Person, Handle: tell}, {Pattern: "POST " + one + "early", Policy: web.Person, Handle: early},
		{Pattern: "GET /{lang}/duty-forgotten", Policy: web.Person, Handle: list}, {Pattern: "GET /{lang}/without-rule", Policy: web.Person, Handle: list},
	}
	m := openOfficeMatrix(t, routes...)
	s = m.site
	maps.Copy(m.rules, rules)
	for _, route := range routes {
		m.findings = nil
		if m.run(route); len(m.findings) == 0 {
			t.Errorf("%s was not found", route.Pattern)
		}
	}
}
