package app_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/demo"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/paper"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

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
	act := executor.Post("/kk/permits/"+s.Application(number).Permit+"/propose/suspension", url.Values{"from": {"22.11.2026"}, "ground": {"violation"}, "reason_kk": {"x"}, "reason_ru": {"x"}})
	done(t, act)
	for _, l := range lang.All() { // else the first reader makes the document
		_, err := s.App.Register.Render(t.Context(), s.Application(number).Permit, l)
		must(t, err)
	}
	m.own(s.Application(number).Permit, thing{kind: "permit", body: "cci"})
	m.own(act.Location()[len("/kk/permit-orders/"):], thing{kind: "act-order", body: "cci", persons: []string{proposer.Person}})

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
	m.sent = number
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
	m.paperOf = number
	m.own(number, thing{kind: "application", body: "knb", asked: []string{"cci", "mti"}, duty: access.Approver, persons: []string{o.Person}, file: "licence_copy", version: fmt.Sprint(s.Application(number).Version)})
	first := s.Official("knb.approver").Person
	keeper := s.Official("mti.publisher")
	amendment := s.Enter(keeper).Post("/kk/directories/mci", url.Values{"value": {"4600"}, "from": {"01.01.2027"}, "act_kk": {"Заң"}, "act_ru": {"Закон"}})
	done(t, amendment)
	brought, err := s.App.Papers.Receive(t.Context(), access.ActorOf(o), paper.File{Name: "old.csv", Content: []byte("kind_kk,kind_ru,number,issued,holder\nҚызмет,Услуга,77,12.05.2009," + canaryNote + "\n")})
	must(t, err)
	m.own(brought.Batches[0].ID, thing{kind: "papers", body: "knb", persons: []string{o.Person}})
	m.own(strings.TrimPrefix(amendment.Location(), "/kk/amendments/"), thing{kind: "amendment", persons: []string{keeper.Person}})
	author := m.appoint("knb", "", access.Administrator)
	template := s.Enter(author).Post("/kk/templates/new", url.Values{"go": {"propose"}, "of": {"letter/sent"}, "name": {"x"}, "text_kk": {"x"}, "text_ru": {"x"}, "from": {"01.12.2026"}})
	done(t, template)
	m.own(strings.TrimPrefix(template.Location(), "/kk/templates/"), thing{kind: "template", body: "knb", persons: []string{author.Person}})
	m.own(strings.TrimPrefix(proposed(t, s, guideFolder(t), first), "/kk/proposals/"), thing{kind: "proposal", persons: []string{first}})
}

// trade makes an application at the Ministry of Trade that the system refused and whose applicant asks for a review.
func (m *officeMatrix) trade() {
	t, s := m.t, m.site
	owner := s.Organisation(3)
	a, err := owner.Send(owner.Complete(map[string]string{"contract_number": canaryTrade, "goods_code": "010121"}))
	must(t, err)
	done(t, s.LogIn(owner).Post("/kk/applications/"+a.Number+"/review", url.Values{"review": {"Код дұрыс."}}))
	m.own(a.Number, thing{kind: "application", body: "mti", file: "contract", version: fmt.Sprint(s.Application(a.Number).Version)})
	m.filled["POST /{lang}/automatic"] = url.Values{"application": {a.Number}}
}

// messages are what the bodies write to their applicants, each with a file.
func (m *officeMatrix) messages() {
	t, s := m.t, m.site
	for number, login := range map[string]string{m.sent: "cci.executor", m.paperOf: "knb.executor"} {
		o := s.Official(login)
		b := s.Enter(o)
		done(t, b.Send(b.Upload("/kk/applications/"+number+"/messages/file", nil, "contract.pdf", site.Contract())))
		m.own(rowsOf(t, m.db, "SELECT id FROM message WHERE application = '"+number+"'")[0], thing{kind: "message", body: o.Body, under: number})
	}
	done(t, writes(s.Enter(s.Official("knb.executor")), m.paperOf, canaryWrote))
}

// staff makes officials and departments that administrators keep, an absence of each of those officials, and clerks who
// stand in for somebody or are one of them.
func (m *officeMatrix) staff() {
	s := m.site
	today := civil.Of(s.Clock.Now(), lang.Almaty())
	away := func(o access.Official, deputy string) string {
		x := access.Absence{ID: s.Clock.ID(), Body: o.Body, Official: o.ID, Deputy: deputy, From: today, To: today.AddDays(30), Reason: "Демалыс", By: o.ID, CreatedAt: s.Clock.Now()}
		s.Update(func(tx port.Tx) error {
			tx.Write().Office().Absences().Add(x)
			return nil
		})
		return x.ID
	}
	for body, duty := range map[string]access.Duty{"cci": access.Executor, "knb": access.Approver} {
		o, deputy, key := m.appoint(body, "", duty), s.Official(body+".executor"), "matrix-"+body
		absence := away(o, deputy.ID)
		m.own(o.ID, thing{kind: "official", body: body, version: "1", persons: []string{o.Person}, form: url.Values{"id": {absence}, "deputy": {deputy.ID}}})
		department := access.Department{Key: key, Body: body, Name: lang.Text{KK: "Бөлім", RU: "Отдел", EN: "Department"}, Version: 1}
		s.Update(func(tx port.Tx) error {
			tx.Write().Office().Departments().Add(department)
			return nil
		})
		m.own(key, thing{kind: "department", body: body, version: "1"})
		for number, x := range m.things {
			if x.kind == "application" && x.body == body {
				x.form = url.Values{"to": {o.ID}}
				m.things[number] = x
			}
		}
		self := m.appoint(body, o.Person, access.Administrator)
		m.add("administrator who is the official at "+body, self, access.ActorOf(self))
		if body == "knb" {
			m.filled["POST /{lang}/me"] = url.Values{"id": {o.ID}, "deputy": {o.ID}, "absence": {absence}}
		}
	}
	for _, kind := range []string{"official", "department"} { // what is to be added
		m.owned[kind] = append(m.owned[kind], "-")
	}
	m.things["-"] = thing{}
	absent := m.appoint("cci", "", access.Executor)
	deputy := m.appoint("cci", "", access.Administrator)
	away(absent, deputy.ID)
	actor := access.ActorOf(deputy)
	actor.Absent = []access.Absent{{Account: absent.ID, Person: absent.Person, Duties: absent.Duties}}
	m.add("administrator in the place of an executor at cci", deputy, actor)
}

// doings are what officials keep of their own: a view, a batch, a file; and what waits for somebody.
func (m *officeMatrix) doings() {
	t, s := m.t, m.site
	o := m.appoint("knb", "", access.Executor)
	m.add("executor with a batch and a file", o, access.ActorOf(o))
	b := s.Enter(o)
	done(t, s.Enter(s.Official("knb.executor")).Post("/kk/applications/views", url.Values{"go": {"keep"}, "name": {"Көрініс"}, "query": {"view=all"}}))
	done(t, b.Post("/kk/exports", url.Values{"query": {"view=all"}}))
	must(t, s.App.Exports.Work(t.Context()))
	m.own(rowsOf(t, m.db, "SELECT id FROM queue_export")[0], thing{kind: "export", owner: o.ID})
	batch := port.Batch{ID: s.Clock.ID(), Official: o.ID, Act: application.Take, At: s.Clock.Now(), Rows: []port.BatchRow{{Number: m.paperOf, Version: 1}}}
	reminder := port.Reminder{ID: s.Clock.ID(), Application: m.sent, Stage: application.StageLast, Due: civil.Of(s.Clock.Now(), lang.Almaty()), Addressee: application.ToHolder,
		Body: "cci", Duty: access.Executor, At: s.Clock.Now()}
	s.Update(func(tx port.Tx) error {
		tx.Write().Office().Queues().AddBatch(batch)
		tx.Write().Office().Terms().Remind(reminder)
		return nil
	})
	m.own(batch.ID, thing{kind: "batch", owner: o.ID})
	view := rowsOf(t, m.db, "SELECT id FROM queue_view")[0]
	var ticked []string
	for _, number := range m.owned["application"] {
		ticked = append(ticked, number+"."+m.things[number].version)
	}
	m.filled["POST /{lang}/applications/views"] = url.Values{"id": {view}}
	m.filled["POST /{lang}/applications/chosen"] = url.Values{"n": ticked}
	m.filled["POST /{lang}/batches"] = url.Values{"n": ticked}
	m.filled["POST /{lang}/applications/search"] = url.Values{"find": {m.owner.Account.Party.Number}}
	m.filled["POST /{lang}/permits"] = url.Values{"find": {m.owner.Account.Party.Number}}
	m.filled["POST /{lang}/reminders"] = url.Values{"seen": {reminder.ID}}
	m.filled["POST /{lang}/calendar"] = url.Values{"seen": {s.App.Calendar.Current().Version}}
	m.filled["POST /{lang}/people/officials/{id}"] = url.Values{"iin": {s.Individual(9).Person.IIN}}

	other := s.OfficeVisitor() // in whose browser a document waits for a signature
	nonce := shownNonce.FindStringSubmatch(other.Get("/kk/login/certificate").Body)
	content := other.Get("/kk/sign/" + nonce[1] + "/document")
	if content.Status != http.StatusOK {
		t.Fatal(content.Status)
	}
	m.own(nonce[1], thing{kind: "nonce"})
	cms := base64.StdEncoding.EncodeToString(s.Sign([]byte(content.Body), s.OfficialKey("mti.publisher")))
	m.filled["POST /{lang}/login/certificate"] = url.Values{"?": {"challenge=" + nonce[1]}, "cms": {cms}}
}

// audit numbers the rows of the audit, and takes one of each body.
func (m *officeMatrix) audit() {
	must(m.t, m.site.App.Evidence.Sequence(m.t.Context()))
	for number, body := range map[string]string{m.sent: "cci", m.paperOf: "knb"} {
		m.own(rowsOf(m.t, m.db, "SELECT id FROM audit WHERE CAST(canonical AS TEXT) LIKE '%application/"+number+"%' ORDER BY id LIMIT 1")[0], thing{kind: "audit", body: body})
	}
}

// officeKind is kinds of the internal portal.
func (m *officeMatrix) officeKind(pattern, name string) (kind string, fixed []string) {
	switch name {
	case "lang":
		return "", []string{m.lang}
	case "number":
		if strings.Contains(pattern, "/permits/") {
			return "permit", nil
		}
		return "application", nil
	case "doclang":
		return "", []string{"kk"}
	case "appendix":
		return "", []string{"001"}
	case "seq":
		return "", []string{"1"}
	case "kind":
		return "", []string{"suspension"}
	case "nonce":
		return "nonce", nil
	case "first":
		return "", []string{"500000"}
	case "page":
		return "", []string{"50"} // no document of the matrix has so many: nothing is drawn
	case "file":
		return "", []string{"0"}
	}
	for _, x := range []struct {
		name, part, kind string
		fixed            []string
	}{
		{"id", "/proposals/", "proposal", nil}, {"id", "/orders/", "order", nil}, {"id", "/permit-orders/", "act-order", nil}, {"id", "/amendments/", "amendment", nil}, {"id", "/officials/", "official", nil},
		{"id", "/audit/", "audit", nil}, {"id", "/batches/", "batch", nil}, {"id", "/exports/", "export", nil}, {"id", "/messages/", "message", nil}, {"id", "/templates/", "template", nil}, {"id", "/papers/", "papers", nil},
		{"name", "/directories/", "", []string{"mci"}}, {"name", "/files/", "", []string{"service.yaml"}},
		{"key", "/documents/", "", []string{"charter", "licence_copy", "contract"}}, {"key", "/numbering/", "code", nil}, {"key", "/departments/", "department", nil},
	} {
		if name == x.name && strings.Contains(pattern, x.part) {
			return x.kind, x.fixed
		}
	}
	m.t.Fatalf("%s: the matrix does not know what {%s} stands for: teach it", pattern, name)
	return "", nil
}
