package app_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/demo"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// A clock that is put back moves no deadline, begins no term anew and reorders neither timeline nor audit; what was made to be
// signed before counts for nothing until the clock has come there again.
func TestClockPutBack(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, back := range []time.Duration{time.Hour, 23 * time.Hour} {
			t.Run(engine+" "+back.String(), func(t *testing.T) {
				o := site.Options{}
				if engine == "postgres" {
					o.Database = database(t)
				}
				putBack(t, o, back)
			})
		}
	}
}

func putBack(t *testing.T, o site.Options, back time.Duration) {
	s := openSite(t, o)
	owner := s.Organisation(1)
	s.Papers(owner.Account.Party.Number)
	s.Official("knb.executor")
	key := s.OfficialKey("knb.executor")
	s.Clock.Advance(10 * time.Minute)
	s.PublishList() // keys and lists are older than what the clock is put back to, and the lists last a day
	s.Clock.Advance(back)
	timed(t, s)
	number := sent(t, owner, nil)
	executor, approver := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	done(t, acts(t, executor, number, "take", nil))
	before := s.Application(number)
	login := s.OfficeVisitor()
	nonce := shownNonce.FindStringSubmatch(login.Get("/kk/login/certificate").Body)[1]
	content := login.Get("/kk/sign/" + nonce + "/document").Body
	must(t, s.App.Evidence.Sequence(t.Context()))

	s.Clock.Advance(-back)
	signed := url.Values{"cms": {base64.StdEncoding.EncodeToString(s.Sign([]byte(content), key))}}
	if got := login.Post("/kk/login/certificate?challenge="+nonce, signed); got.Status != http.StatusUnprocessableEntity || login.Get("/kk/applications").Status == http.StatusOK {
		t.Errorf("a document of the future opens a session: %d", got.Status)
	}
	looks(t, s)
	looks(t, s)
	if got := s.Application(number); got.Work.Due != before.Work.Due || got.Work.Report.Clock.From != before.Work.Report.Clock.From || got.Work.Report.Completeness.Due != before.Work.Report.Completeness.Due || !got.Work.Report.Completeness.At.IsZero() {
		t.Errorf("due %s from %s, were %s from %s", got.Work.Due, got.Work.Report.Clock.From, before.Work.Due, before.Work.Report.Clock.From)
	}
	done(t, acts(t, executor, number, "complete", nil))
	done(t, asksCorrection(t, executor, number))
	corrected(t, s, owner, number)
	if a := s.Application(number); a.Work.Due.Before(before.Work.Due) || len(a.Work.Report.Clock.Stops) != 1 || a.Work.Report.Clock.Stops[0].To.Before(a.Work.Report.Clock.Stops[0].From) {
		t.Errorf("%+v due %s", a.Work.Report.Clock, a.Work.Due)
	}
	done(t, acts(t, executor, number, "propose", refusal()))
	done(t, acts(t, approver, number, "take", nil))
	done(t, acts(t, approver, number, "confirm", nil))
	if a := s.Application(number); a.State != application.Returned || a.DecidedAt.Before(a.RegisteredAt) {
		t.Errorf("%s: decided %s, registered %s", a.State, a.DecidedAt, a.RegisteredAt)
	}
	inOrder(t, s, number)
	s.Clean()
}

// corrected is what asksCorrection asks, done and signed by the applicant.
func corrected(t *testing.T, s *site.Site, owner *site.Applicant, number string) {
	t.Helper()
	b, one := s.LogIn(owner), "/kk/applications/"+number
	done(t, b.Send(b.Upload(one+"/documents/licence_copy/upload", map[string]string{"name": "Анық көшірме"}, "fresh.pdf", site.Contract())))
	done(t, b.Post(one+"/correction", url.Values{"version": {version(t, b, one+"/correction")}, "licence_number": {"1112"}, "go": {"sign"}}))
	must(t, signsCorrection(t, s, owner, number))
}

// inOrder demands that the timeline tells what happened in its order, and that the audit's log holds.
func inOrder(t *testing.T, s *site.Site, number string) {
	t.Helper()
	s.View(func(v port.View) error {
		list, err := v.Applications().Happenings(t.Context(), number)
		state := application.State("")
		for i, h := range list {
			if h.From != state && i > 0 || i > 0 && h.At.Before(list[i-1].At) {
				t.Errorf("%d: %s from %s after %s", i, h.Event, h.From, state)
			}
			state = h.To
		}
		if last := list[len(list)-1]; last.To != application.Returned {
			t.Errorf("the timeline ends with %s", last.Event)
		}
		proposed := slices.IndexFunc(list, func(h application.Happening) bool { return h.Event == application.Proposed })
		if taken := slices.IndexFunc(list, func(h application.Happening) bool { return h.Event == application.Taken }); taken < 0 || taken > proposed {
			t.Errorf("taken at %d, proposed at %d", taken, proposed)
		}
		return err
	})
	must(t, s.App.Evidence.Sequence(t.Context()))
}
