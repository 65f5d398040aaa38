// Package prepare fills an installation with applicants whose drafts are complete, paid and signed, so that a
// measurement or a crash run has nothing to do but submit.
package prepare

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/app"
	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/civil"
	"elicense/internal/cms"
	"elicense/internal/config"
	"elicense/internal/demo/ca"
	"elicense/internal/eds"
	"elicense/internal/filing"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/web"
)

// Submission is everything that a client sends to submit one application.
type Submission struct {
	Number, Nonce, Cookie, Token, CMS string
}

// Site is a prepared installation.
type Site struct {
	Folder      string // data, authority and configuration live below it
	Config      config.Config
	Submissions []Submission
	// Cases are applications that officials have to decide; Officials are who does it.
	Cases     []string
	Officials []Official
	// Requests are signed applications of holders about their permits; Clerks are the officials who decide about them.
	Requests []Request
	Clerks   []Official
}

// Counts are how many of each a site has.
type Counts struct{ Submissions, Cases, Requests int }

// Args are the flags with which the program serves the site.
func (s Site) Args() []string {
	c := s.Config
	return []string{"serve", "--listen", c.Listen, "--office-listen", c.OfficeListen, "--data", c.Data, "--database", c.Database, "--origin", c.Origin,
		"--environment", c.Environment, "--office-second-factor", c.OfficeFactor, "--office-signatures", c.OfficeSignatures, "--anchors", c.Anchors, "--authorities", c.Authorities, "--revocation-lists", c.Lists}
}

// workers is how many applicants are prepared at once.
const workers = 16

// Make prepares a site in a folder on a database ("" for SQLite), to be served at an address. Its officials sign with keys.
func Make(ctx context.Context, folder, database, listen, office string, n Counts) (Site, error) {
	s := Site{Folder: folder}
	authority, err := ca.Open(filepath.Join(folder, "ca"), ca.Options{Now: app.World().Now})
	if err != nil {
		return s, err
	}
	list, err := authority.List()
	if err != nil {
		return s, err
	}
	crl := filepath.Join(folder, "ca", "list.crl")
	if err := os.WriteFile(crl, list, 0o600); err != nil {
		return s, err
	}
	s.Config = config.Config{
		Listen: listen, OfficeListen: office, Data: filepath.Join(folder, "data"), Database: database, Environment: "test", OfficeFactor: config.FactorOptional, OfficeSignatures: config.SignaturesRequired,
		Anchors: authority.AnchorsFolder(), Authorities: authority.IntermediatesFolder(), Lists: crl, Agent: "wss://127.0.0.1:13579/",
	}.Complete()
	trust := eds.Config{Anchors: eds.Source{Certificates: authority.Anchors()}, Intermediates: eds.Source{Certificates: authority.Intermediates()}, Lists: []eds.List{{File: crl}}}
	a, err := app.Open(ctx, s.Config, app.Extras{Trust: &trust}, slog.New(slog.DiscardHandler))
	if err != nil {
		return s, err
	}
	// The list is known at once, not at the next look at the file: what is sent here is registered.
	if err := a.Filing.Verifier.(*eds.Verifier).Refresh(ctx); err != nil {
		return s, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return s, err
	}
	m := &maker{app: a, authority: authority, key: key}
	if err := m.contract(ctx); err != nil {
		return s, err
	}
	if s.Submissions, err = m.all(ctx, n.Submissions); err != nil {
		return s, err
	}
	if s.Cases, s.Officials, err = m.work(ctx, n.Submissions, n.Cases); err != nil {
		return s, err
	}
	if s.Requests, s.Clerks, err = m.requests(ctx, n.Submissions+n.Cases+officialsMade*2, n.Requests); err != nil {
		return s, err
	}
	return s, a.Close(ctx)
}

type maker struct {
	app       *app.App
	authority *ca.CA
	key       *rsa.PrivateKey
	digest    string
	size      int64
}

// contract stores the one file that every applicant attaches.
func (m *maker) contract(ctx context.Context) error {
	var err error
	content := append([]byte("%PDF-1.4\n% a contract\n"), bytes.Repeat([]byte("contract "), 2000)...)
	m.digest, m.size, err = m.app.Blobs.Put(ctx, bytes.NewReader(content), 1<<20)
	return err
}

func (m *maker) all(ctx context.Context, n int) ([]Submission, error) {
	out := make([]Submission, n)
	errs := make(chan error, workers)
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				s, err := m.one(ctx, i)
				if err != nil {
					select {
					case errs <- fmt.Errorf("applicant %d: %w", i, err):
					default:
					}
					return
				}
				out[i] = s
			}
		})
	}
	var err error
feed:
	for i := range n {
		select {
		case next <- i:
		case err = <-errs:
			break feed
		}
	}
	close(next)
	wg.Wait()
	select {
	case err = <-errs:
	default:
	}
	return out, err
}

// one prepares one organisation with its head, down to the signature.
func (m *maker) one(ctx context.Context, i int) (Submission, error) {
	acc, pair, document, err := m.applicant(ctx, i)
	if err != nil {
		return Submission{}, err
	}
	actor := access.Actor{Role: access.Applicant, Account: acc.ID, Party: acc.Party.ID}
	number, err := m.app.Filing.Begin(ctx, actor, filing.Start{Service: "trade-licence", Subtype: "import", Body: "mti"})
	if err != nil {
		return Submission{}, err
	}
	if err := m.fill(ctx, actor, number, document); err != nil {
		return Submission{}, err
	}
	return m.signed(ctx, acc, pair, number)
}

// signed has the applicant sign the draft, in a session from which it can be sent.
func (m *maker) signed(ctx context.Context, acc party.Account, pair ca.KeyPair, number string) (Submission, error) {
	world, actor := m.app.World, access.Actor{Role: access.Applicant, Account: acc.ID, Party: acc.Party.ID}
	s := Submission{Number: number, Token: hex.EncodeToString(world.Random(16))}
	binding := hex.EncodeToString(world.Random(16))
	challenge, err := m.app.Filing.Prepare(ctx, actor, binding, number)
	if err != nil {
		return s, err
	}
	signature, err := cms.Sign(challenge.Content, pair.Key, pair.Certificate, cms.Options{Detached: true, SigningTime: world.Now()})
	if err != nil {
		return s, err
	}
	s.Nonce, s.CMS = challenge.Nonce, base64.StdEncoding.EncodeToString(signature)
	s.Cookie, err = m.session(ctx, acc.ID, account.Mark(acc), s.Token, binding)
	return s, err
}

// applicant stores organisation number i with its head and the file, and certifies the head.
func (m *maker) applicant(ctx context.Context, i int) (party.Account, ca.KeyPair, port.StoredDocument, error) {
	person, acc := m.person(i)
	document := port.StoredDocument{ID: m.app.World.ID(), Party: acc.Party.ID, Name: "Contract", File: "contract.pdf", Type: "application/pdf", Digest: m.digest, Size: m.size, CreatedAt: m.app.World.Now()}
	pair, err := m.authority.IssueOver(m.key, person)
	if err != nil {
		return acc, pair, document, err
	}
	return acc, pair, document, m.app.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Accounts().AddParty(acc.Party)
		tx.Write().Accounts().AddAccount(acc)
		tx.Write().Documents().Add(document)
		return nil
	})
}

// person makes up organisation number i and its head.
func (m *maker) person(i int) (ca.Person, party.Account) {
	world, now := m.app.World, m.app.World.Now()
	iin := mustIIN(i)
	bin := mustBIN(i)
	name := fmt.Sprintf("«Үлгі %d» ЖШС", i)
	account := party.Account{
		ID: world.ID(), IIN: iin, Surname: "ҮЛГІБАЕВ", GivenName: "ЕРЛАН", Email: "sample@example.kz", Phone: "+77010000000", Lang: "kk",
		Password: "x", Version: 1, CreatedAt: now,
		Party: party.Party{ID: world.ID(), Kind: party.Organisation, Number: bin, Name: name, Version: 1, CreatedAt: now},
	}
	return ca.Person{Kind: ca.Head, IIN: iin, Surname: "Үлгібаев", GivenName: "Ерлан", BIN: bin, Organisation: name}, account
}

func mustIIN(i int) string {
	for serial := i % 9000; ; serial++ {
		if n, ok := ident.MakeIIN(civil.New(1950+i/9000%50, 1, 1+i%28), i%2 == 0, serial%10000); ok {
			return string(n)
		}
	}
}

func mustBIN(i int) string {
	// Every tenth serial is used, so that one without a check digit can give way to its neighbour.
	for serial := i % 9000 * 10; ; serial++ {
		if n, ok := ident.MakeBIN(2001+i/9000%20, 1+i/180_000%12, '4', '0', serial); ok {
			return string(n)
		}
	}
}

// fill answers the form, attaches the contract and settles the invoice.
func (m *maker) fill(ctx context.Context, actor access.Actor, number string, document port.StoredDocument) error {
	draft, err := m.app.Filing.Open(ctx, actor, number)
	if err != nil {
		return err
	}
	if err := m.answer(ctx, number, Answers(civil.Of(m.app.World.Now(), lang.Almaty())), document, "contract"); err != nil {
		return err
	}
	return m.settle(ctx, number, draft.Facts.FeeDue)
}

// answer answers the form of a draft, and attaches the file under the keys of its documents.
func (m *maker) answer(ctx context.Context, number string, answers map[string]string, document port.StoredDocument, keys ...string) error {
	return m.app.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		a.Answers, a.Sources = answers, map[string]application.Source{}
		for _, key := range keys {
			tx.Write().Applications().Attach(number, application.Attachment{Key: key, Document: document.ID, Name: document.Name, File: document.File, Digest: document.Digest, Size: document.Size})
		}
		tx.Write().Applications().Change(a)
		return nil
	})
}

// settle stores the paid invoice of a draft.
func (m *maker) settle(ctx context.Context, number string, due money.Tiyn) error {
	now := m.app.World.Now()
	return m.app.Store.Update(ctx, func(tx port.Tx) error {
		a, err := tx.Applications().Application(ctx, number)
		if err != nil {
			return err
		}
		invoice := charge.Invoice{ID: m.app.World.ID(), Application: number, Party: a.Party, Amount: due, Purpose: a.Operation,
			State: charge.Paid, PaidAt: now, Receipt: "prepared", Version: 1, CreatedAt: now}
		notice := charge.Notice{ID: m.app.World.ID(), Invoice: invoice.ID, Outcome: charge.Settled, Amount: invoice.Amount, Currency: "KZT", Receipt: invoice.Receipt, At: now}
		tx.Write().Invoices().Add(invoice)
		tx.Write().Invoices().Notice(notice)
		tx.Write().Records().Audit(audit.Entry{ID: m.app.World.ID(), Salt: m.app.World.Random(16), At: now, Actor: "gateway", Action: "invoice.paid", Object: "invoice/" + invoice.ID,
			Details: map[string]string{"application": number, "notice": notice.ID, "receipt": notice.Receipt, "paid": strconv.FormatInt(int64(notice.Amount), 10), "currency": notice.Currency}})
		return nil
	})
}

// session stores a browser session as the web server would have.
func (m *maker) session(ctx context.Context, id, mark, token, binding string) (string, error) {
	cookie := base64.RawURLEncoding.EncodeToString(m.app.World.Random(32))
	deadline := m.app.World.Now().Add(12 * time.Hour)
	data, err := account.Codec{}.Encode(deadline, map[string]any{
		account.SessionAccount: id, account.SessionMark: mark, "csrf": token, "binding": binding,
	})
	if err != nil {
		return "", err
	}
	return cookie, account.NewSessions(m.app.Store, m.app.World).CommitCtx(ctx, cookie, data, m.app.World.Now().Add(web.Idle))
}

// Answers are complete answers for an import of goods without a quota.
func Answers(today civil.Date) map[string]string {
	start, end, contract := today.AddDays(1).String(), today.AddDays(30).String(), today.AddDays(-30).String()
	return map[string]string{
		"small_business": "no", "representative_name": "Үлгібаев Ерлан Маратұлы", "representative_position": "Директор", "city": "711210000",
		"postal_index": "010000", "street_ru": "Мәңгілік Ел", "street_kk": "Мәңгілік Ел", "house": "8", "phones": "+77172123456",
		"permit_kind": "import", "applicant_name": "«Үлгі» ЖШС", "seller": "Example Chemicals Co., Ltd., Shanghai", "seller_country": "CN",
		"dispatch_country": "CN", "start_date": start, "end_date": end, "contract_number": "KZ-26/118", "contract_date": contract,
		"currency": "USD", "value": "48000", "statistical_value": "48000", "origin_country": "CN", "quantity": "12000", "unit": "166",
		"goods_code": "290361", "additional_information": "13,6 кг баллондарда", "surname": "Үлгібаев", "given_name": "Ерлан", "patronymic": "Маратұлы",
		"position": "Директор", "phone": "+77011234567", "warning": "yes",
	}
}
