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
	"regexp"
	"slices"
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
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
	filled   map[string]url.Values // by pattern: what its forms hold besides; "?" is the query of the address
	owner    *site.Applicant
	lang     string
	db       *sql.DB
	tables   []string                 // that must not change
	browsers map[string]*site.Browser // by who asks
	serial   int                      // of the last person
	sent     string                   // application at the first body that waits for its executor
	paperOf  string                   // application at the second body that waits for its approver
}

// The words that must not be read by others.
const (
	canaryCase  = "CANARY-78-CASE"  // an answer of an application at the first body
	canaryOrder = "CANARY-79-ORDER" // what its officials write
	canaryPaper = "CANARY-80-PAPER" // an answer of an application at the second body, on which the first one is asked
	canaryNote  = "CANARY-81-NOTE"  // what the officials of the second body write to each other
	canaryTrade = "CANARY-82-TRADE" // an answer of an application that the system decided at the third body
	canaryWrote = "CANARY-83-WROTE" // what the second body writes to its applicant
)

// openOfficeMatrix makes two bodies with applications, an order, a proposal, and everybody who may ask.
func openOfficeMatrix(t *testing.T, routes ...web.Route) *officeMatrix {
	t.Helper()
	s := openSite(t, site.Options{Desk: routes})
	m := &officeMatrix{matrix: &matrix{t: t, site: s, owned: map[string][]string{}, missing: map[string]string{"permit": "KZ66VNR00999999",
		"application": "KZ07RTL00999999", "code": "999", "department": "no-such-department", "nonce": strings.Repeat("d", 32),
	}}, serial: 10, browsers: map[string]*site.Browser{}, things: map[string]thing{}, filled: map[string]url.Values{}, rules: officeRules()}
	for i, kind := range []string{"act-order", "proposal", "order", "amendment", "official", "audit", "batch", "export", "message", "template", "papers"} {
		m.missing[kind] = fmt.Sprintf("0199f000-0000-7000-8000-0000000dead%x", i)
	}
	m.kinds = m.officeKind
	reader := func(key string) func(a access.Actor) bool {
		return func(a access.Actor) bool { return readsAt(a, thing{body: key}) }
	}
	asked := func(a access.Actor) bool {
		return reader("knb")(a) || slices.Contains([]string{"cci", "mti"}, a.Body) && a.SpeaksForBody()
	}
	m.canaries = map[string]func(a access.Actor) bool{canaryCase: reader("cci"), canaryNote: reader("knb"), canaryPaper: asked, canaryTrade: reader("mti"), canaryWrote: reader("knb"),
		canaryOrder: func(a access.Actor) bool { return keepsPlan(a, thing{}) }}
	var err error
	m.db, err = sql.Open("sqlite", "file:"+filepath.Join(s.Config.Data, "elicense.db")+"?_pragma=busy_timeout(5000)")
	must(t, err)
	t.Cleanup(func() { _ = m.db.Close() })
	m.tables = slices.DeleteFunc(rowsOf(t, m.db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"), func(table string) bool { return slices.Contains(passing, table) })
	m.plan()
	m.paper()
	m.trade()
	m.messages()
	m.people()
	m.staff()
	m.doings()
	m.audit()
	return m
}

// appoint makes an official; person empty = a new one.
func (m *officeMatrix) appoint(body, person string, duties ...access.Duty) access.Official {
	m.serial++
	if person == "" {
		person = m.site.Individual(m.serial).Person.IIN
	}
	return m.site.Appoint(access.Official{Login: fmt.Sprint("matrix.", m.serial), Person: person, Surname: "Үлгі", GivenName: "Адам", Body: body, Duties: duties})
}

// add makes an official one of those who ask.
func (m *officeMatrix) add(name string, o access.Official, actor access.Actor) {
	m.clerks = append(m.clerks, clerk{principal{name: name, known: actor.Role == access.Officer, enter: func() *site.Browser { return m.site.Enter(o) }}, actor})
}

// people makes an official of every duty at three bodies, two at another, and those with whom something is wrong.
func (m *officeMatrix) people() {
	s, appoint := m.site, m.appoint
	add := m.add
	for _, body := range []string{"cci", "knb", "mti", "moj"} {
		duties := access.Duties()
		if body == "moj" { // it has nothing here
			duties = []access.Duty{access.Head, access.Administrator}
		}
		for _, duty := range duties {
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

// put sends a form with everybody's identifiers in it besides.
func (m *officeMatrix) put(b *site.Browser, pattern, path string, f posted, x thing) site.Answer {
	m.asked++
	form := url.Values{"version": {x.version}, "paper": {"x"}}
	for kind, ids := range m.owned {
		form[kind] = ids
	}
	for _, more := range []url.Values{m.filled[pattern], x.form, f.values} {
		maps.Copy(form, more)
	}
	if query := form.Get("?"); query != "" {
		form.Del("?")
		path += "?" + query
	}
	if strings.HasSuffix(path, "/messages/file") {
		return b.Send(b.Upload(path, nil, "contract.pdf", site.Contract()))
	}
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
	b, absent := m.browser(c), map[string]string{}
	for _, t := range m.targets(route.Pattern) {
		x := m.at(t)
		if strings.Contains(t.path, "/documents/") && !strings.Contains(t.path, "/"+x.file+"/") {
			continue
		}
		send := func(path string, f posted) site.Answer {
			if !b.Known() {
				delete(m.browsers, c.name) // it logged itself out
				b = m.browser(c)
			}
			if t.method == http.MethodPost {
				return m.put(b, route.Pattern, path, f, x)
			}
			return m.matrix.ask(b, t.method, path)
		}
		for i, f := range append(r.forms, posted{})[:max(1, len(r.forms))] {
			if t.method == http.MethodPost && m.may(r, c, x, f) {
				continue
			}
			a := send(t.path, f)
			m.holds(route, r, c, t, a)
			told := r.open || c.actor.Role == access.Anonymous || m.sees(r, c, x) || m.denied(r, c, x)
			if x.kind == "" || told && !r.secret {
				continue
			}
			key := fmt.Sprint(i, t.instead)
			if _, done := absent[key]; !done {
				absent[key] = m.shape(send(t.instead, f), t.instead)
			}
			if got := m.shape(a, t.path); got != absent[key] {
				m.find("%s as %s: %s is told from one that does not exist\n%s", route.Pattern, c.name, t.path, difference(got, absent[key]))
			}
		}
		if t.method == http.MethodGet && t.thing == "" { // a list that is asked for what is another's
			for _, id := range m.owned["application"] {
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

// browser is that of a person, with one session for all routes.
func (m *officeMatrix) browser(c clerk) *site.Browser {
	if m.browsers[c.name] == nil {
		m.browsers[c.name] = c.enter()
	}
	return m.browsers[c.name]
}

// at is the thing of an address; one that stands under another's address is nobody's there.
func (m *officeMatrix) at(t target) thing {
	x := m.things[t.thing]
	if x.under != "" && !strings.Contains(t.path, "/"+x.under+"/") {
		x.body, x.asked, x.owner = "nobody", nil, "nobody"
	}
	return x
}

// shape is an answer without the identifiers that stand in its address.
func (m *officeMatrix) shape(a site.Answer, path string) string {
	body, missing := shape(a, ""), slices.Collect(maps.Values(m.missing))
	for _, segment := range strings.Split(path, "/")[2:] {
		if m.things[segment].kind != "" || slices.Contains(missing, segment) {
			body = strings.ReplaceAll(body, segment, "THING")
		}
	}
	return body
}

// denied tells who may learn that it takes a duty that they do not have.
func (m *officeMatrix) denied(r rule, c clerk, x thing) bool {
	return c.working() && r.denied != nil && r.denied(c.actor, x)
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
	x := m.at(t)
	switch {
	case r.open || r.secret || r.own && c.actor.Role == access.Officer:
	case c.actor.Role == access.Anonymous && t.method == http.MethodGet:
		if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), t.path[:3]+"/login?next=") {
			m.find("%s: not sent to log in", where)
		}
		return
	case c.actor.Role == access.Anonymous:
		ok = []int{http.StatusUnauthorized, http.StatusForbidden}
	case !c.working():
		ok = []int{http.StatusForbidden, http.StatusNotFound}
	case !m.sees(r, c, x) && m.denied(r, c, x):
		ok = []int{http.StatusForbidden, http.StatusNotFound}
	case !m.sees(r, c, x):
		ok = []int{http.StatusNotFound}
	case t.method == http.MethodPost:
		ok = append([]int{http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity}, r.ok...)
	}
	if !slices.Contains(ok, a.Status) {
		m.find("%s, and not %v", where, ok)
	}
}

// passing are the tables of what is not kept: sessions, log-in attempts, documents that wait for a signature, who looks at a
// case, secrets of second factors that nobody has confirmed, and rows of the audit that wait for their number.
var passing = []string{"session", "login_attempt", "challenge", "case_presence", "official_factor", "audit_waiting"}

// sight is an audit row about reading.
var sight = regexp.MustCompile(`\b(application|permit|document|audit|papers)\.seen\b|\bexport\.fetched\b`)

// state is a digest of every table but the passing ones, without the rows about what was read.
func (m *officeMatrix) state() map[string]string {
	m.t.Helper()
	out := map[string]string{}
	for _, table := range m.tables {
		rows := rowsOf(m.t, m.db, "SELECT * FROM "+table)
		if table == "audit" {
			rows = slices.DeleteFunc(rows, sight.MatchString)
		}
		sum := sha256.Sum256([]byte(strings.Join(rows, "\n")))
		out[table] = hex.EncodeToString(sum[:])
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
	if m.asked < 5000 {
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
		"GET /{lang}/duty-forgotten": {sees: holding(access.Auditor), denied: everybody},
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
