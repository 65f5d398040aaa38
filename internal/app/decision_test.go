package app_test

import (
	"encoding/base64"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/signdoc"
	"elicense/internal/testkit/site"
	"elicense/services"
)

// withProcess publishes the restoration of a paper licence with more in its process.
func withProcess(t *testing.T, s *site.Site, process string) {
	t.Helper()
	edited(t, s, "process:\n", "process:\n"+process)
}

// edited publishes the restoration of a paper licence with edits: what stood there, and what stands there now.
func edited(t *testing.T, s *site.Site, edits ...string) {
	t.Helper()
	folder, err := fs.Sub(services.Files, "licence-restoration")
	must(t, err)
	src, err := service.ReadSource(folder)
	must(t, err)
	text := string(src["service.yaml"])
	for i := 0; i < len(edits); i += 2 {
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	src["service.yaml"] = []byte(text)
	_, fresh, err := s.App.Catalogue.Publish(t.Context(), src, "test")
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
}

// resolving is an application that waits for the decision of the last official.
type resolving struct {
	s        *site.Site
	owner    *site.Applicant
	number   string
	approver *site.Browser
}

func toDecide(t *testing.T, o site.Options, outcome url.Values) resolving {
	t.Helper()
	o.Decided = true
	s := openSite(t, o)
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	x := resolving{s: s, owner: owner, number: sent(t, owner, nil)}
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, x.number, "take", nil))
	if outcome == nil {
		outcome = url.Values{"outcome": {"granted"}, "paper": {option(t, executor.Get("/kk/applications/"+x.number).Body)}}
	}
	done(t, acts(t, executor, x.number, "propose", outcome))
	x.approver = s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, x.approver, x.number, "take", nil))
	return x
}

func refusal() url.Values {
	return url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}}
}

var payloadOf = regexp.MustCompile(`data-payload="([^"]+)"`)
var actionOf = regexp.MustCompile(`action="(/kk/applications/[A-Z0-9]+/decision\?challenge=[0-9a-f]+)"`)

// document reads the page on which the decision is signed.
func (x resolving) document(t *testing.T) (action string, content []byte) {
	t.Helper()
	got := x.approver.Get("/kk/applications/" + x.number + "/decision")
	payload, form := payloadOf.FindStringSubmatch(got.Body), actionOf.FindStringSubmatch(html.UnescapeString(got.Body))
	if got.Status != http.StatusOK || payload == nil || form == nil {
		t.Fatalf("%d\n%.5000s", got.Status, got.Body)
	}
	content, err := base64.StdEncoding.DecodeString(payload[1])
	must(t, err)
	return form[1], content
}

func (x resolving) signs(content []byte, key ca.KeyPair) url.Values {
	return url.Values{"cms": {base64.StdEncoding.EncodeToString(x.s.Sign(content, key))}}
}

func TestOfficialSignsTheDecision(t *testing.T) {
	x := toDecide(t, site.Options{}, nil)
	s, key := x.s, x.s.OfficialKey("knb.approver")
	if got := acts(t, x.approver, x.number, "confirm", nil); got.Status != http.StatusConflict || !strings.Contains(got.Body, "электрондық цифрлық қолтаңбамен") {
		t.Errorf("confirmed without a signature: %d", got.Status)
	}
	if got := s.LogInOfficial("knb.executor", demo.Password).Get("/kk/applications/" + x.number + "/decision"); got.Status != http.StatusForbidden {
		t.Errorf("who proposed signs: %d", got.Status)
	}
	if got := s.LogInOfficial("cci.approver", demo.Password).Get("/kk/applications/" + x.number + "/decision"); got.Status != http.StatusNotFound {
		t.Errorf("another body: %d", got.Status)
	}
	action, content := x.document(t)
	doc, err := signdoc.Parse(content)
	if err != nil || doc.Purpose != signdoc.Decision || doc.Origin != s.Config.OfficeOrigin || doc.BIN != demo.BodyBIN("knb") || doc.Application != x.number || doc.Version != s.Application(x.number).Version {
		t.Fatalf("%+v %v", doc, err)
	}
	own := demoOfficial(t, "knb.approver").Key()
	for name, key := range map[string]ca.KeyPair{
		"another person": s.OfficialKey("knb.executor"),
		"another body":   s.Certify(changed(own, func(p *ca.Person) { p.BIN = demo.BodyBIN("cci") })),
		"as individual":  s.Certify(changed(own, func(p *ca.Person) { p.Kind, p.BIN, p.Organisation = ca.Individual, "", "" })),
	} {
		if got := x.approver.Post(action, x.signs(content, key)); got.Status != http.StatusUnprocessableEntity || s.Application(x.number).State != application.Registered {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	if got := x.approver.Post(action, x.signs([]byte(strings.Replace(string(content), `"version":`, `"version":1`, 1)), key)); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("other bytes: %d", got.Status)
	}
	if got := x.approver.Post(action, url.Values{"cms": {""}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("no signature: %d", got.Status)
	}
	done(t, x.approver.Post(action, x.signs(content, key)))
	a := s.Application(x.number)
	if a.State != application.Issued {
		t.Fatal(a.State)
	}
	if got := x.approver.Post(action, x.signs(content, key)); got.Status != http.StatusConflict || !strings.Contains(got.Body, "шешім қабылданған") {
		t.Errorf("pressed twice: %d", got.Status)
	}
	s.View(func(v port.View) error {
		list, err := v.Applications().Signatures(t.Context(), x.number)
		if err != nil || len(list) != 2 || list[1].Purpose != "decision" || list[1].Signature.Signer.IIN != own.IIN {
			t.Errorf("%d signatures, %v", len(list), err)
		}
		return nil
	})
	page := s.LogIn(x.owner).Get("/kk/applications/" + x.number).Body
	if !strings.Contains(page, "Шешімге қол қойған") || strings.Contains(page, own.IIN) {
		t.Error("the applicant does not see who signed, or sees the official's IIN")
	}
	s.Clean()
}

// Taking and what nearly always follows are one press: numbers are reserved, the document of the decision is opened. Where the
// register has too few numbers the application is taken, and nothing is reserved.
func TestTakeAndGoOn(t *testing.T) {
	s := openSite(t, site.Options{Decided: true})
	owner := s.Organisation(1)
	s.Official("cci.executor")
	executor, approver := s.LogInOfficial("cci.executor", demo.Password), s.LogInOfficial("cci.approver", demo.Password)
	number := asked(t, s, owner)
	if got := acts(t, executor, number, "take-on", nil); got.Status != http.StatusConflict || s.Application(number).Work.Holder == "" {
		t.Errorf("no numbers: %d", got.Status)
	}
	done(t, acts(t, executor, number, "give-back", nil))
	_, err := s.App.Numbering.Import(t.Context(), access.TheSystem(), demo.Numbers())
	must(t, err)
	done(t, acts(t, executor, number, "take-on", nil))
	done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"granted"}}))
	if got := acts(t, approver, number, "take-on", nil); got.Status != http.StatusSeeOther || got.Location() != "/kk/applications/"+number+"/decision" {
		t.Errorf("to the document of the decision: %d %s", got.Status, got.Location())
	}
	if got := acts(t, approver, number, "take-on", nil); got.Status != http.StatusConflict {
		t.Errorf("taken twice: %d", got.Status)
	}
	s.Clean()
}

func demoOfficial(t *testing.T, login string) demo.Official {
	t.Helper()
	for _, o := range demo.Officials() {
		if o.Login == login {
			return o
		}
	}
	t.Fatal(login)
	return demo.Official{}
}

func changed(p ca.Person, change func(*ca.Person)) ca.Person {
	change(&p)
	return p
}

// What was signed is decided, and nothing else: a proposal that changed meanwhile is signed anew. What is stored later
// otherwise is found.
func TestDecisionIsWhatWasSigned(t *testing.T) {
	x := toDecide(t, site.Options{}, refusal())
	s, key := x.s, x.s.OfficialKey("knb.approver")
	action, content := x.document(t)
	other := x
	other.approver = s.LogInOfficial("knb.approver", demo.Password)
	if got := other.approver.Post(action, x.signs(content, key)); got.Status != http.StatusGone {
		t.Errorf("from another browser: %d", got.Status)
	}
	s.Update(func(tx port.Tx) error { // behind everybody's back, with the version left as it is signed
		a := s.Application(x.number)
		a.Work.Report.Proposal.ReasonRU = "Другая причина."
		a.Version--
		return nil
	})
	done(t, acts(t, x.approver, x.number, "send-back", url.Values{"note": {"Тексеріңіз"}}))
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, x.number, "propose", refusal()))
	done(t, acts(t, x.approver, x.number, "take", nil))
	if got := x.approver.Post(action, x.signs(content, key)); got.Status != http.StatusConflict || s.Application(x.number).State != application.Registered {
		t.Errorf("a document of an older version: %d", got.Status)
	}
	action, content = x.document(t)
	done(t, x.approver.Post(action, x.signs(content, key)))
	s.Clean()
	s.Update(func(tx port.Tx) error {
		a := s.Application(x.number)
		a.Decision.Grounds[0].RU.Reason = "Подменённая причина."
		tx.Write().Applications().Change(a)
		return nil
	})
	found := false
	for _, b := range s.Report().Broken {
		found = found || b.Promise == "I7" && b.Thing == x.number
	}
	if !found {
		t.Error("a decision that is not what was signed is not found")
	}
}

// While nothing is known of the certificate's revocation nothing is decided, and the same signature may be sent again.
func TestDecisionWaitsForRevocation(t *testing.T) {
	x := toDecide(t, site.Options{}, refusal())
	s, key := x.s, x.s.OfficialKey("knb.approver")
	s.Clock.Advance(40 * 24 * time.Hour) // the lists have grown old
	x.approver = s.LogInOfficial("knb.approver", demo.Password)
	action, content := x.document(t)
	form := x.signs(content, key)
	if got := x.approver.Post(action, form); got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Body, "Ештеңе жоғалған жоқ") || s.Application(x.number).State != application.Registered {
		t.Errorf("%d %s", got.Status, s.Application(x.number).State)
	}
	s.PublishList()
	done(t, x.approver.Post(action, form))
	if s.Application(x.number).State != application.Returned {
		t.Error(s.Application(x.number).State)
	}
	s.Clean()
}

// A service says for itself whether its decisions are signed.
func TestServiceSaysWhetherDecisionsAreSigned(t *testing.T) {
	s := openSite(t, site.Options{Decided: true})
	owner := s.Organisation(1)
	s.Official("knb.executor")
	withProcess(t, s, "  signed: none\n")
	number := sent(t, owner, nil)
	executor, approver := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	done(t, acts(t, executor, number, "propose", refusal()))
	done(t, acts(t, approver, number, "take", nil))
	if got := approver.Get("/kk/applications/" + number + "/decision"); got.Status != http.StatusConflict {
		t.Errorf("a page to sign nothing: %d", got.Status)
	}
	done(t, acts(t, approver, number, "confirm", nil))
	s.Clean()
}

// A template of the ground begins the reasons; what it leaves open has to be written; the applicant's text is seen before.
func TestRefusalBeginsWithATemplate(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Official("knb.executor")
	const ground = "not_holder"
	edited(t, s, "    - key: not_holder\n", "    - key: not_holder\n      template: {kk: '{number} өтінішіне {document} қоса берілмеген.', ru: 'К заявлению {number} не приложен {document}.'}\n")
	number := sent(t, owner, nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	begun := acts(t, executor, number, "template", url.Values{"outcome": {"refused"}, "ground": {ground}, "reason_ru": {"Своё начало."}})
	if begun.Status != http.StatusOK || !strings.Contains(begun.Body, number+" өтінішіне {document} қоса берілмеген.") || !strings.Contains(begun.Body, "Своё начало.") || strings.Contains(begun.Body, "К заявлению") {
		t.Errorf("%d\n%.9000s", begun.Status, begun.Body)
	}
	values := url.Values{"outcome": {"refused"}, "ground": {ground}, "reason_kk": {number + " өтінішіне {document} қоса берілмеген."}, "reason_ru": {"Не приложено."}}
	if got := acts(t, executor, number, "propose", values); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "толтырылмаған орын қалды: {document}") {
		t.Errorf("an open place: %d", got.Status)
	}
	if got := acts(t, executor, number, "template", url.Values{"outcome": {"refused"}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a template of no ground: %d", got.Status)
	}
	values.Set("reason_kk", "Жарғы қоса берілмеген.")
	seen := acts(t, executor, number, "preview", values)
	if seen.Status != http.StatusOK || !strings.Contains(seen.Body, "<p>Жарғы қоса берілмеген.</p>") || !strings.Contains(seen.Body, "<p>Не приложено.</p>") || len(s.Application(number).Work.Report.Done) != 0 {
		t.Errorf("the preview: %d\n%.5000s", seen.Status, seen.Body)
	}
	done(t, acts(t, executor, number, "propose", values))
}
