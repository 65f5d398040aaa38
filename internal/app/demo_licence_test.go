package app_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"elicense/internal/charge"
	"elicense/internal/demo"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// The demonstration's licence has the history that is promised, is whole, and is not made twice.
func TestLicenceOfTheDemonstration(t *testing.T) {
	s := openSite(t, site.Options{Decided: true})
	offices := demo.Offices{Store: s.App.Store, Accounts: s.App.Accounts, Filing: s.App.Filing, Documents: s.App.Documents, Billing: s.App.Billing, Desk: s.App.Desk, Acts: s.App.Acts,
		Keys: s.Seed(), Now: s.Clock.Now, Pay: func(_ context.Context, i charge.Invoice) error {
			if got := s.Notify(i.Application, charge.Settled, "DEMO"); got.Status != http.StatusOK {
				t.Errorf("the notice of %s: %d", i.Application, got.Status)
			}
			return nil
		}}
	for _, o := range demo.Officials() {
		if o.Body == "moh" {
			s.Official(o.Login)
			offices.Keys[o.Key().Name()] = s.OfficialKey(o.Login)
		}
	}
	for range 2 {
		must(t, offices.Licence(t.Context()))
	}
	var list []permit.Permit
	var acts []permit.Act
	s.View(func(v port.View) (err error) {
		if list, err = v.Permits().List(t.Context(), port.Search{Body: "moh"}); err != nil || len(list) != 2 {
			return err
		}
		acts, err = v.Permits().Acts(t.Context(), list[1].Number)
		return err
	})
	if len(list) != 2 || list[0].Replaces != list[1].Number || !strings.Contains(list[0].Values["holder_name"], "Үлгі Сауда") || len(list[0].Standing.Appendices) != 2 {
		t.Fatalf("permits %+v", list)
	}
	if got := kinds(acts); !slices.Equal(got, []permit.Kind{permit.Addition, permit.Addition, permit.Suspension, permit.Resumption, permit.Reissuance}) {
		t.Errorf("acts %v", got)
	}
	s.Clean()
}
