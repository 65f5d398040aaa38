package site

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/filing"
	"elicense/internal/paper"
	"elicense/internal/port"
)

// Official gives a made-up official of the demonstration by log-in name. The accounts of demo.Deciders are made at the first
// call, others when they are asked for.
func (s *Site) Official(login string) access.Official {
	s.tb.Helper()
	pick := func(o demo.Official) bool {
		return o.Login == login || slices.ContainsFunc(demo.Deciders(), func(d demo.Official) bool { return d.Login == o.Login })
	}
	s.must(demo.SeedOfficials(s.tb.Context(), s.App.Accounts, s.App.Catalogue.BodyKeys(), pick))
	var o access.Official
	s.View(func(v port.View) (err error) {
		o, _, err = v.Office().Officials().ByLogin(s.tb.Context(), login)
		return err
	})
	if o.ID == "" {
		s.tb.Fatalf("no official %s", login)
	}
	return o
}

// OfficialKey gives the key of a made-up official, as an employee of the state body.
func (s *Site) OfficialKey(login string) ca.KeyPair {
	s.tb.Helper()
	for _, o := range demo.Officials() {
		if o.Login == login {
			return s.Certify(o.Key())
		}
	}
	s.tb.Fatalf("no official %s", login)
	return ca.KeyPair{}
}

// OfficeVisitor is a browser in front of the internal portal that is not logged in.
func (s *Site) OfficeVisitor() *Browser {
	b := s.Visitor()
	b.office = true
	return b
}

// LogInOfficial is a browser of an official, who has typed name and password.
func (s *Site) LogInOfficial(login, password string) *Browser {
	s.tb.Helper()
	b := s.OfficeVisitor()
	answer := b.Post("/kk/login", url.Values{"login": {login}, "password": {password}})
	if answer.Status != http.StatusSeeOther {
		s.tb.Fatalf("log-in of %s: %d\n%.2000s", login, answer.Status, answer.Body)
	}
	b.Token = "" // the session's is another one now
	return b
}

// Enter is a browser with a session of an official, stored as the server would have.
func (s *Site) Enter(o access.Official) *Browser {
	s.tb.Helper()
	return s.OfficeVisitor().resume(o.ID, account.OfficialMark(o))
}

// Appoint makes an official's account as given, with the password of the demonstration as the person's own.
func (s *Site) Appoint(o access.Official) access.Official {
	s.tb.Helper()
	o.ID, o.Password, o.Version, o.CreatedAt = s.Clock.ID(), s.Official("cci.executor").Password, 1, s.Clock.Now()
	o.PasswordAt = o.CreatedAt
	s.Update(func(tx port.Tx) error {
		tx.Write().Office().Officials().Add(o)
		return nil
	})
	return o
}

// Papers imports the paper licences of the demonstration, with another holder's number in the place of the first one's.
func (s *Site) Papers(holder string) {
	s.tb.Helper()
	text := bytes.ReplaceAll(demo.Papers(), []byte(demo.TradeBIN()), []byte(holder))
	r, err := s.App.Papers.Load(s.tb.Context(), paper.File{Name: "test.csv", Content: text})
	s.must(err)
	if r.Rows() == 0 || r.Refused() > 0 {
		s.tb.Fatalf("%+v", r)
	}
}

// Restore begins the restoration of a paper licence at the National Security Committee with complete answers, some of
// them otherwise.
func (a *Applicant) Restore(otherwise map[string]string) string {
	s := a.site
	s.tb.Helper()
	number, err := s.App.Filing.Begin(s.tb.Context(), a.Actor, filing.Start{Service: "licence-restoration", Subtype: "cryptography", Body: "knb"})
	s.must(err)
	answers := map[string]string{
		"category": "activity", "series": "15", "licence_number": "1111", "issued_on": "2011-09-14", "small_business": "no",
		"city": "711210000", "postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456",
	}
	maps.Copy(answers, otherwise)
	a.Answer(number, answers, "licence_copy")
	return number
}
