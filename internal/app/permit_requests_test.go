package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// licensee is a holder of a medical licence with the officials who decide about it.
type licensee struct {
	*site.Site
	t                  *testing.T
	owner              *site.Applicant
	executor, approver *site.Browser
}

// clinic answers the form of an operation of the medical licence, some of it otherwise.
func clinic(otherwise map[string]string) map[string]string {
	answers := map[string]string{
		"city": "711210000", "postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456",
		"holder_name": "«Үлгі Емхана» ЖШС", "holder_address": "Астана қ., Мәңгілік Ел 8", "object_name": "Үлгі емханасы", "object_place": "711210000",
		"object_address": "Мәңгілік Ел 8", "object_right": "own", "subkinds": `[{"kind":"primary","specialists":"5"},{"kind":"laboratory","specialists":"2"}]`, "truth": "yes",
	}
	maps.Copy(answers, otherwise)
	return answers
}

// begin makes a draft about a permit, or about none, and answers it.
func (h licensee) begin(operation, about string, answers map[string]string, keys ...string) string {
	h.t.Helper()
	number, err := h.App.Filing.Begin(h.t.Context(), h.owner.Actor, filing.Start{Service: "medical-activity", Body: "moh", Operation: operation, Permit: about})
	must(h.t, err)
	h.owner.Answer(number, answers, keys...)
	d, err := h.App.Filing.Open(h.t.Context(), h.owner.Actor, number)
	must(h.t, err)
	if d.Facts.FeeDue > 0 {
		h.owner.Settle(number)
	}
	return number
}

// send files a draft.
func (h licensee) send(number string) application.Application {
	h.t.Helper()
	a, err := h.owner.Send(number)
	must(h.t, err)
	return a
}

// grant lets both officials decide in its favour; met are the requirements of the operation.
func (h licensee) grant(number string, met ...string) application.Application {
	h.t.Helper()
	h.propose(number, met...)
	done(h.t, acts(h.t, h.approver, number, "confirm", nil))
	return h.Application(number)
}

func (h licensee) propose(number string, met ...string) {
	h.t.Helper()
	done(h.t, acts(h.t, h.executor, number, "take", nil))
	if len(met) > 0 {
		found := url.Values{}
		for _, key := range met {
			found.Set("met."+key, "yes")
		}
		done(h.t, acts(h.t, h.executor, number, "examine", found))
	}
	done(h.t, acts(h.t, h.executor, number, "propose", url.Values{"outcome": {"granted"}}))
	done(h.t, acts(h.t, h.approver, number, "take", nil))
}

// standing reads a permit and its acts.
func (h licensee) standing(number string) (permit.Permit, []permit.Act) {
	h.t.Helper()
	var p permit.Permit
	var list []permit.Act
	h.View(func(v port.View) (err error) {
		if p, err = v.Permits().Permit(h.t.Context(), number); err != nil {
			return err
		}
		list, err = v.Permits().Acts(h.t.Context(), number)
		return err
	})
	return p, list
}

func kinds(list []permit.Act) []permit.Kind {
	var out []permit.Kind
	for _, a := range list {
		out = append(out, a.Kind)
	}
	return out
}

func openLicensee(t *testing.T) licensee {
	t.Helper()
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Official("moh.executor")
	s.Official("moh.approver")
	return licensee{s, t, owner, s.LogInOfficial("moh.executor", demo.Password), s.LogInOfficial("moh.approver", demo.Password)}
}

// issued is a licence with its first appendix.
func (h licensee) issued() string {
	h.t.Helper()
	number := h.begin("issue", "", clinic(nil), "premises", "qualification")
	h.send(number)
	return h.grant(number, "premises", "equipment", "staff", "site").Permit
}

// A licence through its life at its holder's request: every operation, each with its document and the card after it.
func TestLicenceAtItsHoldersRequest(t *testing.T) {
	h := openLicensee(t)
	first := h.issued()
	b := h.LogIn(h.owner)
	card := b.Get("/kk/permits/" + first).Body
	for _, text := range []string{"Лицензияға қосымша № 001", "Зертханалық диагностика", "operation=reissue", "operation=terminate"} {
		if !strings.Contains(card, text) {
			t.Errorf("the card does not say %q", text)
		}
	}
	if got := b.Get("/kk/permits/" + first + "/appendices/001/document/kk"); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "%PDF") {
		t.Errorf("appendix 001: %d", got.Status)
	}
	if got := b.Get("/kk/permits/" + first + "/appendices/002/document/kk"); got.Status != http.StatusNotFound {
		t.Errorf("no such appendix: %d", got.Status)
	}

	if got := h.executor.Get("/kk/permits/" + first + "/propose/suspension").Body; !strings.Contains(got, `value="medical-requirements"`) || !strings.Contains(got, `value="violation"`) {
		t.Error("a ground of the service, or a common one, is not offered")
	}

	// What is kept stays, whatever is typed; the number is given at the decision.
	appendix := h.begin("appendix", first, clinic(map[string]string{"holder_name": "«Бөтен» ЖШС", "object_name": "Екінші объект"}), "premises", "qualification")
	h.send(appendix)
	h.grant(appendix, "premises", "equipment", "staff", "site")
	p, _ := h.standing(first)
	if n := len(p.Standing.Appendices); n != 2 || p.Standing.Appendices[1].Number != "002" || p.Standing.Appendices[1].Values["holder_name"] != "«Үлгі Емхана» ЖШС" {
		t.Fatalf("appendices %+v", p.Standing.Appendices)
	}

	h.read(b, first)

	duplicate := h.begin("duplicate", first, map[string]string{"duplicate_reason": "lost", "truth": "yes"})
	if a := h.send(duplicate); a.State != application.Issued || a.Permit != first || !a.Decision.Automatic() {
		t.Fatalf("a duplicate: %s %+v", a.State, a.Decision)
	}

	second := h.reissued(b, first)
	h.shortened(b, second)
	h.paused(second)
	h.terminated(b, second)
	h.Clean()
}

// read lets the officials of the body and whoever holds the code read the documents of both appendices, and nobody else.
func (h licensee) read(b *site.Browser, number string) {
	h.t.Helper()
	p, _ := h.standing(number)
	check := "/kk/check/" + number + "/" + p.Check
	h.Official("mti.publisher")
	for _, x := range []struct {
		who  *site.Browser
		path string
		want int
	}{
		{h.executor, "/kk/permits/" + number + "/appendices/002/document/ru", http.StatusOK},
		{h.executor, "/kk/permits/" + number + "/appendices/003/document/ru", http.StatusNotFound},
		{h.LogInOfficial("mti.publisher", demo.Password), "/kk/permits/" + number + "/appendices/002/document/ru", http.StatusNotFound},
		{h.Visitor(), check + "/appendices/002/document/kk", http.StatusOK},
		{h.Visitor(), check + "/appendices/003/document/kk", http.StatusNotFound},
		{h.Visitor(), "/kk/check/" + number + "/" + strings.Repeat("0", 32) + "/appendices/002/document/kk", http.StatusNotFound},
		{h.Visitor(), "/kk/permits/" + number + "/appendices/002/document/kk", http.StatusSeeOther},
	} {
		got := x.who.Get(x.path)
		if got.Status != x.want || x.want == http.StatusOK && !strings.HasPrefix(got.Body, "%PDF") {
			h.t.Errorf("%s: %d, want %d", x.path, got.Status, x.want)
		}
	}
	for page, who := range map[string]*site.Browser{"/kk/permits/" + number: h.executor, check: h.Visitor()} {
		if got := who.Get(page).Body; !strings.Contains(got, "Лицензияға қосымша № 002") || !strings.Contains(got, "/appendices/002/document/kk") {
			h.t.Errorf("%s does not show the appendix", page)
		}
	}
	if got := h.Visitor().Get("/kk/check/" + number).Body; strings.Contains(got, "/appendices/") {
		h.t.Error("the documents of appendices are offered without the code")
	}
}

// shortened ends the first appendix at the holder's request: the licence and the other one stand, and no other can be named.
func (h licensee) shortened(b *site.Browser, number string) {
	t := h.t
	t.Helper()
	answers := map[string]string{"appendix_number": "003", "end_reason": "Объект жабылды", "truth": "yes"}
	end := h.begin("end_appendix", number, answers)
	form := b.Get("/kk/applications/" + end + "/pages/request").Body
	for _, option := range []string{`value="001"`, `value="002"`} {
		if !strings.Contains(form, option) {
			t.Errorf("the form does not offer %s", option)
		}
	}
	if _, err := h.App.Filing.Prepare(t.Context(), h.owner.Actor, "binding", end); fieldKeys(err) != "appendix_number:field.choose" {
		t.Errorf("an appendix that does not exist: %v", err)
	}
	answers["appendix_number"] = "001"
	h.owner.Answer(end, answers)
	h.send(end)
	h.grant(end)
	p, _ := h.standing(number)
	if x := p.Standing; x.State != permit.Valid || len(x.Appendices) != 2 || x.Appendices[0].Ended != h.App.Register.Today() || !x.Appendices[1].Ended.IsZero() {
		t.Fatalf("after the end of an appendix: %+v", x)
	}
	if card := b.Get("/kk/permits/" + number).Body; !strings.Contains(card, "Қолданысы тоқтатылған күн") || !strings.Contains(card, "№ 001") {
		t.Error("the card does not tell that the appendix ended")
	}
}

// paused suspends and resumes the licence at its holder's request: with a last day, and until it is resumed.
func (h licensee) paused(number string) {
	t := h.t
	t.Helper()
	for _, to := range []string{"", h.App.Register.Today().AddDays(90).String()} {
		pause := h.begin("suspend", number, map[string]string{"suspend_reason": "Үй-жай жөнделіп жатыр", "suspend_to": to, "suspend_known": "yes", "truth": "yes"})
		h.send(pause)
		h.grant(pause)
		if p, _ := h.standing(number); p.Standing.State != permit.Suspended || p.Standing.Until.String() != to {
			t.Fatalf("suspended until %q: %+v", to, p.Standing)
		}
		resume := h.begin("resume", number, map[string]string{"resume_reason": "Жөндеу аяқталды", "truth": "yes"})
		h.send(resume)
		h.grant(resume)
		if p, _ := h.standing(number); p.Standing.State != permit.Valid || !p.Standing.Until.IsZero() {
			t.Fatalf("resumed: %+v", p.Standing)
		}
	}
	if _, err := h.App.Filing.Begin(t.Context(), h.owner.Actor, filing.Start{Service: "medical-activity", Operation: "resume", Permit: number}); !fault.Is(err, "filing.permit-state") {
		t.Errorf("a licence that holds is resumed: %v", err)
	}
}

// reissued changes the name: a new number, the first day and both appendices stay, and the old licence points to the new one.
func (h licensee) reissued(b *site.Browser, first string) string {
	t := h.t
	t.Helper()
	number := h.begin("reissue", first, map[string]string{"reissue_reason": "name", "holder_name": "«Жаңа Емхана» ЖШС", "holder_address": "Астана қ., Мәңгілік Ел 8", "truth": "yes"}, "change_proof")
	h.send(number)
	second := h.grant(number, "change").Permit
	old, acts := h.standing(first)
	p, gained := h.standing(second)
	if second == first || p.Replaces != first || p.Origin != first || p.First.IsZero() || p.Values["holder_name"] != "«Жаңа Емхана» ЖШС" {
		t.Fatalf("the new licence %+v", p)
	}
	if old.Standing.Ended() != permit.Reissued || old.Standing.Successor != second {
		t.Errorf("the old licence %+v", old.Standing)
	}
	if got := kinds(acts); !slices.Equal(got, []permit.Kind{permit.Addition, permit.Addition, permit.Duplication, permit.Reissuance}) {
		t.Errorf("acts of the old one %v", got)
	}
	if got := kinds(gained); !slices.Equal(got, []permit.Kind{permit.Addition, permit.Addition}) || len(p.Standing.Appendices) != 2 {
		t.Errorf("acts of the new one %v", got)
	}
	for _, a := range p.Standing.Appendices {
		if a.Values["holder_name"] != "«Жаңа Емхана» ЖШС" || a.Values["object_address"] != "Мәңгілік Ел 8" {
			t.Errorf("appendix %s says %v", a.Number, a.Values)
		}
	}
	if page := b.Get("/kk/applications/" + number).Body; !strings.Contains(page, first) || !strings.Contains(page, second) {
		t.Error("the application does not name both licences")
	}
	if got := b.Get("/kk/permits/" + first).Body; strings.Contains(got, "operation=reissue") {
		t.Error("a reissued licence is offered for reissue")
	}
	return second
}

// terminated ends the licence; then nothing is offered and nothing can be begun.
func (h licensee) terminated(b *site.Browser, number string) {
	t := h.t
	t.Helper()
	end := h.begin("terminate", number, map[string]string{"terminate_reason": "Қызмет тоқтатылады", "terminate_known": "yes", "truth": "yes"})
	h.send(end)
	h.grant(end)
	if p, _ := h.standing(number); p.Standing.Ended() != permit.Terminated {
		t.Fatalf("%+v", p.Standing)
	}
	if got := b.Get("/kk/permits/" + number).Body; strings.Contains(got, "operation=") {
		t.Error("something is offered for a licence that ended")
	}
	_, err := h.App.Filing.Begin(t.Context(), h.owner.Actor, filing.Start{Service: "medical-activity", Operation: "duplicate", Permit: number})
	if !fault.Is(err, "filing.permit-state") {
		t.Errorf("a duplicate of what ended: %v", err)
	}
}

// Of two operations on one licence at once one wins; the other is answered and leaves nothing.
func TestTwoRequestsForOnePermit(t *testing.T) {
	h := openLicensee(t)
	number := h.issued()
	stranger := h.Organisation(2)
	for name, about := range map[string]string{"of another": number, "of nobody": "KZ00LMD99999999", "none": ""} {
		_, err := h.App.Filing.Begin(t.Context(), stranger.Actor, filing.Start{Service: "medical-activity", Operation: "duplicate", Permit: about})
		if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || fieldKeys(err) != "permit:field.choose" {
			t.Errorf("a permit %s: %v", name, err)
		}
	}
	end := h.begin("terminate", number, map[string]string{"terminate_reason": "Қызмет тоқтатылады", "terminate_known": "yes", "truth": "yes"})
	h.send(end)
	_, err := h.App.Filing.Begin(t.Context(), h.owner.Actor, filing.Start{Service: "medical-activity", Operation: "duplicate", Permit: number})
	if f, ok := fault.As(err); !ok || f.Key != "filing.permit-busy" || f.Args["number"] != end {
		t.Errorf("a second request: %v", err)
	}
	if got := h.LogIn(h.owner).Get("/kk/permits/" + number).Body; !strings.Contains(got, end) || strings.Contains(got, "operation=duplicate") {
		t.Error("the card does not tell what is under way")
	}
	// Meanwhile the licence ends otherwise: the decision is not taken a second time, and says so.
	h.propose(end)
	h.Update(func(tx port.Tx) error {
		p, err := tx.Permits().Permit(t.Context(), number)
		if err != nil {
			return err
		}
		known, err := tx.Permits().Acts(t.Context(), number)
		if err != nil {
			return err
		}
		act, err := p.Next(known, permit.Act{Kind: permit.Revocation, From: h.App.Register.Today(), By: "system", At: h.Clock.Now()}, h.App.Register.Today())
		if err != nil {
			return err
		}
		p.Standing = p.After(append(known, act))
		tx.Write().Permits().Act(p, act)
		return nil
	})
	if got := acts(t, h.approver, end, "confirm", nil); got.Status != http.StatusConflict || !strings.Contains(got.Body, number) {
		t.Errorf("an act on what ended: %d\n%.2000s", got.Status, got.Body)
	}
	if _, list := h.standing(number); len(list) != 2 {
		t.Errorf("acts %v", kinds(list))
	}
	// What no application asked for counts too: nothing is offered or begun for what officials ended.
	if got := h.LogIn(h.owner).Get("/kk/permits/" + number).Body; strings.Contains(got, "operation=") {
		t.Error("something is offered for a licence that was revoked")
	}
	if _, err := h.App.Filing.Begin(t.Context(), h.owner.Actor, filing.Start{Service: "medical-activity", Operation: "duplicate", Permit: number}); !fault.Is(err, "filing.permit-state") {
		t.Errorf("a duplicate of what was revoked: %v", err)
	}
}

// Two drafts of different services cannot meet, but one that is sent twice can: one is accepted, on both engines.
func TestTwoSubmissionsOfOneRequest(t *testing.T) {
	h := openLicensee(t)
	number := h.issued()
	draft := h.begin("duplicate", number, map[string]string{"duplicate_reason": "damaged", "truth": "yes"})
	var wg sync.WaitGroup
	for _, binding := range []string{"one", "two"} {
		c := h.owner.Prepare(binding, draft)
		wg.Go(func() {
			_, _ = h.App.Filing.Submit(t.Context(), h.owner.Actor, binding, draft, filing.Submission{Nonce: c.Nonce, CMS: h.Sign(c.Content, h.owner.Key)})
		})
	}
	wg.Wait()
	if _, list := h.standing(number); !slices.Equal(kinds(list), []permit.Kind{permit.Addition, permit.Duplication}) {
		t.Errorf("acts %v", kinds(list))
	}
	h.Clean()
}

// Ordering over the pages: what is asked for, then which licence, then a form in which what is kept is not asked.
func TestOrderingSomethingForAPermit(t *testing.T) {
	h := openLicensee(t)
	number := h.issued()
	b := h.LogIn(h.owner)
	order := "/kk/services/medical-activity/order"
	if got := b.Get(order).Body; !strings.Contains(got, `value="appendix"`) || strings.Contains(got, `name="body"`) {
		t.Error("the first page asks for more than the operation")
	}
	got := b.Post(order, url.Values{"first": {"1"}, "operation": {"appendix"}})
	if got.Status != http.StatusSeeOther || !strings.Contains(got.Location(), "operation=appendix") {
		t.Fatalf("%d to %q", got.Status, got.Location())
	}
	if got := b.Get(order + "?operation=appendix").Body; !strings.Contains(got, `value="`+number+`"`) {
		t.Error("the licence is not offered")
	}
	if got := b.Post(order, url.Values{"operation": {"appendix"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `value="`+number+`"`) {
		t.Errorf("without a licence: %d", got.Status)
	}
	done(t, b.Post(order, url.Values{"operation": {"appendix"}, "permit": {number}}))
	var draft string
	h.View(func(v port.View) error {
		list, err := v.Applications().List(t.Context(), port.Search{Party: h.owner.Account.Party.ID, Concerns: number})
		if len(list) == 1 {
			draft = list[0].Number
		}
		return err
	})
	form := b.Get("/kk/applications/" + draft + "/pages/holder").Body
	if !strings.Contains(form, "«Үлгі Емхана» ЖШС") || strings.Contains(form, `name="holder_name"`) {
		t.Errorf("what is kept is asked\n%.3000s", form)
	}
	if got := b.Get("/kk/permits/" + number).Body; !strings.Contains(got, draft) {
		t.Error("the card does not tell of the draft")
	}
	if got := b.Get("/kk/permits/" + number + "/calendar"); got.Status != http.StatusNotFound {
		t.Errorf("a calendar of what has no end: %d", got.Status)
	}
	trade := h.LogIn(h.owner)
	sent, err := h.owner.Send(h.owner.Complete(nil))
	must(t, err)
	if got := trade.Get("/kk/permits/" + sent.Permit + "/calendar"); got.Status != http.StatusOK || !strings.Contains(got.Body, "TRIGGER:-P30D\r\n") || strings.Contains(strings.ReplaceAll(got.Body, "\r\n", ""), "\n") {
		t.Errorf("the calendar: %d %q", got.Status, got.Body)
	}
	if got := trade.Get("/kk/permits"); !strings.Contains(got.Body, "Қолданылу мерзімі аяқталып келеді") {
		t.Error("what ends within thirty days is not told")
	}
}
