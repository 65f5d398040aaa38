// Package register is what becomes of issued permits: the holder's list and card, the documents to download, and the
// public check by which anyone finds out whether a permit is genuine.
package register

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/casework"
	"elicense/internal/catalogue"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// maxPermit bounds one rendered permit, in bytes.
const maxPermit = 20 << 20

// Seal signs a rendered document for the system; nil leaves documents unsealed.
type Seal func(ctx context.Context, pdf []byte, p permit.Permit) ([]byte, error)

// Register shows permits.
type Register struct {
	Store     port.Store
	World     port.World
	Blobs     port.Blobs
	Renderer  port.Renderer
	Seal      Seal
	Catalogue *catalogue.Catalogue
	Casework  *casework.Casework
	Texts     *lang.Catalogue
	Witness   port.Witness // of what officials read
	Origin    string       // of the public check address
	Watermark lang.Text
}

// Card is a permit with everything its page shows.
type Card struct {
	Permit   permit.Permit
	Revision *service.Revision
	Form     form.Form
	Body     service.Body
	Files    []permit.File
	Acts     []permit.Act
	Orders   []permit.Order // proposed acts, and what became of them
	State    permit.State
	Today    civil.Date
	// Withdrawn are the orders by which numbers of the permit were withdrawn, the oldest first. The document keeps the numbers
	// that were allocated: it is the register that tells what holds today.
	Withdrawn []ledger.Order
}

// Permits lists the holder's permits.
func (r *Register) Permits(ctx context.Context, actor access.Actor, s port.Search) ([]permit.Permit, error) {
	if err := actor.LoggedIn(); err != nil {
		return nil, err
	}
	s.Party = actor.Party
	var list []permit.Permit
	err := r.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Permits().List(ctx, s)
		return err
	})
	return list, err
}

// Card gives one of the holder's permits.
func (r *Register) Card(ctx context.Context, actor access.Actor, number string) (Card, error) {
	if err := actor.LoggedIn(); err != nil {
		return Card{}, err
	}
	card, err := r.card(ctx, number)
	if err != nil {
		return Card{}, err
	}
	if err := access.May(actor, access.View, card.Permit.Party); err != nil {
		return Card{}, err
	}
	return card, nil
}

func (r *Register) card(ctx context.Context, number string) (Card, error) {
	var c Card
	err := r.Store.View(ctx, func(v port.View) (err error) {
		if c.Permit, err = v.Permits().Permit(ctx, number); err != nil {
			return err
		}
		if c.Files, err = v.Permits().Documents().Files(ctx, number); err != nil {
			return err
		}
		if c.Acts, err = v.Permits().Acts(ctx, number); err != nil {
			return err
		}
		if c.Orders, err = v.Permits().Orders(ctx, port.PermitOrderSearch{Permit: number}); err != nil {
			return err
		}
		c.Withdrawn, err = v.Ledger().Orders(ctx, port.OrderSearch{Permit: number, State: ledger.Confirmed})
		return err
	})
	if err != nil {
		return c, err
	}
	c.Withdrawn = slices.DeleteFunc(c.Withdrawn, func(o ledger.Order) bool { return o.Does != ledger.Withdraw })
	if c.Revision, err = r.Catalogue.Revision(ctx, c.Permit.Service, c.Permit.Revision); err != nil {
		return c, err
	}
	if c.Form, err = r.Casework.FormOf(ctx, c.Revision); err != nil {
		return c, err
	}
	c.Body, _ = r.Catalogue.Body(c.Permit.Body)
	c.Today = r.Today()
	c.State = c.Permit.On(c.Today)
	return c, nil
}

// Checked is what the public check page may show. Confirmed means that the code of the document was given: then the
// holder is shown, also an individual; without it an individual's name and number stay hidden.
type Checked struct {
	Card
	Confirmed  bool
	ShowHolder bool
}

// Check looks a permit up for anyone, also by the number of the older system that its paper had. A wrong code answers as a
// permit that does not exist.
func (r *Register) Check(ctx context.Context, number, code string) (Checked, error) {
	unknown := fault.New(fault.NotFound, "check.unknown")
	number, err := r.known(ctx, number)
	if err != nil {
		return Checked{}, err
	}
	card, err := r.card(ctx, number)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return Checked{}, unknown
	}
	if err != nil {
		return Checked{}, err
	}
	if code != "" && subtle.ConstantTimeCompare([]byte(code), []byte(card.Permit.Check)) != 1 {
		return Checked{}, unknown
	}
	return Checked{Card: card, Confirmed: code != "", ShowHolder: code != "" || party.KindOf(card.Permit.HolderNumber) == party.Organisation}, nil
}

// known gives the number of the permit that somebody means. A number of a paper stands for the permit that the paper
// became, where only one paper has the number.
func (r *Register) known(ctx context.Context, typed string) (string, error) {
	typ, n, err := ident.ParseDocumentNumber(typed)
	if err == nil {
		return ident.DocumentNumber(typ, n), nil
	}
	if _, ok := PaperNumber(typed); !ok {
		return "", fault.At("number", "check.number")
	}
	papers, err := r.Numbered(ctx, typed)
	if err != nil {
		return "", err
	}
	if len(papers) != 1 || papers[0].Permit == "" {
		return "", fault.New(fault.NotFound, "check.unknown")
	}
	return papers[0].Permit, nil
}

// maxPaperNumber is the longest number of a paper that can be asked for, in characters.
const maxPaperNumber = 20

// PaperNumber gives the number of a paper as it is compared; false for what cannot be one, and for document numbers with a
// slip in them.
func PaperNumber(typed string) (string, bool) {
	if len(typed) > 4*maxPaperNumber {
		return "", false
	}
	s := ident.Folded(typed)
	if n := len([]rune(s)); n == 0 || n > maxPaperNumber || strings.HasPrefix(s, "KZ") || !strings.ContainsAny(s, "0123456789") || strings.ContainsAny(s, "/?#%.") {
		return "", false
	}
	return s, true
}

// Numbered lists the papers of any body with a number, restored or not.
func (r *Register) Numbered(ctx context.Context, number string) (list []permit.Paper, err error) {
	number, ok := PaperNumber(number)
	if !ok {
		return nil, nil
	}
	err = r.Store.View(ctx, func(v port.View) (err error) {
		list, err = v.Permits().Numbered(ctx, number, maxSameNumber)
		return err
	})
	return list, err
}

// Papers lists what was issued to the holder on paper and is not restored yet, the newest first.
func (r *Register) Papers(ctx context.Context, actor access.Actor) (list []permit.Paper, err error) {
	if err := actor.LoggedIn(); err != nil {
		return nil, err
	}
	err = r.Store.View(ctx, func(v port.View) error {
		holder, err := v.Accounts().Party(ctx, actor.Party)
		if err != nil {
			return err
		}
		list, err = v.Permits().Quarantine().Held(ctx, holder.Number, maxSameNumber)
		return err
	})
	return list, err
}

// maxSameNumber bounds the papers of one number that are looked at: each state body may have one of each series.
const maxSameNumber = 50

// Render makes the document of a permit in a language, unless it exists: made once, stored by hash. Repeating it is
// harmless; of two at once one wins and both give the same bytes.
func (r *Register) Render(ctx context.Context, number string, l lang.Lang) (permit.File, error) {
	card, err := r.card(ctx, number)
	if err != nil {
		return permit.File{}, err
	}
	if f, ok := card.fileIn(l); ok {
		return f, nil
	}
	watermark, _ := r.Watermark.In(l)
	paper, err := card.sheet(r.Texts.In(l)).paper(r.Origin, watermark)
	if err != nil {
		return permit.File{}, err
	}
	if card.Permit.Standing.Duplicate {
		paper.Subtitle = strings.TrimPrefix(paper.Subtitle+" · "+r.Texts.In(l).T("acts.duplicate"), " · ")
	}
	file, err := r.draw(ctx, card, paper, permit.File{Permit: number, Edition: card.Permit.Standing.Edition, Lang: string(l)})
	if fault.Is(err, "store.file-exists") {
		return r.stored(ctx, number, l)
	}
	return file, err
}

// draw renders, seals and stores a document, and notes it as the file.
func (r *Register) draw(ctx context.Context, card Card, paper port.Paper, file permit.File) (permit.File, error) {
	pdf, err := r.Renderer.Render(ctx, paper)
	if err != nil {
		return permit.File{}, err
	}
	if r.Seal != nil {
		if pdf, err = r.Seal(ctx, pdf, card.Permit); err != nil {
			return permit.File{}, err
		}
	}
	if file.Digest, file.Size, err = r.Blobs.Put(ctx, bytes.NewReader(pdf), maxPermit); err != nil {
		return permit.File{}, err
	}
	file.MadeAt = r.World.Now()
	details := map[string]string{"lang": file.Lang, "digest": file.Digest, "size": strconv.FormatInt(file.Size, 10)}
	if file.Appendix != "" {
		details["appendix"] = file.Appendix
	}
	if file.Act > 0 {
		details["act"] = strconv.Itoa(file.Act)
	} else if file.Edition > 1 {
		details["edition"] = strconv.Itoa(file.Edition)
	}
	return file, r.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Permits().AddFile(file)
		tx.Write().Records().Audit(audit.Entry{ID: r.World.ID(), Salt: r.World.Random(16), At: file.MadeAt, Actor: "system", Action: "permit.rendered",
			Object: "permit/" + file.Permit, Details: details})
		return nil
	})
}

func (r *Register) stored(ctx context.Context, number string, l lang.Lang) (permit.File, error) {
	card, err := r.card(ctx, number)
	if err != nil {
		return permit.File{}, err
	}
	f, ok := card.fileIn(l)
	if !ok {
		return f, fault.New(fault.Internal, "permit.file").Because(errors.New("a rendering exists and does not"))
	}
	return f, nil
}

// fileIn is the document of the permit as it stands, in a language.
func (c Card) fileIn(l lang.Lang) (permit.File, bool) {
	for _, f := range c.Files {
		if f.Lang == string(l) && f.Edition == c.Permit.Standing.Edition && f.Appendix == "" {
			return f, true
		}
	}
	return permit.File{}, false
}

// Download gives the holder the document of a permit in a language, making it now if the job has not yet.
func (r *Register) Download(ctx context.Context, actor access.Actor, number string, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	if _, err := r.Card(ctx, actor, number); err != nil {
		return permit.File{}, nil, err
	}
	return r.open(ctx, number, l)
}

// DownloadChecked gives the document to whoever holds its number and code.
func (r *Register) DownloadChecked(ctx context.Context, number, code string, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	checked, err := r.confirmed(ctx, number, code)
	if err != nil {
		return permit.File{}, nil, err
	}
	return r.open(ctx, checked.Permit.Number, l)
}

// confirmed looks up a permit whose code is given; without it there are no documents.
func (r *Register) confirmed(ctx context.Context, number, code string) (Checked, error) {
	checked, err := r.Check(ctx, number, code)
	if err == nil && !checked.Confirmed {
		err = fault.New(fault.NotFound, "fault.not-found")
	}
	return checked, err
}

func (r *Register) open(ctx context.Context, number string, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	return r.opened(ctx)(r.Render(ctx, number, l))
}

// opened opens a file that was made.
func (r *Register) opened(ctx context.Context) func(permit.File, error) (permit.File, io.ReadSeekCloser, error) {
	return func(file permit.File, err error) (permit.File, io.ReadSeekCloser, error) {
		if err != nil {
			return file, nil, err
		}
		content, err := r.Blobs.Open(ctx, file.Digest)
		return file, content, err
	}
}

// Verify tells which permit a file is a rendering of, by the SHA-256 of its bytes.
func (r *Register) Verify(ctx context.Context, digest string) (Card, permit.File, error) {
	var file permit.File
	err := r.Store.View(ctx, func(v port.View) error {
		f, ok, err := v.Permits().Documents().FileByDigest(ctx, digest)
		if err == nil && !ok {
			return fault.New(fault.NotFound, "check.unknown-file")
		}
		file = f
		return err
	})
	if err != nil {
		return Card{}, file, err
	}
	card, err := r.card(ctx, file.Permit)
	return card, file, err
}
