package prepare

import (
	"context"
	"fmt"
	"maps"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/cms"
	"elicense/internal/filing"
	"elicense/internal/party"
	"elicense/internal/port"
)

// Request is a signed application of a holder about a permit.
type Request struct {
	Submission
	Permit string
	Ends   bool // it asks for the end of the permit; otherwise for another appendix
}

// requests gives count organisations a medical licence each, and has every other one ask for its end, the rest for an appendix;
// applicants begin after number n. The first half of the clerks examines, the other half decides.
func (m *maker) requests(ctx context.Context, n, count int) (list []Request, clerks []Official, err error) {
	if count == 0 {
		return nil, nil, nil
	}
	for i := range officialsMade {
		o, err := m.official(ctx, n+count+i, "moh", [...]access.Duty{access.Executor, access.Head}[i/(officialsMade/2)])
		if err != nil {
			return nil, nil, err
		}
		clerks = append(clerks, o)
	}
	for i := range count {
		r, err := m.request(ctx, n+i, i%2 == 0, clerks[0], clerks[officialsMade-1])
		if err != nil {
			return nil, nil, fmt.Errorf("request %d: %w", i, err)
		}
		list = append(list, r)
	}
	return list, clerks, nil
}

func (m *maker) request(ctx context.Context, i int, ends bool, executor, head Official) (Request, error) {
	r := Request{Ends: ends}
	acc, pair, document, err := m.applicant(ctx, i)
	if err != nil {
		return r, err
	}
	actor := access.Actor{Role: access.Applicant, Account: acc.ID, Party: acc.Party.ID}
	number, err := m.medical(ctx, acc, document, "issue", "")
	if err != nil {
		return r, err
	}
	draft, err := m.app.Filing.Open(ctx, actor, number)
	if err != nil {
		return r, err
	}
	if err := m.settle(ctx, number, draft.Facts.FeeDue); err != nil {
		return r, err
	}
	if err := m.submit(ctx, actor, pair, number); err != nil {
		return r, err
	}
	if r.Permit, err = m.granted(ctx, number, executor, head); err != nil {
		return r, err
	}
	operation := "appendix"
	if ends {
		operation = "terminate"
	}
	if number, err = m.medical(ctx, acc, document, operation, r.Permit); err != nil {
		return r, err
	}
	r.Submission, err = m.signed(ctx, acc, pair, number)
	return r, err
}

// medical makes a complete draft of the medical licence.
func (m *maker) medical(ctx context.Context, acc party.Account, document port.StoredDocument, operation, about string) (string, error) {
	actor := access.Actor{Role: access.Applicant, Account: acc.ID, Party: acc.Party.ID}
	number, err := m.app.Filing.Begin(ctx, actor, filing.Start{Service: "medical-activity", Body: "moh", Operation: operation, Permit: about})
	if err != nil {
		return "", err
	}
	if operation == "terminate" {
		return number, m.answer(ctx, number, map[string]string{"terminate_reason": "Қызмет тоқтатылады", "terminate_known": "yes", "truth": "yes"}, document)
	}
	answers := map[string]string{
		"holder_name": acc.Party.Name, "holder_address": "Астана қ., Мәңгілік Ел 8", "object_name": "Үлгі емханасы", "object_place": "711210000",
		"object_address": "Мәңгілік Ел 8", "object_right": "own", "subkinds": `[{"kind":"primary","specialists":"5"}]`, "truth": "yes",
	}
	if operation == "issue" {
		maps.Copy(answers, map[string]string{"city": "711210000", "postal_index": "010000", "street_ru": "Мәңгілік Ел", "house": "8", "phones": "+77172123456"})
	}
	return number, m.answer(ctx, number, answers, document, "premises", "qualification")
}

// granted lets two officials grant an application, the second with a signature, and gives the number of the permit.
func (m *maker) granted(ctx context.Context, number string, executor, head Official) (string, error) {
	version := func() (a application.Application, err error) {
		err = m.app.Store.View(ctx, func(v port.View) (err error) {
			a, err = v.Applications().Application(ctx, number)
			return err
		})
		return a, err
	}
	var found []application.Finding
	for _, key := range Requirements() {
		found = append(found, application.Finding{Requirement: key, Met: application.Met})
	}
	desk := m.app.Desk
	for _, step := range []func(v int) error{
		func(v int) error { return desk.Take(ctx, executor.actor, number, v) },
		func(v int) error { return desk.Examine(ctx, executor.actor, number, v, found) },
		func(v int) error {
			return desk.Propose(ctx, executor.actor, number, v, application.Proposal{Outcome: application.Grant})
		},
		func(v int) error { return desk.Take(ctx, head.actor, number, v) },
	} {
		a, err := version()
		if err != nil {
			return "", err
		}
		if err := step(a.Version); err != nil {
			return "", fmt.Errorf("step of %s in state %s: %w", number, a.State, err)
		}
	}
	r, err := desk.PrepareDecision(ctx, head.actor, "prepared", number)
	if err != nil {
		return "", err
	}
	signature, err := cms.Sign(r.Challenge.Content, head.Key.Key, head.Key.Certificate, cms.Options{Detached: true, SigningTime: m.app.World.Now()})
	if err != nil {
		return "", err
	}
	if err := desk.ConfirmSigned(ctx, head.actor, "prepared", number, r.Challenge.Nonce, signature); err != nil {
		return "", err
	}
	a, err := version()
	return a.Permit, err
}

// Requirements are those that an official examines before a medical licence or an appendix to one is granted.
func Requirements() []string { return []string{"premises", "equipment", "staff", "site"} }
