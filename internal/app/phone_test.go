package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/mobile"
	"elicense/internal/permit"
	"elicense/internal/testkit/site"
)

// telephone speaks eGov Mobile's protocol with the portal: it has no cookies and knows the link only.
type telephone struct {
	*site.Browser
	offer string // path of the link
}

// scan reads the link off the page that a browser was shown: beside the code stands a way to open it on the telephone itself.
func scan(t *testing.T, s *site.Site, page site.Answer) telephone {
	t.Helper()
	m := regexp.MustCompile(`link=([^"&]+)`).FindStringSubmatch(html.UnescapeString(page.Body))
	if page.Status != http.StatusOK || m == nil {
		t.Fatalf("%d: no link in %.2000s", page.Status, page.Body)
	}
	link, err := url.QueryUnescape(m[1])
	must(t, err)
	phone := s.Visitor()
	phone.Remote = "198.51.100.7:5000"
	return telephone{phone, strings.TrimPrefix(link, s.Config.Origin)}
}

// documents asks both addresses; gives the path of the second, its answer and the documents inside.
func (p telephone) documents(t *testing.T, s *site.Site) (path string, answer site.Answer, contents [][]byte) {
	t.Helper()
	first := p.Get(p.offer)
	var offer struct{ Document struct{ URI string } }
	if err := json.Unmarshal([]byte(first.Body), &offer); first.Status != http.StatusOK || err != nil {
		t.Fatalf("%d %s %v", first.Status, first.Body, err)
	}
	path = strings.TrimPrefix(offer.Document.URI, s.Config.Origin)
	answer = p.Get(path)
	var in struct {
		Documents []struct {
			Document struct{ File struct{ Data []byte } }
		} `json:"documentsToSign"`
	}
	if err := json.Unmarshal([]byte(answer.Body), &in); answer.Status != http.StatusOK || err != nil {
		t.Fatalf("%d %s %v", answer.Status, answer.Body, err)
	}
	for _, d := range in.Documents {
		contents = append(contents, d.Document.File.Data)
	}
	return path, answer, contents
}

// document is documents where there is one.
func (p telephone) document(t *testing.T, s *site.Site) (path string, answer site.Answer, content []byte) {
	t.Helper()
	path, answer, contents := p.documents(t, s)
	if len(contents) != 1 {
		t.Fatalf("%d documents", len(contents))
	}
	return path, answer, contents[0]
}

func (p telephone) send(path string, body []byte) site.Answer {
	r := p.Request(http.MethodPut, path, "application/json", bytes.NewReader(body))
	r.Header.Del("Origin")
	r.Header.Del("Sec-Fetch-Site")
	return p.Send(r)
}

// withSignature is the answer of the second address with a signature in the document's place.
func withSignature(t *testing.T, answer site.Answer, content, cms []byte) []byte {
	t.Helper()
	from, to := base64.StdEncoding.EncodeToString(content), base64.StdEncoding.EncodeToString(cms)
	if !strings.Contains(answer.Body, from) {
		t.Fatal("the document is not in the answer")
	}
	return []byte(strings.Replace(answer.Body, from, to, 1))
}

// phoned is an application that waits on the page with the code.
type phoned struct {
	s      *site.Site
	a      *site.Applicant
	b      *site.Browser
	number string
	nonce  string
	page   string
	phone  telephone
}

func openPhone(t *testing.T, o site.Options) *phoned {
	t.Helper()
	s := openSite(t, o)
	x := &phoned{s: s, a: s.Organisation(1)}
	x.b, x.number = s.LogIn(x.a), x.a.Complete(nil)
	way := regexp.MustCompile(`/kk/sign/([0-9a-f]{32})/phone`).FindStringSubmatch(x.b.Get("/kk/applications/" + x.number + "/sign").Body)
	if way == nil {
		t.Fatal("the signing page does not offer the telephone")
	}
	x.page, x.nonce = way[0], way[1]
	x.phone = scan(t, s, x.b.Get(x.page))
	return x
}

func (x *phoned) state() string { return x.b.Get(x.page + "/state").Body }

// finish presses the button of the page.
func (x *phoned) finish(b *site.Browser) site.Answer {
	return b.Post("/kk/applications/"+x.number+"/sign?challenge="+x.nonce, url.Values{"phone": {"1"}})
}

func TestApplicationSignedOnTheTelephone(t *testing.T) {
	x := openPhone(t, site.Options{})
	if got := x.state(); got != `{"state":"waiting"}` {
		t.Error(got)
	}
	if a := x.finish(x.b); a.Status != http.StatusSeeOther || a.Location() != x.page+"?waiting=1" {
		t.Errorf("before the telephone: %d %s", a.Status, a.Location())
	}
	path, answer, content := x.phone.document(t, x.s)
	body := withSignature(t, answer, content, x.s.Sign(content, x.a.Key))
	for range 2 { // the telephone may repeat itself
		if a := x.phone.send(path, body); a.Status != http.StatusOK || a.Body != `{"code":"200","message":"success"}` {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if state := x.s.Application(x.number).State; state != "draft" {
		t.Fatalf("the telephone alone made it %s", state)
	}
	if got := x.state(); got != `{"state":"signed"}` {
		t.Error(got)
	}
	if a := x.finish(x.b); a.Status != http.StatusSeeOther || a.Location() != "/kk/applications/"+x.number {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	if state := x.s.Application(x.number).State; state != "issued" {
		t.Errorf("state %s", state)
	}
	// Everything is over now, for the browser and for the telephone.
	if got := x.state(); got != `{"state":"over"}` {
		t.Error(got)
	}
	if a := x.phone.Get(x.phone.offer); a.Status != http.StatusForbidden {
		t.Errorf("the link after all: %d", a.Status)
	}
	if a := x.phone.send(path, body); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "Бұл құжатқа қол қойылып қойған") {
		t.Errorf("a replay: %d %s", a.Status, a.Body)
	}
}

// The words of the protocol, to the letter.
func TestProtocolOfTheTelephone(t *testing.T) {
	x := openPhone(t, site.Options{})
	token := strings.TrimPrefix(x.phone.offer, "/egov-mobile/mgovSign/")
	if len(token) != 43 {
		t.Errorf("a secret of %d characters", len(token))
	}
	_, answer, content := x.phone.document(t, x.s)
	page := x.b.Get(x.page).Body
	code := regexp.MustCompile(`\d{3} \d{3}`).FindString(regexp.MustCompile(`(?s)Салыстыру коды.*`).FindString(page[strings.Index(page, "<dl"):]))
	if code == "" {
		t.Fatal("no check code on the page")
	}
	mask := func(s string) string {
		s = strings.NewReplacer(token, "TOKEN", x.number, "NUMBER", code, "CODE", base64.StdEncoding.EncodeToString(content), "CONTENT", x.a.Person.IIN, "IIN", x.a.Person.BIN, "BIN").Replace(s)
		s = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+05:00`).ReplaceAllString(s, "TIME")
		return regexp.MustCompile(`(Қол қою мерзімі \(Алматы уақыты\)","value":")[^"]+`).ReplaceAllString(s, "${1}TIME")
	}
	origin := x.s.Config.Origin
	first := x.phone.Get(x.phone.offer)
	want := `{"description":"Өтініш беру NUMBER, ` + origin + `. Порталды өзіңіз ашсаңыз ғана қол қойыңыз. Экрандағы салыстыру коды: CODE","expiry_date":"TIME",` +
		`"organisation":{"nameRu":"Оператор-образец","nameKz":"Үлгі оператор","nameEn":"Sample operator","bin":"` + x.s.Config.OperatorBIN + `"},` +
		`"document":{"uri":"` + origin + `/egov-mobile/mgovDocuments/TOKEN","auth_type":"None","auth_token":""}}`
	if got := mask(first.Body); got != want {
		t.Errorf("API 1:\n%s\nwant\n%s", got, want)
	}
	want = `{"signMethod":"CMS_SIGN_ONLY","documentsToSign":[{"id":1,"nameRu":"Подача заявления NUMBER","nameKz":"Өтініш беру NUMBER","nameEn":"Submitting an application NUMBER",` +
		`"meta":[{"name":"Салыстыру коды","value":"CODE"},{"name":"Қол қою мақсаты","value":"Өтініш беру"},{"name":"Өтініш нөмірі","value":"NUMBER"},` +
		`{"name":"Ұйымның БСН-і","value":"BIN"},{"name":"Қол қоюшының ЖСН-і","value":"IIN"},{"name":"Портал","value":"` + origin + `"},{"name":"Қол қою мерзімі (Алматы уақыты)","value":"TIME"}],` +
		`"document":{"file":{"mime":"","data":"CONTENT"}}}]}`
	if got := mask(answer.Body); got != want {
		t.Errorf("API 2:\n%s\nwant\n%s", got, want)
	}
	for _, a := range []site.Answer{first, answer} {
		if a.Header.Get("Content-Type") != "application/json; charset=utf-8" || a.Header.Get("Cache-Control") != "no-store" || len(a.Raw.Cookies()) != 0 {
			t.Errorf("%v", a.Header)
		}
	}
}

func TestAttacksOnTheTelephonesLink(t *testing.T) {
	x := openPhone(t, site.Options{})
	path, answer, content := x.phone.document(t, x.s)
	good := withSignature(t, answer, content, x.s.Sign(content, x.a.Key))
	by := func(change func(*ca.Person)) []byte {
		p := x.a.Person
		change(&p)
		return withSignature(t, answer, content, x.s.Sign(content, x.s.Certify(p)))
	}
	other := x.s.Organisation(2).Person
	for name, one := range map[string]struct {
		body []byte
		says string
	}{
		"another person":       {by(func(p *ca.Person) { p.IIN = other.IIN }), "Кілт басқа адамға тиесілі"},
		"another organisation": {by(func(p *ca.Person) { p.BIN = other.BIN }), "Кілт басқа ұйымға тиесілі"},
		"an employee":          {by(func(p *ca.Person) { p.Kind = ca.Employee }), "құқық бермейді"},
		"other content":        {withSignature(t, answer, content, x.s.Sign([]byte("something else"), x.a.Key)), ""},
		"two documents":        {bytes.Replace(good, []byte(`"documentsToSign":[`), []byte(`"documentsToSign":[{"id":1},`), 1), "түсініксіз"},
		"another document":     {bytes.Replace(good, []byte(`"id":1`), []byte(`"id":2`), 1), "түсініксіз"},
		"another method":       {bytes.Replace(good, []byte("CMS_SIGN_ONLY"), []byte("XML"), 1), "түсініксіз"},
		"the document itself":  {[]byte(answer.Body), ""},
		"no JSON":              {[]byte("MIIB"), "түсініксіз"},
		"nothing":              {nil, "түсініксіз"},
	} {
		a := x.phone.send(path, one.body)
		if a.Status != http.StatusForbidden || !strings.Contains(a.Body, `"code":"403"`) || !strings.Contains(a.Body, one.says) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if got := x.state(); got != `{"state":"waiting"}` {
		t.Fatalf("something was taken: %s", got)
	}
	// 31 MB are not read to their end.
	counted := &counter{r: io.LimitReader(zeros{}, 31<<20)}
	r := x.phone.Request(http.MethodPut, path, "application/json", counted)
	if a := x.phone.Send(r); a.Status != http.StatusRequestEntityTooLarge || counted.n > 1<<20 {
		t.Errorf("31 MB: %d, %d bytes read", a.Status, counted.n)
	}
	// Nobody guesses a link, and the ends of other addresses are none.
	for _, token := range []string{strings.Repeat("A", 43), x.nonce, "", strings.Repeat("A", 5000), "mobile-link:" + x.nonce} {
		for _, at := range []string{"/egov-mobile/mgovSign/", "/egov-mobile/mgovDocuments/"} {
			if a := x.phone.Get(at + url.PathEscape(token)); a.Status != http.StatusNotFound {
				t.Errorf("%.20q: %d", token, a.Status)
			}
		}
	}
	// The telephone's right ends with the deposit: without the browser nothing happens, and another browser gets nothing.
	if a := x.phone.send(path, good); a.Status != http.StatusOK {
		t.Fatalf("control: %d %s", a.Status, a.Body)
	}
	again := withSignature(t, answer, content, x.s.Sign(content, x.s.Certify(x.a.Person))) // the same person's newer certificate
	if a := x.phone.send(path, again); a.Status != http.StatusForbidden {
		t.Errorf("a second signature: %d %s", a.Status, a.Body)
	}
	same := x.s.LogIn(x.a) // the same account in another browser
	if a := same.Get(x.page); a.Status != http.StatusNotFound {
		t.Errorf("the page in another browser: %d", a.Status)
	}
	if a := x.finish(same); a.Status == http.StatusSeeOther && a.Location() == "/kk/applications/"+x.number {
		t.Error("another browser took the signature")
	}
	if state := x.s.Application(x.number).State; state != "draft" {
		t.Errorf("state %s", state)
	}
	if a := x.finish(x.b); a.Status != http.StatusSeeOther || x.s.Application(x.number).State != "issued" {
		t.Errorf("control: %d", a.Status)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// counter says how much was read.
type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

func TestTelephoneComesTooLate(t *testing.T) {
	x := openPhone(t, site.Options{})
	path, answer, content := x.phone.document(t, x.s)
	body := withSignature(t, answer, content, x.s.Sign(content, x.a.Key))
	x.s.Clock.Advance(mobile.Life - time.Minute)
	if a := x.phone.Get(x.phone.offer); a.Status != http.StatusOK {
		t.Errorf("control: %d", a.Status)
	}
	x.s.Clock.Advance(time.Minute + time.Second)
	for name, a := range map[string]site.Answer{"offer": x.phone.Get(x.phone.offer), "documents": x.phone.Get(path), "deposit": x.phone.send(path, body)} {
		if a.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	// The page gives a fresh link to the same document, while that has time.
	fresh := scan(t, x.s, x.b.Get(x.page))
	if fresh.offer == x.phone.offer {
		t.Error("the link is the same")
	}
	path, answer, content = fresh.document(t, x.s)
	if a := fresh.send(path, withSignature(t, answer, content, x.s.Sign(content, x.a.Key))); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// Whoever sends the same signature again and again costs nothing: neither is it verified anew, nor is a time stamp fetched.
func TestRepeatedDepositsCostNothing(t *testing.T) {
	x := openPhone(t, site.Options{Stamped: true})
	path, answer, content := x.phone.document(t, x.s)
	signed := withSignature(t, answer, content, x.s.Sign(content, x.a.Key))
	for range 5 {
		if a := x.phone.send(path, signed); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if n := x.s.Stamper.Given(); n != 1 {
		t.Errorf("%d time stamps", n)
	}
	if a := x.finish(x.b); a.Status != http.StatusSeeOther || x.s.Stamper.Given() != 2 {
		t.Errorf("control: %d, %d time stamps", a.Status, x.s.Stamper.Given())
	}
}

// A log-in names nobody before it is signed, and a recovery gives an account away: neither is offered on a telephone, nor to be
// had by its address. A registration is, which shows that the page would offer it.
func TestTelephoneSignsOnlyWhatNamesItsSigner(t *testing.T) {
	s := openSite(t, site.Options{})
	person := s.Individual(3)
	way := regexp.MustCompile(`/kk/sign/([0-9a-f]{32})/phone`)
	document := regexp.MustCompile(`/kk/sign/([0-9a-f]{32})/document`)
	forms := map[string]url.Values{
		"recover":  {"number": {person.Person.IIN}, "password": {"Жаңа-Құпиясөз-2026"}},
		"register": {"number": {person.Person.IIN}, "email": {"new@example.kz"}, "phone": {"8 701 123 45 67"}, "password": {"Жаңа-Құпиясөз-2026"}, "lang": {"kk"}},
	}
	for _, name := range []string{"login", "recover", "register"} {
		b := s.Visitor()
		page := b.Get("/kk/login/certificate")
		if form, ok := forms[name]; ok {
			b.Get("/kk/" + name)
			page = b.Post("/kk/"+name, form)
			if page.Status == http.StatusSeeOther {
				page = b.Get(page.Location())
			}
		}
		found := document.FindStringSubmatch(page.Body)
		if found == nil {
			t.Fatalf("%s: nothing to sign: %d %.1500s", name, page.Status, page.Body)
		}
		offered, direct := way.MatchString(page.Body), b.Get("/kk/sign/"+found[1]+"/phone").Status
		if want := name == "register"; offered != want || (direct == http.StatusOK) != want || !want && direct != http.StatusNotFound {
			t.Errorf("%s: offered %v, by its address %d", name, offered, direct)
		}
	}
}

// An official signs the decision on a telephone: the code stands on the internal portal, the telephone asks the external one,
// and the decision is taken in the official's browser. Another's key deposits nothing, another browser collects nothing.
func TestDecisionSignedOnTheTelephone(t *testing.T) {
	x := toDecide(t, site.Options{}, refusal())
	s, page := x.s, "/kk/applications/"+x.number+"/decision"
	way := regexp.MustCompile(`/kk/sign/([0-9a-f]{32})/phone`).FindStringSubmatch(x.approver.Get(page).Body)
	if way == nil {
		t.Fatal("the page of the decision does not offer the telephone")
	}
	phone := scan(t, s, x.approver.Get(way[0]))
	path, answer, content := phone.document(t, s)
	if got := phone.send(path, withSignature(t, answer, content, s.Sign(content, s.OfficialKey("knb.executor")))); got.Status != http.StatusForbidden {
		t.Errorf("another's key: %d %s", got.Status, got.Body)
	}
	action, pressed := page+"?challenge="+way[1], url.Values{"phone": {"1"}}
	if got := x.approver.Post(action, pressed); got.Status != http.StatusSeeOther || !strings.Contains(got.Location(), "/phone?waiting=1") {
		t.Errorf("pressed too early: %d %s", got.Status, got.Location())
	}
	if got := phone.send(path, withSignature(t, answer, content, s.Sign(content, s.OfficialKey("knb.approver")))); got.Status != http.StatusOK {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := x.approver.Get(way[0] + "/state").Body; !strings.Contains(got, "signed") {
		t.Error(got)
	}
	if got := s.LogInOfficial("knb.approver", demo.Password).Post(action, pressed); got.Status < 400 || s.Application(x.number).State != application.Registered {
		t.Errorf("from another browser: %d", got.Status)
	}
	done(t, x.approver.Post(action, pressed))
	if a := s.Application(x.number); a.State != application.Returned {
		t.Error(a.State)
	}
	login := s.OfficeVisitor()
	found := shownNonce.FindStringSubmatch(login.Get("/kk/login/certificate").Body)
	if got := login.Get("/kk/sign/" + found[1] + "/phone"); got.Status != http.StatusNotFound {
		t.Errorf("a telephone signs a log-in: %d", got.Status)
	}
	s.Clean()
}

// An act with a permit is signed on the telephone as a decision is.
func TestActSignedOnTheTelephone(t *testing.T) {
	x := toLive(t, openSite(t, site.Options{Decided: true}), nil)
	page := x.propose("revocation", url.Values{"ground": {"court"}}).Location() + "/signature"
	way := regexp.MustCompile(`/kk/sign/([0-9a-f]{32})/phone`).FindStringSubmatch(x.approver.Get(page).Body)
	if way == nil {
		t.Fatal("the page of the act does not offer the telephone")
	}
	phone := scan(t, x.s, x.approver.Get(way[0]))
	path, answer, content := phone.document(t, x.s)
	if got := phone.send(path, withSignature(t, answer, content, x.s.Sign(content, x.key(0)))); got.Status != http.StatusForbidden {
		t.Errorf("the key of the one who proposed: %d %s", got.Status, got.Body)
	}
	if got := phone.send(path, withSignature(t, answer, content, x.s.Sign(content, x.key(1)))); got.Status != http.StatusOK {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	done(t, x.approver.Post(page+"?challenge="+way[1], url.Values{"phone": {"1"}}))
	if p := x.state(t); p.Standing.State != permit.Revoked {
		t.Errorf("%+v", p.Standing)
	}
	x.s.Clean()
}

// Links are made, asked and answered within limits.
func TestTelephoneIsThrottled(t *testing.T) {
	x := openPhone(t, site.Options{Limited: true})
	refused := 0
	for range 70 {
		if a := x.phone.send("/egov-mobile/mgovDocuments/"+strings.Repeat("A", 43), nil); a.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	for range 40 {
		if a := x.b.Get(x.page); a.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("refused %d of 110 requests", refused)
	}
}
