package app_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// living is an issued trade licence with the officials of its body.
type living struct {
	s                  *site.Site
	owner              *site.Applicant
	sent               application.Application
	executor, approver *site.Browser
	head               access.Official
	persons            []ca.Person // executor, head
}

func toLive(t *testing.T, s *site.Site, answers map[string]string) living {
	t.Helper()
	owner := s.Organisation(1)
	x := living{s: s, owner: owner}
	var err error
	x.sent, err = owner.Send(owner.Complete(answers))
	must(t, err)
	s.Clock.Advance(24 * time.Hour) // the licence begins on the day after its issue
	s.PublishList()
	person := func(i int, login string, duty access.Duty) access.Official {
		p := s.Individual(i).Person
		x.persons = append(x.persons, p)
		return s.Appoint(access.Official{Login: login, Person: p.IIN, Surname: p.Surname, GivenName: p.GivenName, Body: "mti", Duties: []access.Duty{duty}})
	}
	x.executor = s.Enter(person(7, "life.executor", access.Executor))
	x.head = person(8, "life.head", access.Head)
	x.approver = s.Enter(x.head)
	return x
}

func (x living) propose(kind string, values url.Values) site.Answer {
	form := url.Values{"from": {"23.11.2026"}, "reason_kk": {"Себебі осындай."}, "reason_ru": {"Причина такова."}}
	for name, v := range values {
		form[name] = v
	}
	return x.executor.Post("/kk/permits/"+x.sent.Permit+"/propose/"+kind, form)
}

// made proposes an act and confirms it.
func (x living) made(t *testing.T, kind string, values url.Values) {
	t.Helper()
	got := x.propose(kind, values)
	if got.Status != http.StatusSeeOther {
		t.Fatalf("%s: %d\n%.4000s", kind, got.Status, got.Body)
	}
	done(t, x.approver.Post(got.Location(), url.Values{"go": {"confirm"}}))
}

func (x living) state(t *testing.T) (p permit.Permit) {
	t.Helper()
	x.s.View(func(v port.View) (err error) {
		p, err = v.Permits().Permit(t.Context(), x.sent.Permit)
		return err
	})
	return p
}

func (x living) says(t *testing.T, b *site.Browser, path string, texts ...string) {
	t.Helper()
	got := b.Get(path)
	for _, text := range texts {
		if got.Status != http.StatusOK || !strings.Contains(html.UnescapeString(got.Body), text) {
			t.Errorf("%s: %d, without %q", path, got.Status, text)
		}
	}
}

func TestLifeOfAPermit(t *testing.T) {
	x := toLive(t, openSite(t, site.Options{}), map[string]string{"contract_number": "A-1"})
	s, number := x.s, x.sent.Permit
	holder, card := s.LogIn(x.owner), "/kk/permits/"+x.sent.Permit
	x.says(t, x.executor, "/kk/permits", number)
	x.says(t, x.executor, "/kk/permits?state=valid&number="+number[4:10], number)
	x.says(t, x.executor, card, "Қолданылуын тоқтата тұру", "Берілгеннен бері құжат өзгерген жоқ")
	if got := x.executor.Post("/kk/permits", url.Values{"find": {x.owner.Account.Party.Number}}); !strings.Contains(got.Body, number) {
		t.Errorf("not found by the holder: %d", got.Status)
	}
	if got := x.propose("suspension", url.Values{"from": {"24.11.2026"}, "reason_kk": {"Менің мәтінім"}, "reason_ru": {""}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Менің мәтінім") ||
		strings.Count(got.Body, "field-error") < 3 && !strings.Contains(got.Body, "Құқықтық негізді таңдаңыз") {
		t.Errorf("wrong form: %d\n%.3000s", got.Status, got.Body)
	}
	if got := x.propose("suspension", url.Values{"ground": {"medical-requirements"}}); got.Status != http.StatusUnprocessableEntity || strings.Contains(got.Body, "medical-requirements") {
		t.Errorf("a ground of another service: %d", got.Status)
	}
	order := x.propose("suspension", url.Values{"ground": {"violation"}, "to": {"26.11.2026"}})
	if got := x.propose("suspension", url.Values{"ground": {"violation"}}); got.Status != http.StatusConflict {
		t.Errorf("a second proposal: %d", got.Status)
	}
	if got := x.executor.Post(order.Location(), url.Values{"go": {"confirm"}}); got.Status != http.StatusForbidden {
		t.Errorf("who proposed confirms: %d", got.Status)
	}
	s.Official("cci.approver")
	for _, path := range []string{order.Location(), card, card + "/propose/suspension"} {
		if got := s.LogInOfficial("cci.approver", demo.Password).Get(path); got.Status != http.StatusNotFound {
			t.Errorf("another body reads %s: %d", path, got.Status)
		}
	}
	done(t, x.approver.Post(order.Location(), url.Values{"go": {"confirm"}}))
	if got := x.approver.Post(order.Location(), url.Values{"go": {"confirm"}}); got.Status != http.StatusConflict {
		t.Errorf("confirmed twice: %d", got.Status)
	}
	x.says(t, holder, card, "Қолданылуы тоқтатыла тұрды", "Рұқсат беру талаптарының бұзылуы", "шағым бере аласыз")
	x.says(t, s.Visitor(), "/kk/check/"+number, "тоқтатыла тұрды")
	x.says(t, holder, "/kk/notices", "2026 жылғы 26 қараша")
	must(t, s.App.Register.Draw(t.Context()))
	s.View(func(v port.View) error {
		files, err := v.Permits().Documents().Files(t.Context(), number)
		left, none := v.Permits().Documents().Undrawn(t.Context(), "", 5)
		made := slices.DeleteFunc(files, func(f permit.File) bool { return f.Act != 1 })
		if len(made) != 3 || len(left) != 0 {
			t.Errorf("drawn before anybody reads: %v, left %v", files, left)
		}
		return errors.Join(err, none)
	})
	if got := holder.Get(card + "/acts/1/document/kk"); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "%PDF") {
		t.Errorf("the document of the act: %d", got.Status)
	}
	s.Clock.Advance(4 * 24 * time.Hour)
	must(t, s.App.Acts.Resume(t.Context()))
	must(t, s.App.Acts.Resume(t.Context()))
	if p := x.state(t); p.Standing.Acts != 2 || p.Standing.State != permit.Valid {
		t.Errorf("after the last day: %+v", p.Standing)
	}
	holder = s.LogIn(x.owner)
	x.says(t, holder, card+"?on=24.11.2026&known=24.11.2026", "тоқтатыла тұрды")
	x.says(t, holder, card+"?on=23.11.2026&known=21.11.2026", "әлі берілмеген")
	x.told(t)
	s.Clean()
}

// told asks the command line the same as the card: a suspension from the 23rd to the 26th that became known on the 23rd, of a permit
// that was issued on the 22nd. The command's clock is the machine's, so both days are named.
func (x living) told(t *testing.T) {
	t.Helper()
	type answer struct {
		On, Known, State, Since, Until string
		Issued                         bool
	}
	args := append([]string{"permit", x.sent.Permit}, flags(x.s)...)
	for _, want := range []answer{
		{"2026-11-24", "2026-11-24", "suspended", "2026-11-23", "2026-11-26", true},
		{"2026-11-24", "2026-11-22", "valid", "", "", true}, // what became known later counts as little
		{"2026-11-26", "2026-11-27", "suspended", "2026-11-23", "2026-11-26", true},
		{"2026-11-27", "2026-11-27", "valid", "", "", true},
		{"2026-11-22", "2026-11-27", "future", "", "", true},
		{"2026-11-23", "2026-11-21", "", "", "", false},
	} {
		if got := parsed[answer](t, 0, append(slices.Clone(args), "--on", want.On, "--known", want.Known)...); got != want {
			t.Errorf("told %+v, want %+v", got, want)
		}
	}
	out, _ := command(t, 0, append(slices.Clone(args), "--on", "2026-11-24", "--known", "2026-11-24")...)
	if want := "permit " + x.sent.Permit + ": on 2026-11-24, as known on 2026-11-24, suspended since 2026-11-23 until 2026-11-26\n"; out != want {
		t.Errorf("said %q, want %q", out, want)
	}
	command(t, 2, append(slices.Clone(args), "--on", "24.11.2026")...)
	command(t, 1, append([]string{"permit", "KZ07LTL00999999"}, flags(x.s)...)...)
}

// What a holder has is read page by page, and the number of the holder stands in no address.
func TestPermitsOfAHolderPageByPage(t *testing.T) {
	x := toLive(t, openSite(t, site.Options{}), nil)
	p := x.state(t)
	for i := range 51 { // with the one that was issued: a page and two rows
		p.Number, p.Check = ident.DocumentNumber("LTL", 500000+i), fmt.Sprintf("%032x", i)
		p.IssuedAt = p.IssuedAt.Add(-time.Hour)
		a := x.sent
		a.Number = ident.DocumentNumber("RTL", 500000+i)
		p.Application = a.Number
		x.s.Update(func(tx port.Tx) error {
			tx.Write().Applications().Add(a)
			tx.Write().Permits().Add(p)
			return nil
		})
	}
	holder := url.Values{"find": {x.owner.Account.Party.Number}}
	first := x.executor.Post("/kk/permits", holder)
	if !strings.Contains(first.Body, x.sent.Permit) || strings.Contains(first.Body, p.Number) {
		t.Fatalf("the first page: %d\n%.3000s", first.Status, first.Body)
	}
	holder.Set("after", site.Hidden(t, first.Body, "after"))
	second := x.executor.Post("/kk/permits", holder)
	if strings.Contains(second.Body, x.sent.Permit) || !strings.Contains(second.Body, p.Number) || strings.Contains(second.Body, `name="after"`) {
		t.Errorf("the second page: %d\n%.3000s", second.Status, second.Body)
	}
	if strings.Contains(first.Body, "="+x.owner.Account.Party.Number) {
		t.Error("the number stands in an address")
	}
}

// A correction makes the document anew and keeps the earlier edition; an annulment gives back the quota, and its reversal takes it again.
func TestCorrectionAndAnnulment(t *testing.T) {
	x := toLive(t, openSite(t, site.Options{}), map[string]string{"contract_number": "A-1", "goods_code": "290372", "quantity": "3"})
	s, card := x.s, "/kk/permits/"+x.sent.Permit
	first, _, err := s.App.Register.DownloadChecked(t.Context(), x.sent.Permit, x.state(t).Check, lang.KK)
	must(t, err)
	x.made(t, "correction", url.Values{"ground": {"mistake"}, "value.contract_number": {"A-11"}})
	second, err := s.App.Register.Render(t.Context(), x.sent.Permit, lang.KK)
	must(t, err)
	if first.Digest == second.Digest || second.Edition != 2 || x.state(t).Standing.Values["contract_number"] != "A-11" || x.state(t).Values["contract_number"] != "A-1" ||
		x.state(t).Standing.Values["ground"] != x.state(t).Values["ground"] { // which the form of the act has a field of the same name for
		t.Errorf("%+v %+v", second, x.state(t).Standing)
	}
	x.says(t, x.executor, card, "«A-1» орнына «A-11»", "бұрынғы редакциялары")
	for path, want := range map[string]string{"": second.Digest, "?edition=1": first.Digest} {
		f, _, err := s.App.Register.DeskDownload(t.Context(), access.ActorOf(x.head), x.sent.Permit, map[string]int{"": 0, "?edition=1": 1}[path], lang.KK)
		if err != nil || f.Digest != want {
			t.Errorf("document %q: %v %v", path, f, err)
		}
	}
	granted := func() (n int64) {
		s.View(func(v port.View) error {
			q, _, err := v.Ledger().Quota(t.Context(), quota)
			n = q.Granted
			return err
		})
		return n
	}
	had := granted()
	x.made(t, "annulment", url.Values{"ground": {"unlawful"}})
	if granted() != 0 || x.state(t).Standing.State != permit.Annulled {
		t.Errorf("annulled: %d granted, %+v", granted(), x.state(t).Standing)
	}
	s.Clean()
	x.made(t, "reversal", url.Values{"ground": {"court"}, "reverses": {"2"}})
	if granted() != had || had == 0 || x.state(t).Standing.State != permit.Valid {
		t.Errorf("reversed: %d granted, %d before, %+v", granted(), had, x.state(t).Standing)
	}
	s.Clean()
}

// Of twenty who confirm one act at once one does; the others are told that it is decided.
func TestTwentyConfirmOneAct(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		x := toLive(t, s, nil)
		order := x.propose("termination", url.Values{"ground": {"request"}})
		var all sync.WaitGroup
		statuses := make([]int, 20)
		for i := range statuses {
			all.Go(func() { statuses[i] = x.approver.Post(order.Location(), url.Values{"go": {"confirm"}}).Status })
		}
		all.Wait()
		won := 0
		for _, status := range statuses {
			switch status {
			case http.StatusSeeOther:
				won++
			case http.StatusConflict:
			default:
				t.Errorf("status %d", status)
			}
		}
		if p := x.state(t); won != 1 || p.Standing.Acts != 1 || p.Standing.State != permit.Terminated {
			t.Errorf("%d confirmed, %+v", won, p.Standing)
		}
		x.s.Clean()
	})
}

// key is that of the executor (0) or of the approver (1).
func (x living) key(i int) ca.KeyPair {
	p := x.persons[i]
	p.Kind, p.BIN, p.Organisation = ca.Employee, demo.BodyBIN("mti"), "Орган"
	return x.s.Certify(p)
}

var signatureOf = regexp.MustCompile(`action="(/kk/permit-orders/[^"]+/signature\?challenge=[0-9a-f]+)"`)

func TestOfficialSignsAnAct(t *testing.T) {
	x := toLive(t, openSite(t, site.Options{Decided: true}), nil)
	s := x.s
	order := x.propose("revocation", url.Values{"ground": {"court"}})
	if got := x.approver.Post(order.Location(), url.Values{"go": {"confirm"}}); got.Status != http.StatusConflict {
		t.Errorf("confirmed without a signature: %d", got.Status)
	}
	got := x.approver.Get(order.Location() + "/signature")
	payload, form := payloadOf.FindStringSubmatch(got.Body), signatureOf.FindStringSubmatch(html.UnescapeString(got.Body))
	if payload == nil || form == nil {
		t.Fatalf("%d\n%.3000s", got.Status, got.Body)
	}
	content, err := base64.StdEncoding.DecodeString(payload[1])
	must(t, err)
	signs := func(key ca.KeyPair) site.Answer {
		return x.approver.Post(form[1], url.Values{"cms": {base64.StdEncoding.EncodeToString(s.Sign(content, key))}})
	}
	if got := signs(x.key(0)); got.Status != http.StatusUnprocessableEntity || x.state(t).Standing.Acts != 0 {
		t.Errorf("another person: %d", got.Status)
	}
	done(t, signs(x.key(1)))
	if p := x.state(t); p.Standing.State != permit.Revoked {
		t.Errorf("%+v", p.Standing)
	}
	s.Clean()
}

// A suspension that outlasts its permit ends without a word that the permit holds again.
func TestSuspensionThatOutlastsItsPermit(t *testing.T) {
	x := toLive(t, openSite(t, site.Options{}), nil)
	last := x.state(t).To
	x.made(t, "suspension", url.Values{"ground": {"violation"}, "to": {last.AddDays(5).String()}})
	x.s.Clock.Advance(time.Duration(x.s.App.Register.Today().DaysUntil(last.AddDays(7))) * 24 * time.Hour)
	must(t, x.s.App.Acts.Resume(t.Context()))
	if p := x.state(t); p.On(x.s.App.Register.Today()) != permit.Expired || p.Standing.Acts != 2 {
		t.Fatalf("%+v", p.Standing)
	}
	if got := x.s.LogIn(x.owner).Get("/kk/notices"); got.Status != http.StatusOK || strings.Contains(got.Body, "қайта қолданылады") {
		t.Errorf("told that it holds again: %d", got.Status)
	}
}
