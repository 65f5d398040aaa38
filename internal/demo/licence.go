package demo

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/acts"
	"elicense/internal/application"
	"elicense/internal/billing"
	"elicense/internal/casework"
	"elicense/internal/charge"
	"elicense/internal/civil"
	"elicense/internal/demo/ca"
	"elicense/internal/documents"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Offices are the use cases through which the demonstration makes a licence with a history.
type Offices struct {
	Store     port.Store
	Accounts  *account.Accounts
	Filing    *filing.Filing
	Documents *documents.Documents
	Billing   *billing.Billing
	Desk      *casework.Desk
	Acts      *acts.Acts
	Keys      map[string]ca.KeyPair // of people and officials, by ca.Person.Name
	Pay       func(ctx context.Context, i charge.Invoice) error
	Now       func() time.Time
}

// The licence, and the body that issues it.
const (
	licence  = "medical-activity"
	licensor = "moh"
)

// hand is a person with a key, and what they act as.
type hand struct {
	actor access.Actor
	key   ca.KeyPair
}

// history is one licence on its way through the offices.
type history struct {
	Offices
	ctx                        context.Context
	holder, executor, approver hand
}

// Licence lets the first organisation have a licence with a history: issued with its first appendix, a second appendix, suspended,
// resumed, and reissued under another name. Everything goes through the steps of applicants and officials, signatures too. Where
// the organisation has an application for it, whatever became of it, nothing is done.
func (o Offices) Licence(ctx context.Context) error {
	h := history{Offices: o, ctx: ctx}
	known, err := h.people()
	if known || err != nil {
		return err
	}
	first, err := h.granted(filing.Start{Operation: "issue", Body: licensor}, object("Үлгі емханасы", "Үлгі көшесі, 3", "primary", "12"), "premises", "qualification")
	if err != nil {
		return err
	}
	if _, err := h.granted(filing.Start{Operation: "appendix", Permit: first}, object("Мысал зертханасы", "Мысал көшесі, 5", "laboratory", "3"), "premises", "qualification"); err != nil {
		return err
	}
	today := civil.Of(o.Now(), lang.Almaty())
	for _, act := range []acts.Proposal{
		{Kind: permit.Suspension, From: today, To: today.AddDays(30), Ground: "violation", ReasonKK: "Зертханадағы жабдықтың тексеру мерзімі өткен.", ReasonRU: "Истёк срок поверки оборудования лаборатории."},
		{Kind: permit.Resumption, From: today, Ground: "remedied", ReasonKK: "Жабдықты тексеру туралы куәлік ұсынылды.", ReasonRU: "Представлено свидетельство о поверке оборудования."},
	} {
		if err := h.act(first, act); err != nil {
			return err
		}
	}
	_, err = h.granted(filing.Start{Operation: "reissue", Permit: first}, map[string]string{"reissue_reason": "name", "holder_name": "«Үлгі Сауда» ЖШС", "truth": "yes"}, "change_proof")
	return err
}

// object answers the pages about an object; the holder's name is that before the change.
func object(name, address, kind, specialists string) map[string]string {
	return map[string]string{
		"city": "711210000", "postal_index": "010000", "street_kk": "Үлгі көшесі", "street_ru": "улица Улги", "house": "1", "phones": "+77010000003",
		"holder_name": "«Үлгі Медицина» ЖШС", "holder_address": "Астана қаласы, Үлгі көшесі, 1", "object_name": name, "object_place": "711210000", "object_address": address,
		"object_right": "own", "subkinds": `[{"kind":"` + kind + `","specialists":"` + specialists + `"}]`, "truth": "yes",
	}
}

// people finds the holder and the officials; known tells that the holder has applied before.
func (h *history) people() (known bool, err error) {
	var list []application.Application
	err = h.Store.View(h.ctx, func(v port.View) error {
		holders, err := v.Accounts().ByNumber(h.ctx, TradeBIN())
		if err != nil || len(holders) == 0 {
			return err
		}
		h.holder.actor = account.ActorOf(holders[0])
		for _, p := range People() {
			if p.Key.IIN == holders[0].IIN {
				h.holder.key = h.Keys[p.Key.Name()]
			}
		}
		list, err = v.Applications().List(h.ctx, port.Search{Party: holders[0].Party.ID, Service: licence, Limit: 1})
		return err
	})
	if err != nil {
		return false, err
	}
	officials, err := h.Accounts.Officials(h.ctx, licensor)
	for _, o := range officials {
		for login, to := range map[string]*hand{licensor + ".executor": &h.executor, licensor + ".approver": &h.approver} {
			if o.Login == login {
				*to = hand{access.ActorOf(o), h.Keys[(Official{Official: o, Group: bodyName(licensor)}).Key().Name()]}
			}
		}
	}
	return len(list) > 0, err
}

// granted files an application of the holder and lets the officials grant it; gives the permit that it led to.
func (h *history) granted(start filing.Start, answers map[string]string, papers ...string) (string, error) {
	start.Service = licence
	number, err := h.Filing.Begin(h.ctx, h.holder.actor, start)
	if err != nil {
		return "", err
	}
	for _, step := range []func(string) error{
		func(number string) error { return h.fill(number, answers) },
		func(number string) error { return h.attach(number, papers) },
		h.pay, h.send, h.decide,
	} {
		if err := step(number); err != nil {
			return "", fmt.Errorf("demonstration, %s of %s: %w", start.Operation, licence, err)
		}
	}
	return h.Filing.PermitOf(h.ctx, number)
}

func (h *history) fill(number string, answers map[string]string) error {
	d, err := h.Filing.Open(h.ctx, h.holder.actor, number)
	if err != nil {
		return err
	}
	for _, page := range d.Definition().Pages {
		values := maps.Clone(d.Application.Answers) // what is carried over from the permit stays
		maps.Copy(values, answers)
		if d, err = h.Filing.Save(h.ctx, h.holder.actor, number, filing.Save{Page: page.Key, Base: d.Base(page), Values: values}); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) attach(number string, keys []string) error {
	d, err := h.Filing.Open(h.ctx, h.holder.actor, number)
	if err != nil {
		return err
	}
	for _, key := range keys {
		i := slices.IndexFunc(d.Definition().Documents, func(x service.Document) bool { return x.Key == key })
		if i < 0 {
			return fmt.Errorf("%s asks for no document %s", licence, key)
		}
		name := d.Definition().Documents[i].Name.KK
		doc, err := h.Documents.Upload(h.ctx, h.holder.actor, documents.Upload{Name: name + ", " + number, File: name + ".pdf", Content: bytes.NewReader(sheet(number + "-" + key))})
		if err != nil {
			return err
		}
		if err := h.Filing.Attach(h.ctx, h.holder.actor, number, key, doc.ID); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) pay(number string) error {
	d, err := h.Filing.Open(h.ctx, h.holder.actor, number)
	if err != nil || d.Facts.FeeDue == 0 {
		return err
	}
	invoice, err := h.Billing.EnsureInvoice(h.ctx, h.holder.actor, number, d.Facts.FeeDue, d.Application.Operation)
	if err != nil {
		return err
	}
	return h.Pay(h.ctx, invoice)
}

// session binds what is signed here, in place of a browser's.
const session = "demonstration"

func (h *history) send(number string) error {
	c, err := h.Filing.Prepare(h.ctx, h.holder.actor, session, number)
	if err != nil {
		return err
	}
	signature, err := Sign(c.Content, h.holder.key, h.Now())
	if err != nil {
		return err
	}
	_, err = h.Filing.Submit(h.ctx, h.holder.actor, session, number, filing.Submission{Nonce: c.Nonce, CMS: signature})
	return err
}

// decide lets one official find every requirement met and propose, and another sign.
func (h *history) decide(number string) error {
	executor, approver := h.executor.actor, h.approver.actor
	at := func(actor access.Actor, do func(c casework.Case) error) error {
		c, err := h.Desk.Open(h.ctx, actor, number)
		if err != nil {
			return err
		}
		return do(c)
	}
	take := func(actor access.Actor) error {
		return at(actor, func(c casework.Case) error { return h.Desk.Take(h.ctx, actor, number, c.Application.Version) })
	}
	if err := take(executor); err != nil {
		return err
	}
	err := at(executor, func(c casework.Case) error {
		var found []application.Finding
		for _, requirement := range c.Definition().Process.Requirements {
			found = append(found, application.Finding{Requirement: requirement.Key, Met: application.Met})
		}
		if len(found) == 0 {
			return nil
		}
		return h.Desk.Examine(h.ctx, executor, number, c.Application.Version, found)
	})
	if err != nil {
		return err
	}
	err = at(executor, func(c casework.Case) error {
		return h.Desk.Propose(h.ctx, executor, number, c.Application.Version, application.Proposal{Outcome: application.Grant})
	})
	if err != nil {
		return err
	}
	if err := take(approver); err != nil {
		return err
	}
	r, err := h.Desk.PrepareDecision(h.ctx, approver, session, number)
	if err != nil {
		return err
	}
	return h.signed(r.Challenge, func(cms []byte) error {
		return h.Desk.ConfirmSigned(h.ctx, approver, session, number, r.Challenge.Nonce, cms)
	})
}

// act lets one official propose an act with a permit and another sign it.
func (h *history) act(number string, p acts.Proposal) error {
	id, err := h.Acts.Propose(h.ctx, h.executor.actor, number, p)
	if err != nil {
		return err
	}
	r, err := h.Acts.Prepare(h.ctx, h.approver.actor, session, id)
	if err != nil {
		return err
	}
	return h.signed(r.Challenge, func(cms []byte) error {
		return h.Acts.ConfirmSigned(h.ctx, h.approver.actor, session, id, r.Challenge.Nonce, cms)
	})
}

// signed signs what the approver is asked to.
func (h *history) signed(c port.Challenge, do func(cms []byte) error) error {
	signature, err := Sign(c.Content, h.approver.key, h.Now())
	if err != nil {
		return err
	}
	return do(signature)
}

// sheet is a PDF of one page with a line of text in Latin letters.
func sheet(text string) []byte {
	stream := "BT /F1 18 Tf 72 720 Td (" + text + ") Tj ET"
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, object := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(stream), stream), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	return b.Bytes()
}
