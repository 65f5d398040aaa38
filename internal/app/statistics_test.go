package app_test

import (
	"net/http"
	"strings"
	"testing"

	"elicense/internal/port"
	"elicense/internal/statistics"
	"elicense/internal/testkit/site"
)

// What was really filed is counted, also by the command line, and a recount agrees; figures that are wrong are told by
// --check and mended without.
func TestStatisticsOfWhatWasFiled(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		for i, otherwise := range []map[string]string{{}, {"goods_code": "010121"}} {
			if answer := ready(s, s.Organisation(i+1), otherwise).post(); answer.Status != http.StatusSeeOther {
				t.Fatalf("%d\n%.500s", answer.Status, answer.Body)
			}
		}
		recount := func(want int, args ...string) statistics.Recounted {
			return parsed[statistics.Recounted](t, want, append(append([]string{"statistics", "recount"}, args...), flags(s)...)...)
		}
		if r := recount(0); r.Events != 4 || len(r.Wrong) != 0 {
			t.Errorf("%+v", r)
		}
		s.Update(func(tx port.Tx) error {
			tx.Write().Records().Correct(1, []port.Figure{{Month: "2026-01", Measure: port.Granted, N: 1}})
			return nil
		})
		if r := recount(1, "--check"); len(r.Wrong) != 1 || r.Mended {
			t.Errorf("%+v", r)
		}
		if r := recount(0); len(r.Wrong) != 1 || !r.Mended {
			t.Errorf("%+v", r)
		}
		if r := recount(0, "--check"); len(r.Wrong) != 0 {
			t.Errorf("%+v", r)
		}
		answer := s.Visitor().Get("/en/statistics")
		for _, text := range []string{"Applications registered", "(EAEU code: …)", "at once"} {
			if answer.Status != http.StatusOK || !strings.Contains(answer.Body, text) {
				t.Errorf("%d, no %q", answer.Status, text)
			}
		}
	})
}
