package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/civil"
	"elicense/internal/demo"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/internal/testkit/site"
)

// administrators are two persons who keep directories.
func administrators(t *testing.T, s *site.Site) (first, second, twin *site.Browser) {
	t.Helper()
	o := s.Official("mti.publisher")
	other := s.Appoint(access.Official{Login: "moj.administrator", Person: s.Individual(31).Person.IIN, Surname: "Үлгі", GivenName: "Екінші", Body: "moj", Duties: []access.Duty{access.Administrator}})
	double := s.Appoint(access.Official{Login: "moj.double", Person: o.Person, Surname: "Сынақова", GivenName: "Мадина", Body: "moj", Duties: []access.Duty{access.Administrator}})
	return s.Enter(o), s.Enter(other), s.Enter(double)
}

func uploads(b *site.Browser, name, note, csv string) site.Answer {
	return b.Send(b.Upload("/kk/directories/"+name, map[string]string{"note": note}, "rows.csv", []byte(csv)))
}

// A file of places is checked, shown with what it changes, and counts when a second person approves it; what ended stays
// readable in what was filed while it was valid.
func TestPlacesAreAmendedByTwo(t *testing.T) {
	s := openSite(t, site.Options{})
	first, second, twin := administrators(t, s)
	for csv, says := range map[string]string{
		"": "Жолдары бар файлды таңдаңыз", "code,x\n1,2\n": "белгісіз баған: x", "code,name_kk\n7,Үлгі\n": "үлгісіне сай емес",
		"code,name_kk\n999912000,Үлгі\n": "жоғары тұрған аумақ табылмады", "code,name_kk,from,to\n710000000,Астана,2027-01-02,2027-01-01\n": "басталу күнінен ерте",
		"code,name_kk\n710000000,=HYPERLINK(1)\n": "формуласы", "code,name_kk\n710000000,\xff\n": "UTF-8", "code,name_kk\n710000000,А\n710000000,Б\n": "2-жолдағымен бірдей",
	} {
		if got := uploads(first, "places", "Бұйрық № 1", csv); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, says) || !strings.Contains(got.Body, "Бұйрық № 1") {
			t.Errorf("%q: %d, without %q", csv, got.Status, says)
		}
	}
	if got := uploads(first, "places", " ", "code,name_kk\n710000000,Астана\n"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Негіздемесін көрсетіңіз") {
		t.Errorf("without what it rests on: %d", got.Status)
	}
	const csv = "\ufeffcode;name_kk;name_ru;from;to\n711299000;Үлгі ауданы;район Үлгі;2026-11-01;2026-11-30\n"
	sent := uploads(first, "places", "Бұйрық № 1", csv)
	done(t, sent)
	address := sent.Location()
	if got := uploads(second, "places", "Бұйрық № 2", csv); got.Status != http.StatusConflict {
		t.Errorf("a second amendment: %d", got.Status)
	}
	if got := second.Get(address); got.Status != http.StatusOK || !strings.Contains(got.Body, "Үлгі ауданы") || !strings.Contains(got.Body, "Қосылатын жолдар: 1") {
		t.Errorf("what is proposed: %d", got.Status)
	}
	for _, b := range []*site.Browser{first, twin} {
		if got := b.Post(address, url.Values{"go": {"approve"}}); got.Status != http.StatusConflict {
			t.Errorf("the same person approves: %d", got.Status)
		}
	}
	done(t, second.Post(address, url.Values{"go": {"approve"}}))
	if got := second.Post(address, url.Values{"go": {"reject"}, "reason": {"x"}}); got.Status != http.StatusConflict {
		t.Errorf("twice: %d", got.Status)
	}
	if got := first.Get("/ru/directories/places?q=үлгі"); !strings.Contains(got.Body, "район Үлгі") || !strings.Contains(got.Body, "Утверждено") {
		t.Error("the directory does not show the row and its history")
	}
	holds := func(on civil.Date, listed bool) {
		t.Helper()
		rev, err := s.App.Catalogue.Service("trade-licence")
		must(t, err)
		dirs, err := s.App.Reference.For(t.Context(), rev)
		must(t, err)
		e, ok := dirs.Entry(service.TypePlace, "711299000", on)
		found, err := dirs.Search(service.TypePlace, "Үлгі ауданы", 5)
		must(t, err)
		if !ok || e.Parent == "" && listed || e.On(on) != listed || (len(found) == 1) != listed {
			t.Errorf("%v: %+v %v, %d found", on, e, ok, len(found))
		}
	}
	holds(civil.New(2026, time.November, 22), true)
	s.Clock.Advance(10 * 24 * time.Hour)
	holds(civil.New(2026, time.December, 2), false)
	s.Clean()
}

// The index of the coming year is missed, entered by two, and followed at once; the past is changed with a reason only.
func TestIndexIsEnteredByTwo(t *testing.T) {
	s := openSite(t, site.Options{})
	first, second, _ := administrators(t, s)
	if got := first.Get("/kk/directories"); got.Status != http.StatusOK || !strings.Contains(got.Body, "2027 жылға айлық есептік көрсеткіш енгізілмеген") {
		t.Fatalf("no warning: %d", got.Status)
	}
	form := func(otherwise url.Values) url.Values {
		v := url.Values{"value": {"4 600"}, "from": {"01.01.2027"}, "act_kk": {"Бюджет туралы заң"}, "act_ru": {"Закон о бюджете"}, "reason": {""}}
		for k, x := range otherwise {
			v[k] = x
		}
		return v
	}
	for field, value := range map[string]string{"value": "46,5", "from": "31.02.2027", "act_kk": " ", "act_ru": ""} {
		if got := first.Post("/kk/directories/mci", form(url.Values{field: {value}})); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#f-`+field) {
			t.Errorf("%s %q: %d", field, value, got.Status)
		}
	}
	if got := first.Post("/kk/directories/mci", form(url.Values{"from": {"01.01.2026"}})); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "өткен кезең неге түзетілетінін") {
		t.Errorf("the past without a reason: %d", got.Status)
	}
	got := first.Post("/kk/directories/mci", form(nil))
	done(t, got)
	index := reference.Index{Library: s.App.Reference, Base: nil}
	if _, ok := index.MCI(civil.New(2027, time.March, 1)); ok {
		t.Error("it counts before the second person")
	}
	done(t, second.Post(got.Location(), url.Values{"go": {"approve"}}))
	if n, ok := index.MCI(civil.New(2027, time.March, 1)); !ok || n != 4600_00 {
		t.Errorf("%v %v", n, ok)
	}
	if _, ok := index.MCI(civil.New(2028, time.January, 1)); ok {
		t.Error("it counts for a year that no law has set")
	}
	if got := first.Get("/kk/directories"); strings.Contains(got.Body, "енгізілмеген") {
		t.Error("the warning stays")
	}
	if got := s.LogInOfficial("knb.executor", demo.Password).Get("/kk/directories"); got.Status != http.StatusForbidden {
		t.Errorf("without the duty: %d", got.Status)
	}
	s.Clean()
}

// Two nodes: what is approved at one is followed at the other within five seconds of its clock.
func TestOtherNodesFollowTheIndex(t *testing.T) {
	s := openSite(t, site.Options{})
	first, second, _ := administrators(t, s)
	other := reference.Index{Library: reference.New(s.App.Reference.Set(), s.App.Store, s.Clock)}
	day := civil.New(2027, time.March, 1)
	if _, ok := other.MCI(day); ok {
		t.Fatal("known already")
	}
	got := first.Post("/kk/directories/mci", url.Values{"value": {"4600"}, "from": {"01.01.2027"}, "act_kk": {"Заң"}, "act_ru": {"Закон"}})
	done(t, got)
	done(t, second.Post(got.Location(), url.Values{"go": {"approve"}}))
	s.Clock.Advance(6 * time.Second)
	if n, ok := other.MCI(day); !ok || n != 4600_00 {
		t.Errorf("%v %v", n, ok)
	}
}
