package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"elicense/internal/civil"
	"elicense/internal/demo"
	"elicense/internal/paper"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// What the register says of a paper holds of the permit that it becomes: its last day, and a suspension. What its holder was
// deprived of is not restored.
func TestRestorationKeepsWhatHoldsOfThePaper(t *testing.T) {
	s := openSite(t, site.Options{})
	owner := s.Organisation(1)
	rows := "body,kind_kk,kind_ru,series,number,issued,valid_to,holder,holder_number,state,since,until\n"
	for _, end := range []string{"15,1,14.09.2011,31.12.2027,Үлгі 1 ЖШС,BIN,приостановлена,01.02.2026,\n", "15,2,14.09.2011,31.12.2027,Үлгі 1 ЖШС,BIN,приостановлена,01.02.2026,01.03.2027\n",
		"15,3,14.09.2011,31.12.2027,Үлгі 1 ЖШС,BIN,приостановлена,,01.03.2026\n", "15,4,14.09.2011,31.12.2027,Үлгі 1 ЖШС,BIN,,,\n", "15,5,14.09.2011,,Үлгі 1 ЖШС,BIN,лишена,01.02.2026,\n"} {
		rows += "knb,Қызмет,Услуга," + strings.ReplaceAll(end, "BIN", owner.Account.Party.Number)
	}
	if r, err := s.App.Papers.Load(t.Context(), paper.File{Name: "a.csv", Content: []byte(rows)}); err != nil || r.Rows() != 5 {
		t.Fatalf("%+v, %v", r, err)
	}
	s.Official("knb.executor")
	executor, approver := s.LogInOfficial("knb.executor", demo.Password), s.LogInOfficial("knb.approver", demo.Password)
	id := func(number string) (id string) {
		s.View(func(v port.View) error {
			p, _, err := v.Permits().PaperOf(t.Context(), "knb", "15", number)
			id = p.ID
			return err
		})
		return id
	}
	last := civil.New(2027, 12, 31)
	for number, want := range map[string]permit.Standing{
		"1": {State: permit.Suspended, Since: civil.New(2026, 2, 1), To: last},
		"2": {State: permit.Suspended, Since: civil.New(2026, 2, 1), Until: civil.New(2027, 3, 1), To: last},
		"3": {State: permit.Suspended, Since: s.App.Register.Today(), To: last},
		"4": {State: permit.Valid, To: last},
		"5": {},
	} {
		filed := sent(t, owner, map[string]string{"licence_number": number})
		done(t, acts(t, executor, filed, "take", nil))
		got := acts(t, executor, filed, "propose", url.Values{"outcome": {"granted"}, "paper": {id(number)}})
		if want.State == "" {
			if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Иеленуші бұл лицензиядан айырылған") {
				t.Errorf("what the holder was deprived of: %d", got.Status)
			}
			continue
		}
		done(t, got)
		done(t, acts(t, approver, filed, "take", nil))
		done(t, acts(t, approver, filed, "confirm", nil))
		s.View(func(v port.View) error {
			p, err := v.Permits().Permit(t.Context(), s.Application(filed).Permit)
			if x := p.Standing; err != nil || p.On(s.App.Register.Today()) != want.State || x.Since != want.Since || x.Until != want.Until || x.To != want.To || p.To != want.To {
				t.Errorf("%s: %+v, %v", number, x, err)
			}
			return nil
		})
	}
	s.Clean()
}
