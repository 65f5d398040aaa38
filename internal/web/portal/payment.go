package portal

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"elicense/internal/application"
	"elicense/internal/billing"
	"elicense/internal/casework"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/filing"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// noticeBody bounds a callback of the payment gateway, in bytes.
const noticeBody = 64 << 10

// paymentView is what is owed and how it is paid (manual of the trade licence, 3.2, step 8).
type paymentView struct {
	Words       *page.Words
	Progress    page.Progress
	Heading     page.Heading
	Moved       *movedView // what a new revision of the service changed; the check dismisses it
	Notices     []page.Banner
	Rows        []page.Row
	Instruction page.File
	Pay         *page.Form // nil when nothing is left to pay
	Button      string
	Warning     *page.Banner // before going on without having paid
	Ends        []page.Button
}

// payment shows sum, purpose and payer; where nothing is owed the wizard goes on to the check.
func (p *Portal) payment(w http.ResponseWriter, r *web.Request) error {
	d, ok, err := p.open(w, r)
	if !ok || err != nil {
		return err
	}
	if d.Facts.FeeDue == 0 && !d.Facts.NoMCI {
		return p.Server.Go(w, r, applicationPath(r, d.Application.Number, "/"+stepCheck))
	}
	progress, err := p.progress(r, d, stepPayment)
	if err != nil {
		return err
	}
	rows, err := p.feeRows(r, d)
	if err != nil {
		return err
	}
	moved, err := p.movedOf(r, d)
	if err != nil {
		return err
	}
	number, title := d.Application.Number, r.Say.T("wizard.payment")
	before, after := around(p.steps(r, d), stepPayment)
	v := paymentView{
		Words: p.Server.Words(r.Lang), Progress: progress, Heading: page.Heading{Caption: tr(r, d.Definition().Name), Text: title}, Moved: moved, Rows: rows,
		Instruction: page.File{Name: r.Say.T("filing.instruction"), Href: applicationPath(r, number, "/payment/instruction"), Note: r.Say.T("filing.instruction-note")},
	}
	back, next := page.Button{Text: r.Say.T("wizard.back"), Kind: page.Secondary, Href: before}, page.Button{Text: r.Say.T("wizard.next"), Href: after}
	problem, waits := casework.WithoutMCI(d.Facts)
	switch {
	case waits:
		v.Notices, v.Instruction = []page.Banner{{Kind: page.Caution, Text: p.sayField(r, d.Form, problem)}}, page.File{}
	case d.Facts.FeePaid:
		v.Notices = []page.Banner{{Kind: page.Done, Text: r.Say.T("filing.paid")}}
	default:
		v.Heading.Lead = r.Say.T("filing.payment-lead")
		v.Pay, v.Button = &page.Form{Action: applicationPath(r, number, "/payment"), CSRF: r.CSRF()}, r.Say.T("filing.pay", "sum", r.Say.Money(d.Facts.FeeDue))
		v.Warning = &page.Banner{Kind: page.Caution, Title: r.Say.T("filing.unpaid-title"), Text: r.Say.T("filing.unpaid-text")}
		next.Text, next.Kind = r.Say.T("filing.unpaid-next"), page.Secondary
	}
	v.Ends = []page.Button{back, next}
	return p.show(w, r, p.wizardChrome(r, number, title), paymentPage(v))
}

// feeRows say what is paid, for what, by whom and, once it is, with which receipt.
func (p *Portal) feeRows(r *web.Request, d filing.Draft) ([]page.Row, error) {
	sum, err := p.feeSum(r, d)
	if err != nil {
		return nil, err
	}
	state := page.Tag{Text: r.Say.T("filing.fee-due"), Tone: page.Soon}
	if d.Facts.FeePaid {
		state = page.Tag{Text: r.Say.T("filing.fee-paid"), Tone: page.Good}
	}
	rows := []page.Row{
		{Name: r.Say.T("filing.fee-sum"), Value: sum},
		{Name: r.Say.T("filing.fee-purpose"), Value: p.feePurpose(r, d)},
		{Name: r.Say.T("filing.payer"), Value: d.Party.Name + ", " + d.Party.Number},
		{Name: r.Say.T("filing.number"), Value: d.Application.Number},
		{Name: r.Say.T("filing.fee-state"), Body: page.StatusTag(state)},
	}
	if d.Facts.FeePaid {
		rows = append(rows, page.Row{Name: r.Say.T("filing.receipt"), Value: d.Invoice.Receipt}, page.Row{Name: r.Say.T("filing.paid-at"), Value: r.Say.Time(d.Invoice.PaidAt)})
	}
	return rows, nil
}

// feeSum writes the sum in tenge and, where the fee is one of indices, their count.
func (p *Portal) feeSum(r *web.Request, d filing.Draft) (string, error) {
	text := r.Say.Money(d.Facts.FeeDue)
	operation, ok := d.Definition().Operation(d.Application.Operation)
	if !ok {
		return text, nil
	}
	day := d.Facts.Today
	if d.Invoiced {
		day = civil.Of(d.Invoice.CreatedAt, lang.Almaty())
	}
	f, err := p.Filing.Casework.FeeBefore(r.Context(), d.Form.Revision, casework.Before{
		Operation: operation, Subtype: d.Application.Subtype, Recipient: d.Facts.Recipient, Day: day,
	})
	if err != nil {
		return "", err
	}
	if d.Facts.NoMCI && !d.Invoiced {
		return feeText(r, operation, f), nil
	}
	if f.InMCI && f.Sum == d.Facts.FeeDue {
		return r.Say.T("filing.fee-mci", "sum", text, "count", r.Say.Number(f.Count)), nil
	}
	return text, nil
}

func (p *Portal) feePurpose(r *web.Request, d filing.Draft) string {
	operation, _ := d.Definition().Operation(d.Application.Operation)
	return r.Say.T("filing.fee-for", "operation", tr(r, operation.Name), "service", tr(r, d.Definition().Name))
}

// pay makes the invoice and sends the reader to the payment gateway.
func (p *Portal) pay(w http.ResponseWriter, r *web.Request) error {
	d, _, err := p.open(w, r)
	if err != nil {
		return err
	}
	number := d.Application.Number
	if d.Facts.FeePaid || d.Facts.FeeDue == 0 {
		return p.Server.Go(w, r, applicationPath(r, number, "/payment"))
	}
	if _, err := p.Billing.EnsureInvoice(r.Context(), r.Actor, number, d.Facts.FeeDue, d.Application.Operation); err != nil {
		return err
	}
	address, err := p.Billing.Start(r.Context(), r.Actor, number, r.Lang, p.Origin+applicationPath(r, number, "/payment/return"))
	if fault.Is(err, billing.KeyAlreadyPaid) { // the notice came in between
		return p.Server.Go(w, r, applicationPath(r, number, "/payment"))
	}
	if err != nil {
		return err
	}
	return p.Server.Go(w, r, address)
}

// How long the answer after the payment waits for the gateway's callback, and how often it looks.
const (
	waitPaid = 2 * time.Second
	waitStep = 200 * time.Millisecond
)

// paidView is the page to which the gateway sends the person back.
type paidView struct {
	Words   *page.Words
	Heading page.Heading
	Notice  page.Banner
	Rows    []page.Row
	Ends    []page.Button
}

// paid says whether the gateway's callback has come. It usually comes together with the person, so the answer waits for
// it a little; a page that loads itself again would take a slow reader by surprise (WCAG 2.2.1).
func (p *Portal) paid(w http.ResponseWriter, r *web.Request) error {
	d, err := p.Filing.Open(r.Context(), r.Actor, r.PathValue("number"))
	for waited := time.Duration(0); err == nil && !d.Facts.FeePaid && waited < waitPaid; waited += waitStep {
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case <-time.After(waitStep):
		}
		d, err = p.Filing.Open(r.Context(), r.Actor, r.PathValue("number"))
	}
	if err != nil {
		return err
	}
	number, here := d.Application.Number, applicationPath(r, d.Application.Number, "/payment/return")
	key := "filing.return-late"
	if d.Facts.FeePaid {
		key = "filing.return-paid"
	}
	rows, err := p.feeRows(r, d)
	if err != nil {
		return err
	}
	title := r.Say.T(key)
	v := paidView{Words: p.Server.Words(r.Lang), Heading: page.Heading{Caption: number, Text: title}, Rows: rows,
		Notice: page.Banner{Kind: page.Info, Text: r.Say.T(key + "-text")}}
	_, next := around(p.steps(r, d), stepPayment)
	switch {
	case d.Application.State != application.Draft:
		v.Ends = []page.Button{{Text: r.Say.T("wizard.view"), Href: applicationPath(r, number, "")}}
	case d.Facts.FeePaid:
		v.Notice.Kind = page.Done
		v.Ends = []page.Button{{Text: r.Say.T("wizard.next"), Href: next}}
	default:
		v.Ends = []page.Button{{Text: r.Say.T("filing.return-again"), Href: here}, {Text: r.Say.T("filing.return-back"), Kind: page.Secondary, Href: applicationPath(r, number, "/payment")}}
	}
	return p.show(w, r, p.wizardChrome(r, number, title), paidPage(v))
}

// paymentInstruction is the instruction as a document: what to pay, for what and how.
func (p *Portal) paymentInstruction(w http.ResponseWriter, r *web.Request) error {
	d, err := p.Filing.Open(r.Context(), r.Actor, r.PathValue("number"))
	if err != nil {
		return err
	}
	if d.Facts.FeeDue == 0 {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	sum, err := p.feeSum(r, d)
	if err != nil {
		return err
	}
	body, _ := p.Catalogue.Body(d.Application.Body)
	cell := func(no, key, value string) port.Row {
		return port.Row{Cells: []port.Cell{{No: no, Label: r.Say.T(key), Value: value, Width: 12}}}
	}
	paper := port.Paper{
		Lang: r.Lang, Title: r.Say.T("filing.instruction"), Subtitle: tr(r, d.Definition().Name), StateBody: tr(r, body.Name),
		Number: port.Labelled{Label: r.Say.T("filing.number"), Value: d.Application.Number},
		Rows: []port.Row{
			cell("1", "filing.fee-sum", sum), cell("2", "filing.fee-purpose", p.feePurpose(r, d)),
			cell("3", "filing.payer", d.Party.Name+"\n"+d.Party.Number), cell("4", "filing.licensor", tr(r, body.Name)),
		},
		Issued: d.Application.CreatedAt, Watermark: tr(r, p.Register.Watermark),
	}
	for _, key := range []string{"filing.instruction-1", "filing.instruction-2", "filing.instruction-3", "filing.instruction-4"} {
		paper.Notes = append(paper.Notes, r.Say.T(key))
	}
	return p.answerPaper(w, r, paper, d.Application.Number+"-"+string(r.Lang)+"-payment.pdf")
}

// answerPaper prints a paper and answers with the file.
func (p *Portal) answerPaper(w http.ResponseWriter, r *web.Request, paper port.Paper, name string) error {
	p.printable(&paper)
	file, err := p.Renderer.Render(r.Context(), paper)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(len(file)))
	web.AsFile(h, name)
	if r.Method != http.MethodHead {
		_, _ = w.Write(file) // the reader went away: nothing to do about it
	}
	return nil
}

// signatureHeader carries the payment gateway's signature over the body of a callback.
const signatureHeader = "Payment-Signature"

// paymentNotice takes a callback of the payment gateway. It is answered in plain words; anything but 200 makes the
// gateway send it again.
func (p *Portal) paymentNotice(w http.ResponseWriter, r *web.Request) error {
	body, err := io.ReadAll(r.Body)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return answerPlain(w, http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return answerPlain(w, http.StatusBadRequest)
	}
	err = p.Billing.HandleNotice(r.Context(), body, r.Header.Get(signatureHeader))
	if err == nil {
		return answerPlain(w, http.StatusOK)
	}
	switch fault.KindOf(err) {
	case fault.Denied, fault.Unauthenticated:
		return answerPlain(w, http.StatusUnauthorized)
	case fault.NotFound:
		return answerPlain(w, http.StatusNotFound)
	case fault.Invalid, fault.Conflict:
		p.Server.Log.Error("payment notice refused", "request", r.ID, "error", err)
		return answerPlain(w, http.StatusConflict)
	case fault.Internal:
		p.Server.Log.Error("payment notice failed", "request", r.ID, "error", err)
	}
	return answerPlain(w, web.StatusOf(err))
}

func answerPlain(w http.ResponseWriter, status int) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, http.StatusText(status)+"\n") // the gateway went away: it will send the notice again
	return nil
}
