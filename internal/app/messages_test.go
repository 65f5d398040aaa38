package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// writes posts a message to a portal.
func writes(b *site.Browser, number, text string, documents ...string) site.Answer {
	return b.Post("/kk/applications/"+number+"/messages", url.Values{"text": {text}, "documents": documents})
}

func thread(b *site.Browser, number string) site.Answer {
	return b.Get("/kk/applications/" + number + "/messages")
}

// noticed lists the kinds of an account's notices, oldest first, after the chore has run.
func noticed(t *testing.T, s *site.Site, account string, channel port.Channel) string {
	t.Helper()
	must(t, s.App.Notices.Work(t.Context()))
	var kinds []string
	s.View(func(v port.View) error {
		list, err := v.Office().Notices().Cabinet(t.Context(), account, time.Time{}, "", 100)
		for _, n := range list {
			kinds = append([]string{n.Kind}, kinds...)
		}
		return err
	})
	return strings.Join(kinds, " ")
}

// Both sides write, read and see what is new; what is in the thread is given out to them alone.
func TestMessagesBetweenApplicantAndOfficial(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	s.Official("knb.executor")
	number := sent(t, owner, nil)
	applicant, executor := s.LogIn(owner), s.LogInOfficial("knb.executor", demo.Password)

	if got := writes(applicant, number, "  \r\n"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Хат мәтінін жазыңыз") {
		t.Errorf("an empty message: %d", got.Status)
	}
	long := strings.Repeat("ұ", 4001)
	if got := writes(applicant, number, long); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, long) {
		t.Errorf("a message over the limit is not shown as typed: %d", got.Status)
	}
	done(t, writes(applicant, number, "Сәлеметсіз бе!\r\n<script>alert(1)</script>", owner.Document.ID))
	if got := executor.Get("/kk/applications/" + number).Body; !strings.Contains(got, "Хат алмасу (жаңа: 1)") {
		t.Error("the case does not tell that something was written")
	}
	got := thread(executor, number)
	if got.Status != http.StatusOK || !strings.Contains(got.Body, "Үлгібаев Ерлан (өтініш беруші)") || !strings.Contains(got.Body, "&lt;script&gt;") || !strings.Contains(got.Body, "contract.pdf") {
		t.Errorf("the official reads %d", got.Status)
	}
	if got := executor.Get("/kk/applications/" + number).Body; strings.Contains(got, "жаңа: 1") {
		t.Error("what was read is new")
	}
	if got := thread(applicant, number).Body; !strings.Contains(got, "оқылды: ") {
		t.Error("the applicant does not see that it was read")
	}
	must(t, s.App.Notices.Work(t.Context()))
	done(t, writes(executor, number, "Құжаттың түпнұсқасы керек."))
	done(t, executor.Send(executor.Upload("/kk/applications/"+number+"/messages/file", nil, "Үлгі.pdf", site.Contract())))
	if got := noticed(t, s, owner.Account.ID, port.Cabinet); got != "sent message message" {
		t.Errorf("told %q", got)
	}
	if got := applicant.Get("/kk/applications/" + number).Body; !strings.Contains(got, "Хат алмасу (жаңа: 2)") {
		t.Error("the application does not tell that something was written")
	}
	page := thread(applicant, number).Body
	who := s.Official("knb.executor")
	if !strings.Contains(page, "Үлгі.pdf") || !strings.Contains(page, who.Surname+" "+string([]rune(who.GivenName)[0])+".") || strings.Contains(page, who.GivenName) {
		t.Error("the applicant reads more or less than surname and initials, text and file")
	}
	for _, b := range []*site.Browser{applicant, executor} {
		for _, href := range hrefs(thread(b, number).Body, "/files/") {
			if got := b.Get(href); got.Status != http.StatusOK || !bytes.Equal([]byte(got.Body), site.Contract()) || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
				t.Errorf("%s: %d", href, got.Status)
			}
		}
	}
	if list, err := s.App.Documents.List(t.Context(), owner.Actor); err != nil || len(list) != 1 {
		t.Errorf("what an official sent is in the personal store: %d %v", len(list), err)
	}
	s.Clean()
}

// hrefs are the links of a page that hold a text.
func hrefs(body, part string) []string {
	var list []string
	for _, piece := range strings.Split(body, `href="`)[1:] {
		if href, _, _ := strings.Cut(piece, `"`); strings.Contains(href, part) {
			list = append(list, href)
		}
	}
	return list
}

// Who is on neither side reaches nothing; a colleague is on the applicant's side.
func TestMessagesAreReachedByTheTwoSides(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, stranger := s.Organisation(1), s.Organisation(2)
	s.Official("knb.executor")
	number := sent(t, owner, nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, writes(s.LogIn(owner), number, "Сұрақ", owner.Document.ID))
	file := hrefs(thread(executor, number).Body, "/files/")[0]
	for _, c := range []struct {
		who               string
		browser           *site.Browser
		read, write, file int
	}{
		{"a colleague of the applicant", s.LogIn(s.Colleague(owner, 5)), 200, 303, 200},
		{"another applicant", s.LogIn(stranger), 404, 404, 404},
		{"the applicant's head for himself", s.LogIn(s.Private(owner)), 404, 404, 404},
		{"another official of the body", s.LogInOfficial("knb.approver", demo.Password), 200, 303, 200},
		{"an official of the body without a part in it", official(t, s, "knb.auditor", s.Organisation(7).Person.IIN, "knb", access.Auditor), 403, 403, 403},
		{"an official of another body", s.LogInOfficial("cci.approver", demo.Password), 404, 404, 404},
		{"nobody", s.Visitor(), 303, 401, 303},
		{"nobody at the office", s.OfficeVisitor(), 303, 401, 303},
	} {
		got := []int{thread(c.browser, number).Status, writes(c.browser, number, "Мәтін").Status, c.browser.Get(file).Status}
		for i, want := range []int{c.read, c.write, c.file} {
			if got[i] != want {
				t.Errorf("%s: %v, want %d %d %d", c.who, got, c.read, c.write, c.file)
				break
			}
		}
	}
	draft := owner.Restore(map[string]string{"licence_number": "2222"})
	if got := thread(s.LogIn(owner), draft).Status; got != http.StatusNotFound {
		t.Errorf("messages about a draft: %d", got)
	}
	if got := writes(s.LogIn(stranger), sent(t, stranger, nil), "Құжат", owner.Document.ID); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("another's document in a message: %d", got.Status)
	}
	if got := executor.Send(executor.Upload("/kk/applications/"+number+"/messages/file", nil, "a.exe", []byte("MZ program"))); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a program as a file: %d", got.Status)
	}
}

// takesBack prepares what a person sends to withdraw an application, with a browser.
func takesBack(t *testing.T, s *site.Site, a *site.Applicant, number string) (b *site.Browser, address string, form url.Values) {
	t.Helper()
	b = s.LogIn(a)
	c, err := s.App.Filing.PrepareWithdrawal(t.Context(), a.Actor, b.Binding, number)
	must(t, err)
	return b, "/kk/applications/" + number + "/withdraw?challenge=" + c.Nonce, url.Values{"cms": {base64.StdEncoding.EncodeToString(s.Sign(c.Content, a.Key))}}
}

// What was taken for an application is free again after its withdrawal, and everybody sees the state.
func TestWithdrawnByItsApplicant(t *testing.T) {
	s := openSite(t, site.Options{})
	owner, stranger := s.Organisation(1), s.Organisation(2)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	asks(t, s)
	number := sent(t, owner, nil)
	executor := s.LogInOfficial("knb.executor", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	if got := s.LogIn(stranger).Get("/kk/applications/" + number + "/withdraw").Status; got != http.StatusNotFound {
		t.Errorf("another's withdrawal: %d", got)
	}
	b, address, form := takesBack(t, s, owner, number)
	if got := b.Get("/kk/applications/" + number + "/withdraw"); got.Status != http.StatusOK || !strings.Contains(got.Body, "Бұл әрекетті кері қайтаруға болмайды") {
		t.Errorf("the page of the withdrawal: %d", got.Status)
	}
	c, err := s.App.Filing.PrepareWithdrawal(t.Context(), owner.Actor, b.Binding, number)
	must(t, err)
	foreign := url.Values{"cms": {base64.StdEncoding.EncodeToString(s.Sign(c.Content, stranger.Key))}}
	if got := b.Post("/kk/applications/"+number+"/withdraw?challenge="+c.Nonce, foreign); got.Status != http.StatusUnprocessableEntity || s.Application(number).State != application.Registered {
		t.Errorf("another's signature: %d", got.Status)
	}
	if _, err := s.App.Filing.Submit(t.Context(), owner.Actor, b.Binding, number, filing.Submission{Nonce: c.Nonce, CMS: s.Sign(c.Content, owner.Key)}); !fault.Is(err, filing.KeyUnknownDocument) {
		t.Errorf("a withdrawal taken for an application: %v", err)
	}
	for range 2 { // the second press
		if got := b.Post(address, form); got.Status != http.StatusSeeOther {
			t.Fatalf("withdraw: %d\n%.1500s", got.Status, got.Body)
		}
	}
	if a := s.Application(number); a.State != application.Withdrawn || a.Work.Holder != "" {
		t.Errorf("%s held by %q", a.State, a.Work.Holder)
	}
	if got := acts(t, executor, number, "give-back", url.Values{"version": {"9"}}); got.Status != http.StatusConflict || !strings.Contains(got.Body, "Өтініш беруші өтінішті қайтарып алды") {
		t.Errorf("an act after it: %d", got.Status)
	}
	for name, page := range map[string]string{"applicant": b.Get("/kk/applications/" + number).Body, "list": b.Get("/kk/applications").Body, "official": executor.Get("/kk/applications/" + number).Body} {
		if !strings.Contains(page, "Қайтарып алынды") {
			t.Errorf("the %s does not see the state", name)
		}
	}
	if got := s.LogInOfficial("cci.approver", demo.Password).Get("/kk/opinions").Body; strings.Contains(got, number) {
		t.Error("a body is still asked")
	}
	if got := noticed(t, s, owner.Account.ID, port.Cabinet); got != "sent withdrawn" {
		t.Errorf("told %q", got)
	}
	if again := sent(t, owner, nil); s.Application(again).State != application.Registered { // the paper is free
		t.Error("the paper is still held")
	}
	must(t, s.App.Statistics.CatchUp(t.Context()))
	if report, _, err := s.App.Statistics.Year(t.Context(), 2026); err != nil || report.Total.Withdrawn != 1 || report.Total.Received != 2 {
		t.Errorf("%+v %v", report.Total, err)
	}
	s.Clean()
}

// A decision and a withdrawal at once: one of them happens, the other is told so.
func TestDecisionAgainstWithdrawal(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		s.Official("knb.executor")
		for round := range 6 {
			owner := s.Organisation(10 + round)
			number := sent(t, owner, nil)
			executor, approver := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
			done(t, acts(t, executor, number, "take", nil))
			done(t, acts(t, executor, number, "propose", url.Values{"outcome": {"refused"}, "ground": {"not_holder"}, "reason_kk": {"Иесі басқа."}, "reason_ru": {"Владелец другой."}}))
			done(t, acts(t, approver, number, "take", nil))
			b, address, form := takesBack(t, s, owner, number)
			confirm := approver.Form("/kk/applications/"+number, url.Values{"version": {site.Hidden(t, approver.Get("/kk/applications/"+number).Body, "version")}, "go": {"confirm"}})
			withdraw := b.Form(address, form)
			var got [2]site.Answer
			at(2, func(i int) {
				if i == 0 {
					got[i] = approver.Send(confirm)
				} else {
					got[i] = b.Send(withdraw)
				}
			})
			want := [2]int{http.StatusSeeOther, http.StatusConflict}
			if s.Application(number).State == application.Withdrawn {
				want = [2]int{http.StatusConflict, http.StatusSeeOther}
			}
			if got[0].Status != want[0] || got[1].Status != want[1] {
				t.Errorf("round %d, %s: %d and %d", round, s.Application(number).State, got[0].Status, got[1].Status)
			}
		}
		s.Clean()
	})
}

// double is a sender that keeps what it is given, and fails as told.
type double struct {
	mu   sync.Mutex
	sent []port.Letter
	fail error
}

func (d *double) Send(_ context.Context, l port.Letter) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, l)
	return "double", d.fail
}

// A decision is told once by every channel, in the account's language and without a person's number; what fails is tried
// five times.
func TestDecisionsAreTold(t *testing.T) {
	s := openSite(t, site.Options{})
	mail, sms := &double{}, &double{fail: errors.New("down")}
	s.App.Notices.Senders = map[port.Channel]port.Sender{port.Mail: mail, port.SMS: sms}
	owner := s.Organisation(1)
	a, err := owner.Send(owner.Complete(map[string]string{"goods_code": "010121"})) // refused by the rules at once
	must(t, err)
	for range 3 {
		must(t, s.App.Notices.Work(t.Context()))
	}
	if len(mail.sent) != 1 || len(sms.sent) != 1 || !sms.sent[0].Once {
		t.Fatalf("mail %d, SMS %d", len(mail.sent), len(sms.sent))
	}
	l := mail.sent[0]
	if l.To != owner.Account.Email || !strings.Contains(l.Subject, a.Number) || !strings.Contains(l.Text, "2027 жылғы 22 ақпан") || !strings.Contains(l.Text, s.Config.Origin+"/kk/applications/"+a.Number) {
		t.Errorf("%+v", l)
	}
	for _, personal := range []string{owner.Account.IIN, owner.Account.Party.Number, owner.Account.Surname} {
		if strings.Contains(l.Subject+l.Text+sms.sent[0].Text, personal) {
			t.Errorf("%s is in a letter", personal)
		}
	}
	b := s.LogIn(owner)
	if got := b.Get("/kk/").Body; !strings.Contains(got, "Хабарландырулар (жаңа: 1)") {
		t.Error("the header does not tell what is new")
	}
	if got := b.Get("/kk/notices"); got.Status != http.StatusOK || !strings.Contains(got.Body, "дәлелді бас тарту") || !strings.Contains(got.Body, "жаңа") {
		t.Errorf("notices: %d", got.Status)
	}
	if got := b.Get("/kk/").Body; strings.Contains(got, "жаңа: 1") {
		t.Error("what was read is new")
	}
	if got := s.LogIn(s.Colleague(owner, 5)).Get("/kk/notices").Body; strings.Contains(got, a.Number) {
		t.Error("a colleague reads another account's notices")
	}
	if got := b.Get("/kk/applications/" + a.Number).Body; !strings.Contains(got, "2027 жылғы 22 ақпан") || !strings.Contains(got, "91-бабы") {
		t.Error("the application does not tell how to complain")
	}
	for range 6 {
		s.Clock.Advance(3 * time.Hour)
		must(t, s.App.Notices.Work(t.Context()))
	}
	s.View(func(v port.View) error {
		parked, err := v.Office().Notices().Parked(t.Context(), 9)
		if len(parked) != 1 || parked[0].Attempts != 5 || parked[0].Reason != "notice.failed" || len(sms.sent) != 5 {
			t.Errorf("%+v, %d attempts", parked, len(sms.sent))
		}
		return err
	})
	s.Clean()
}

// The person chooses; the cabinet stays.
func TestChannelsAreChosen(t *testing.T) {
	s := openSite(t, site.Options{})
	mail, sms := &double{}, &double{}
	s.App.Notices.Senders = map[port.Channel]port.Sender{port.Mail: mail, port.SMS: sms}
	owner := s.Organisation(1)
	b := s.LogIn(owner)
	if got := b.Get("/kk/profile"); got.Status != http.StatusOK || !strings.Contains(got.Body, "SMS арқылы") {
		t.Errorf("the profile: %d", got.Status)
	}
	done(t, b.Post("/kk/profile/notices", url.Values{"channels": {"sms"}}))
	_, err := owner.Send(owner.Complete(nil))
	must(t, err)
	if got := noticed(t, s, owner.Account.ID, port.Cabinet); got != "granted" || len(mail.sent) != 0 || len(sms.sent) != 1 {
		t.Errorf("told %q, mail %d, SMS %d", got, len(mail.sent), len(sms.sent))
	}
}
