package prepare

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/cms"
	"elicense/internal/demo/ca"
	"elicense/internal/filing"
	"elicense/internal/paper"
	"elicense/internal/port"
)

// Official is an official with a session and a key.
type Official struct {
	Account, Cookie, Token string
	Key                    ca.KeyPair
	actor                  access.Actor
}

// officialsMade is how many officials there are of each of the two duties.
const officialsMade = 4

// work makes applications that wait for officials: restorations of paper licences, each of which is in the register. The
// first half of the officials examines, the other half confirms; applicants begin after number n.
func (m *maker) work(ctx context.Context, n, cases int) ([]string, []Official, error) {
	if cases == 0 {
		return nil, nil, nil
	}
	var papers strings.Builder
	papers.WriteString("body,kind_kk,kind_ru,category,series,number,issued,holder,holder_number,state\n")
	for i := range cases {
		fmt.Fprintf(&papers, "knb,Қызметтер,Услуги,activity,15,%d,2011-09-14,Үлгі,%s,acting\n", 1000+i, mustBIN(n+i))
	}
	got, err := m.app.Papers.Load(ctx, paper.File{Name: "prepared.csv", Content: []byte(papers.String())})
	if err != nil || got.Refused() > 0 || got.Rows() != cases {
		return nil, nil, fmt.Errorf("papers: %w %v", err, got)
	}
	var numbers []string
	for i := range cases {
		number, err := m.restoration(ctx, n+i, 1000+i)
		if err != nil {
			return nil, nil, err
		}
		numbers = append(numbers, number)
	}
	var officials []Official
	for i := range 2 * officialsMade {
		o, err := m.official(ctx, n+cases+i, "knb", [...]access.Duty{access.Executor, access.Approver}[i/officialsMade])
		if err != nil {
			return nil, nil, err
		}
		officials = append(officials, o)
	}
	return numbers, officials, nil
}

// restoration sends the application of organisation number i for its paper licence.
func (m *maker) restoration(ctx context.Context, i, licence int) (string, error) {
	acc, pair, document, err := m.applicant(ctx, i)
	if err != nil {
		return "", err
	}
	actor := access.Actor{Role: access.Applicant, Account: acc.ID, Party: acc.Party.ID}
	number, err := m.app.Filing.Begin(ctx, actor, filing.Start{Service: "licence-restoration", Subtype: "cryptography", Body: "knb"})
	if err != nil {
		return "", err
	}
	err = m.answer(ctx, number, map[string]string{
		"category": "activity", "series": "15", "licence_number": fmt.Sprint(licence), "issued_on": "2011-09-14", "small_business": "no",
		"city": "711210000", "postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456",
	}, document, "licence_copy")
	if err != nil {
		return "", err
	}
	return number, m.submit(ctx, actor, pair, number)
}

// submit sends a draft with its signature.
func (m *maker) submit(ctx context.Context, actor access.Actor, pair ca.KeyPair, number string) error {
	const binding = "prepared"
	challenge, err := m.app.Filing.Prepare(ctx, actor, binding, number)
	if err != nil {
		return err
	}
	signature, err := cms.Sign(challenge.Content, pair.Key, pair.Certificate, cms.Options{Detached: true, SigningTime: m.app.World.Now()})
	if err != nil {
		return err
	}
	_, err = m.app.Filing.Submit(ctx, actor, binding, number, filing.Submission{Nonce: challenge.Nonce, CMS: signature})
	return err
}

// official stores an official of a body, with person number i, a session and a key.
func (m *maker) official(ctx context.Context, i int, body string, duty access.Duty) (Official, error) {
	now := m.app.World.Now()
	o := access.Official{ID: m.app.World.ID(), Login: fmt.Sprint("official.", i), Person: mustIIN(i), Surname: "Үлгіманов", GivenName: "Нұрлан", Body: body, Duties: []access.Duty{duty},
		Password: "x", PasswordAt: now, Version: 1, CreatedAt: now}
	pair, err := m.authority.IssueOver(m.key, ca.Person{Kind: ca.Employee, IIN: o.Person, Surname: o.Surname, GivenName: o.GivenName, BIN: mustBIN(i), Organisation: "Мемлекеттік орган"})
	if err != nil {
		return Official{}, err
	}
	err = m.app.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Office().Officials().Add(o)
		return nil
	})
	if err != nil {
		return Official{}, err
	}
	token := hex.EncodeToString(m.app.World.Random(16))
	cookie, err := m.session(ctx, o.ID, account.OfficialMark(o), token, hex.EncodeToString(m.app.World.Random(16)))
	return Official{Account: o.ID, Cookie: cookie, Token: token, Key: pair, actor: access.ActorOf(o)}, err
}
