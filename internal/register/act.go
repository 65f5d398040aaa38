package register

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// undrawn is how many permits one reading gives.
const undrawn = 100

// Draw makes the documents of acts that are known and have none yet. What cannot be made hinders no other: the faults are joined,
// and the next time tries again.
func (r *Register) Draw(ctx context.Context) error {
	var wrong error
	for after := ""; ; {
		var list []string
		err := r.Store.View(ctx, func(v port.View) (err error) {
			list, err = v.Permits().Documents().Undrawn(ctx, after, undrawn)
			return err
		})
		if err != nil {
			return errors.Join(wrong, err)
		}
		for _, number := range list {
			if err := r.RenderAll(ctx, number); err != nil {
				wrong = errors.Join(wrong, fmt.Errorf("permit %s: %w", number, err))
			}
			after = number
		}
		if len(list) < undrawn || ctx.Err() != nil {
			return wrong
		}
	}
}

// RenderAll makes every document of a permit as it stands that does not exist, in all languages: its own, those of its
// appendices, those of the acts that officials ordered.
func (r *Register) RenderAll(ctx context.Context, number string) error {
	card, err := r.card(ctx, number)
	if err != nil {
		return err
	}
	for _, l := range lang.All() {
		if _, err := r.Render(ctx, number, l); err != nil {
			return err
		}
		for _, a := range card.Permit.Standing.Appendices {
			if _, err := r.renderAppendix(ctx, card, a, l); err != nil {
				return err
			}
		}
		for _, a := range card.Acts {
			if a.Order == "" {
				continue
			}
			if _, err := r.RenderAct(ctx, number, a.Seq, l); err != nil {
				return err
			}
		}
	}
	if len(card.Acts) == 0 {
		return nil
	}
	return r.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Permits().Drawn(number, len(card.Acts))
		return nil
	})
}

// RenderAct makes the document of an act that officials ordered, in a language, unless it exists.
func (r *Register) RenderAct(ctx context.Context, number string, seq int, l lang.Lang) (permit.File, error) {
	card, err := r.card(ctx, number)
	if err != nil {
		return permit.File{}, err
	}
	a, err := card.Act(seq)
	if err == nil && a.Order == "" {
		err = fault.New(fault.NotFound, "fault.not-found")
	}
	if err != nil {
		return permit.File{}, err
	}
	made := func(f permit.File) bool { return f.Act == seq && f.Lang == string(l) }
	if i := slices.IndexFunc(card.Files, made); i >= 0 {
		return card.Files[i], nil
	}
	watermark, _ := r.Watermark.In(l)
	f, err := r.draw(ctx, card, card.actPaper(r.Texts.In(l), a, r.Origin, watermark), permit.File{Permit: number, Act: seq, Lang: string(l)})
	if fault.Is(err, "store.file-exists") {
		return r.RenderAct(ctx, number, seq, l)
	}
	return f, err
}

// actPaper is the document of an act: what is done with which permit, on which ground, with the reasons in both languages.
func (c Card) actPaper(p *lang.Printer, a permit.Act, origin, watermark string) port.Paper {
	body, _ := c.Body.Name.In(p.Lang)
	ground, _ := a.Ground.Text.In(p.Lang)
	act, _ := a.Ground.Act.In(p.Lang)
	kind, _ := c.Revision.Definition.Permit.Kind.In(p.Lang)
	signatory, _ := c.Body.Signatory.In(p.Lang)
	d := port.Paper{
		Lang: p.Lang, Title: p.T("acts.order-paper"), Subtitle: p.T("acts.kind." + string(a.Kind)), StateBody: body, Emblem: true,
		Number:       port.Labelled{Label: p.T("permit.number"), Value: c.Permit.Number},
		OtherNumbers: []port.Labelled{{Label: p.T("acts.known"), Value: p.Time(a.At)}}, Issued: a.At, Watermark: watermark,
		Verify: port.Verify{URL: CheckAddress(origin, c.Permit.Number, c.Permit.Check), Text: p.T("permit.check-text"), HostInWords: host(origin)},
	}
	row := func(label, value string) {
		if value != "" {
			d.Rows = append(d.Rows, port.Row{Cells: []port.Cell{{Label: label, Value: value, Width: 12}}})
		}
	}
	row(p.T("permits.kind-of-document"), kind)
	row(p.T("permits.holder"), c.Permit.HolderName+", "+c.Permit.HolderNumber)
	row(p.T("acts.from"), p.LongDate(a.From))
	switch {
	case !a.To.IsZero():
		row(p.T("acts.to"), p.LongDate(a.To))
	case a.Kind == permit.Suspension:
		row(p.T("acts.to"), p.T("acts.to-open"))
	}
	if a.Reverses > 0 {
		if x, err := c.Act(a.Reverses); err == nil {
			row(p.T("acts.reverses"), p.T("acts.one", "seq", strconv.Itoa(x.Seq), "kind", p.T("acts.kind."+string(x.Kind)), "from", p.Date(x.From)))
		}
	}
	for _, f := range c.Correctable() {
		if value, changed := a.Values[f.Key]; changed {
			label, _ := f.Label.In(p.Lang)
			row(label, c.Form.Read(f, value, p.Lang, p).Text)
		}
	}
	row(p.T("acts.legal-ground"), ground)
	row(p.T("filing.ground-act"), act)
	row(p.T("office.reason-kk"), a.Ground.KK)
	row(p.T("office.reason-ru"), a.Ground.RU)
	if a.Kind.Unfavourable() {
		d.Notes = append(d.Notes, p.T("filing.appeal"))
	}
	if signatory != "" {
		d.Signatory = append(d.Signatory, port.Labelled{Label: p.T("permit.signatory"), Value: signatory})
	}
	return d
}

// DownloadAct gives the holder the document of an act.
func (r *Register) DownloadAct(ctx context.Context, actor access.Actor, number string, seq int, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	if _, err := r.Card(ctx, actor, number); err != nil {
		return permit.File{}, nil, err
	}
	return r.opened(ctx)(r.RenderAct(ctx, number, seq, l))
}

// DeskDownload gives an official the document of a permit in an edition, 0 = as it stands; earlier ones only as they were made.
func (r *Register) DeskDownload(ctx context.Context, actor access.Actor, number string, edition int, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	card, err := r.Desk(ctx, actor, number)
	if err != nil {
		return permit.File{}, nil, err
	}
	if edition == 0 || edition == card.Permit.Standing.Edition {
		return r.open(ctx, number, l)
	}
	for _, f := range card.Files {
		if f.Edition == edition && f.Appendix == "" && f.Lang == string(l) {
			return r.opened(ctx)(f, nil)
		}
	}
	return permit.File{}, nil, fault.New(fault.NotFound, "fault.not-found")
}

// DeskDownloadAct gives an official the document of an act.
func (r *Register) DeskDownloadAct(ctx context.Context, actor access.Actor, number string, seq int, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	if _, err := r.Desk(ctx, actor, number); err != nil {
		return permit.File{}, nil, err
	}
	return r.opened(ctx)(r.RenderAct(ctx, number, seq, l))
}
