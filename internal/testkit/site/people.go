package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/application"
	"elicense/internal/charge"
	"elicense/internal/civil"
	"elicense/internal/cms"
	"elicense/internal/demo"
	"elicense/internal/demo/ca"
	"elicense/internal/filing"
	"elicense/internal/ident"
	"elicense/internal/party"
	"elicense/internal/pay"
	"elicense/internal/port"
)

// Applicant is a made-up person with an account, a key, and a contract in the personal store.
type Applicant struct {
	Account  party.Account
	Actor    access.Actor
	Person   ca.Person
	Key      ca.KeyPair
	Document port.StoredDocument

	site *Site
}

// Organisation makes organisation number i with its head. It has no password: it logs in by certificate, or by Site.LogIn.
func (s *Site) Organisation(i int) *Applicant {
	s.tb.Helper()
	return s.organisation(i, '4')
}

// Foreign makes a legal entity that is no resident.
func (s *Site) Foreign(i int) *Applicant {
	s.tb.Helper()
	return s.organisation(i, '5')
}

func (s *Site) organisation(i int, kind byte) *Applicant {
	s.tb.Helper()
	bin, ok := ident.BIN(""), false
	for serial := i * 10; !ok; serial++ { // every tenth serial, so that one without a check digit gives way to its neighbour
		bin, ok = ident.MakeBIN(2005, 6, kind, '0', serial)
	}
	p := ca.Person{Kind: ca.Head, IIN: iin(i), Surname: "Үлгібаев", GivenName: "Ерлан", BIN: string(bin), Organisation: fmt.Sprintf("«Үлгі %d» ЖШС", i)}
	return s.applicant(p, party.Party{Kind: party.Organisation, Number: p.BIN, Name: p.Organisation})
}

// Individual makes individual number i.
func (s *Site) Individual(i int) *Applicant {
	s.tb.Helper()
	p := ca.Person{Kind: ca.Individual, IIN: iin(i), Surname: "Мысалова", GivenName: "Айгүл"}
	return s.applicant(p, party.Party{Kind: party.Individual, Number: p.IIN, Name: "Мысалова Айгүл", Surname: p.Surname, GivenName: p.GivenName})
}

// Private gives the account that an organisation's head has for himself.
func (s *Site) Private(a *Applicant) *Applicant {
	s.tb.Helper()
	p := a.Person
	p.Kind, p.BIN, p.Organisation = ca.Individual, "", ""
	return s.applicant(p, party.Party{Kind: party.Individual, Number: p.IIN, Name: p.Surname + " " + p.GivenName, Surname: p.Surname, GivenName: p.GivenName})
}

// Colleague makes person number i who may sign for an applicant's organisation.
func (s *Site) Colleague(a *Applicant, i int) *Applicant {
	s.tb.Helper()
	c := *a
	c.Person.Kind, c.Person.IIN = ca.RightToSign, iin(i)
	c.Account.ID, c.Account.IIN = s.Clock.ID(), c.Person.IIN
	c.Actor, c.Key = account.ActorOf(c.Account), s.Certify(c.Person)
	s.Update(func(tx port.Tx) error {
		tx.Write().Accounts().AddAccount(c.Account)
		return nil
	})
	return &c
}

func iin(i int) string {
	for serial := i % 9000; ; serial++ {
		if n, ok := ident.MakeIIN(civil.New(1960+i/9000%40, 3, 1+i%28), i%2 == 0, serial%10000); ok {
			return string(n)
		}
	}
}

func (s *Site) applicant(p ca.Person, owner party.Party) *Applicant {
	s.tb.Helper()
	now := s.Clock.Now()
	owner.ID, owner.Version, owner.CreatedAt = s.Clock.ID(), 1, now
	a := &Applicant{site: s, Person: p, Account: party.Account{
		ID: s.Clock.ID(), Party: owner, IIN: p.IIN, Surname: p.Surname, GivenName: p.GivenName, Email: "sample@example.kz", Phone: "+77010000000", Lang: "kk",
		Password: "none", Version: 1, CreatedAt: now,
	}}
	a.Actor = account.ActorOf(a.Account)
	a.Key = s.Certify(p)
	digest, size, err := s.App.Blobs.Put(s.tb.Context(), bytes.NewReader(Contract()), 1<<20)
	s.must(err)
	a.Document = port.StoredDocument{ID: s.Clock.ID(), Party: owner.ID, Name: "Contract", File: "contract.pdf", Type: "application/pdf", Digest: digest, Size: size, CreatedAt: now}
	s.Update(func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(owner)
		tx.Write().Accounts().AddAccount(a.Account)
		tx.Write().Documents().Add(a.Document)
		return nil
	})
	return a
}

// Contract is a small PDF.
func Contract() []byte {
	return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
}

// Certify issues a certificate over the site's one key: made-up people may share it, and making keys takes long.
func (s *Site) Certify(p ca.Person) ca.KeyPair {
	s.tb.Helper()
	pair, err := s.Authority.IssueOver(s.key, p)
	s.must(err)
	return pair
}

// Seed registers the people of the demonstration, who have the password demo.Password.
func (s *Site) Seed() map[string]ca.KeyPair {
	s.tb.Helper()
	keys := map[string]ca.KeyPair{}
	for _, p := range demo.People() {
		keys[p.Key.Name()] = s.Certify(p.Key)
	}
	s.must(demo.Seed(s.tb.Context(), s.App.Accounts, s.App.Store, keys, s.Clock.Now))
	return keys
}

// Answers are complete answers for an import of goods without a quota.
func (s *Site) Answers() map[string]string {
	today := civil.Of(s.Clock.Now(), time.UTC)
	return map[string]string{
		"small_business": "no", "representative_name": "Үлгібаев Ерлан Маратұлы", "representative_position": "Директор", "city": "711210000",
		"postal_index": "010000", "street_ru": "Мәңгілік Ел", "street_kk": "Мәңгілік Ел", "house": "8", "phones": "+77172123456",
		"permit_kind": "import", "applicant_name": "«Үлгі» ЖШС", "seller": "Example Chemicals Co., Ltd., Shanghai", "seller_country": "CN",
		"dispatch_country": "CN", "start_date": today.AddDays(1).String(), "end_date": today.AddDays(30).String(), "contract_number": "KZ-26/118",
		"contract_date": today.AddDays(-30).String(), "currency": "USD", "value": "48000", "statistical_value": "48000", "origin_country": "CN",
		"quantity": "1", "unit": "166", "goods_code": "290361", "surname": "Үлгібаев", "given_name": "Ерлан", "position": "Директор",
		"phone": "+77011234567", "warning": "yes",
	}
}

// Draft begins an application for an import; it is empty but for what is prefilled.
func (a *Applicant) Draft() string {
	a.site.tb.Helper()
	number, err := a.site.App.Filing.Begin(a.site.tb.Context(), a.Actor, filing.Start{Service: "trade-licence", Subtype: "import", Body: "mti"})
	a.site.must(err)
	return number
}

// Complete begins an application, answers everything (with some answers otherwise), attaches the contract and pays.
func (a *Applicant) Complete(otherwise map[string]string) string {
	a.site.tb.Helper()
	number := a.Draft()
	a.Fill(number, otherwise)
	a.Settle(number)
	return number
}

// Fill answers and attaches at once, behind the wizard's back.
func (a *Applicant) Fill(number string, otherwise map[string]string) {
	s := a.site
	s.tb.Helper()
	answers := s.Answers()
	maps.Copy(answers, otherwise)
	a.Answer(number, answers, "contract")
}

// Answer gives a draft all its answers, and attaches the applicant's document under each of the keys, behind the wizard's
// back.
func (a *Applicant) Answer(number string, answers map[string]string, keys ...string) {
	s := a.site
	s.tb.Helper()
	s.Update(func(tx port.Tx) error {
		draft, err := tx.Applications().Application(s.tb.Context(), number)
		if err != nil {
			return err
		}
		d := a.Document
		draft.Answers, draft.Sources = answers, map[string]application.Source{}
		for _, key := range keys {
			tx.Write().Applications().Attach(number, application.Attachment{Key: key, Document: d.ID, Name: d.Name, File: d.File, Digest: d.Digest, Size: d.Size})
		}
		tx.Write().Applications().Change(draft)
		return nil
	})
}

// Settle makes the invoice and pays it, by a notice of the gateway.
func (a *Applicant) Settle(number string) {
	s := a.site
	s.tb.Helper()
	draft, err := s.App.Filing.Open(s.tb.Context(), a.Actor, number)
	s.must(err)
	invoice, err := s.App.Billing.EnsureInvoice(s.tb.Context(), a.Actor, number, draft.Facts.FeeDue, draft.Application.Operation)
	s.must(err)
	body := s.notice(invoice, charge.Settled, "TEST")
	s.must(s.App.Billing.HandleNotice(s.tb.Context(), body, pay.Sign(s.secret, "notice", body)))
}

// Prepare makes the document to be signed, for a browser session.
func (a *Applicant) Prepare(binding, number string) port.Challenge {
	a.site.tb.Helper()
	challenge, err := a.site.App.Filing.Prepare(a.site.tb.Context(), a.Actor, binding, number)
	a.site.must(err)
	return challenge
}

// Sign signs bytes with a key, now.
func (s *Site) Sign(content []byte, key ca.KeyPair) []byte {
	s.tb.Helper()
	signature, err := cms.Sign(content, key.Key, key.Certificate, cms.Options{Detached: true, SigningTime: s.Clock.Now()})
	s.must(err)
	return signature
}

// Send prepares, signs and submits an application with the applicant's own key.
func (a *Applicant) Send(number string) (application.Application, error) {
	a.site.tb.Helper()
	binding := "binding-" + number
	challenge := a.Prepare(binding, number)
	return a.site.App.Filing.Submit(a.site.tb.Context(), a.Actor, binding, number, filing.Submission{Nonce: challenge.Nonce, CMS: a.site.Sign(challenge.Content, a.Key)})
}

// Application reads an application.
func (s *Site) Application(number string) application.Application {
	s.tb.Helper()
	var a application.Application
	s.View(func(v port.View) (err error) {
		a, err = v.Applications().Application(s.tb.Context(), number)
		return err
	})
	return a
}

// Notify posts a notice of the gateway about an application's invoice, as the gateway does, and gives the answer.
func (s *Site) Notify(number string, outcome charge.Outcome, receipt string) Answer {
	s.tb.Helper()
	var invoice charge.Invoice
	s.View(func(v port.View) (err error) {
		invoice, _, err = v.Invoices().OfApplication(s.tb.Context(), number)
		return err
	})
	body := s.notice(invoice, outcome, receipt)
	r := s.Visitor().Request(http.MethodPost, "/callbacks/payment", "application/json", bytes.NewReader(body))
	r.Header.Del("Origin")
	r.Header.Del("Sec-Fetch-Site")
	r.Header.Set(pay.Header, pay.Sign(s.secret, "notice", body))
	return s.Visitor().Send(r)
}

// notice is what the gateway would send about an invoice.
func (s *Site) notice(invoice charge.Invoice, outcome charge.Outcome, receipt string) []byte {
	s.tb.Helper()
	sum := sha256.Sum256([]byte(invoice.ID + receipt + string(outcome)))
	body, err := pay.Encode(charge.Notice{ID: hex.EncodeToString(sum[:16]), Invoice: invoice.ID, Outcome: outcome, Amount: invoice.Amount,
		Currency: pay.Currency, Receipt: receipt, At: s.Clock.Now()})
	s.must(err)
	if !json.Valid(body) {
		s.tb.Fatal("a notice is JSON")
	}
	return body
}
