package app_test

import (
	"strings"
	"testing"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/testkit/site"
)

// breaches lists what fsck finds wrong.
func breaches(s *site.Site) string {
	var all []string
	for _, x := range s.Report().Broken {
		all = append(all, x.Thing+": "+x.Text)
	}
	return strings.Join(all, "\n")
}

func TestPublicRegisterOfNumbers(t *testing.T) {
	s := openSite(t, site.Options{})
	empty := s.Visitor().Get("/en/numbering")
	if empty.Status != 200 || !strings.Contains(empty.Body, "There are no numbers in the register yet") {
		t.Errorf("empty: %d", empty.Status)
	}
	_, err := s.App.Numbering.Import(t.Context(), access.TheSystem(), strings.NewReader(
		"code,first,last,state,name_kk,name_ru,name_en,permit,holder_name,holder_number\n"+
			"7172,000000,009999,free,Астана,Астана,Astana,,,\n"+
			"7172,010000,010099,allocated,,,,1,Оператор,041040000000\n"+
			"7172,010100,010199,allocated,,,,2,Secret Person,900101300000\n"))
	must(t, err)
	for _, l := range []string{"kk", "ru", "en"} {
		codes, ranges := s.Visitor().Get("/"+l+"/numbering"), s.Visitor().Get("/"+l+"/numbering/717-2")
		if codes.Status != 200 || !strings.Contains(codes.Body, `href="/`+l+`/numbering/717-2"`) {
			t.Errorf("%s: codes: %d", l, codes.Status)
		}
		if ranges.Status != 200 || !strings.Contains(ranges.Body, "010099") || !strings.Contains(ranges.Body, "Оператор") {
			t.Errorf("%s: ranges: %d", l, ranges.Status)
		}
		if strings.Contains(ranges.Body, "Secret") || strings.Contains(ranges.Body, "900101300000") || strings.Contains(ranges.Body, "041040000000") {
			t.Errorf("%s: a person is named", l)
		}
	}
	allocated := s.Visitor().Get("/en/numbering/717-2?state=allocated&after=-5")
	if strings.Contains(allocated.Body, "009999") || !strings.Contains(allocated.Body, "010099") {
		t.Error("not filtered by state")
	}
	next := s.Visitor().Get("/en/numbering/717-2?after=10000")
	if strings.Contains(next.Body, "010099") || !strings.Contains(next.Body, "010199") {
		t.Error("the cursor leads nowhere")
	}
	if a := s.Visitor().Get("/en/numbering/727"); a.Status != 404 {
		t.Errorf("unknown code: %d", a.Status)
	}
	if b := breaches(s); b != "" {
		t.Errorf("a good register is reported: %s", b)
	}
}

func TestFsckOfNumbersAndPapers(t *testing.T) {
	s := openSite(t, site.Options{})
	numbers := func(first int64) ledger.Range { return ledger.Range{Code: "7172", First: first, Last: first + 9} }
	ghost, bare, traces := numbers(0), numbers(10), numbers(20)
	ghost.State, ghost.Application = ledger.Reserved, "KZ07RTL00999999"
	bare.State, traces.State, traces.HolderName = ledger.Allocated, ledger.Free, "x"
	must(t, s.App.Store.Update(t.Context(), func(tx port.Tx) error {
		tx.Write().Ledger().PutCode("7172", lang.Text{})
		for _, r := range []ledger.Range{ghost, bare, traces} {
			tx.Write().Ledger().AddRange(r)
		}
		tx.Write().Permits().AddPaper(permit.Paper{ID: "p", Body: "knb", Number: "1", Application: "KZ07RTL00999999"})
		return nil
	}))
	found := breaches(s)
	for _, want := range []string{"000000-000009: its application KZ07RTL00999999 does not exist", "000010-000019: allocated without a permit",
		"000020-000029: free, with traces of a holder", "paper/p: its application KZ07RTL00999999 does not exist"} {
		if !strings.Contains(found, want) {
			t.Errorf("not found: %s; found:\n%s", want, found)
		}
	}
}

// A number of the older system leads to the permit that its paper became, and before that to the paper.
func TestCheckByOldNumber(t *testing.T) {
	s := openSite(t, site.Options{})
	a := s.Organisation(1)
	sent, err := a.Send(a.Complete(nil))
	must(t, err)
	x := permit.Paper{ID: "p", Body: "knb", Number: "R11001155", IssuedOn: civil.New(2011, 12, 13)}
	must(t, s.App.Store.Update(t.Context(), func(tx port.Tx) error { tx.Write().Permits().AddPaper(x); return nil }))
	if got := s.Visitor().Get("/en/check/R11001155"); got.Status != 200 || !strings.Contains(got.Body, "Licence on paper") {
		t.Errorf("before: %d", got.Status)
	}
	must(t, s.App.Store.Update(t.Context(), func(tx port.Tx) error {
		tx.Write().Permits().ClaimPaper("p", sent.Number)
		tx.Write().Permits().RestorePaper("p", sent.Number, sent.Permit)
		return nil
	}))
	if got := s.Visitor().Get("/en/check/r11001155"); got.Status != 200 || !strings.Contains(got.Body, sent.Permit) {
		t.Errorf("after: %d", got.Status)
	}
	if b := breaches(s); b != "" {
		t.Errorf("reported: %s", b)
	}
}
