package register

import (
	"context"
	"io"
	"maps"
	"slices"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// AppendixRows gives the boxes of an appendix, row by row, in the printer's language.
func (c Card) AppendixRows(a permit.Appendix, p *lang.Printer) ([][]Box, error) {
	return c.appended(a, p).boxes(c.Revision.Definition.Permit.Appendix.Rows)
}

// appended is an appendix in one language. It shows what the application said that brought it, and the permit where that said
// nothing.
func (c Card) appended(a permit.Appendix, p *lang.Printer) sheet {
	s := c.sheet(p)
	values := maps.Clone(s.permit.Standing.Values)
	maps.Copy(values, a.Values)
	s.permit.Standing.Values, s.appendix = values, a
	return s
}

// Appendix finds an appendix of the permit by its number.
func (c Card) Appendix(number string) (permit.Appendix, bool) {
	i := slices.IndexFunc(c.Permit.Standing.Appendices, func(a permit.Appendix) bool { return a.Number == number })
	if i < 0 {
		return permit.Appendix{}, false
	}
	return c.Permit.Standing.Appendices[i], true
}

// Lapsed tells whether a file is the document of an appendix that holds no more.
func (c Card) Lapsed(f permit.File) bool {
	a, ok := c.Appendix(f.Appendix)
	return f.Appendix != "" && (!ok || !a.Ended.IsZero())
}

// DownloadAppendix gives the holder the document of an appendix in a language, making it now if nobody asked before.
func (r *Register) DownloadAppendix(ctx context.Context, actor access.Actor, number, appendix string, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	card, err := r.Card(ctx, actor, number)
	if err != nil {
		return permit.File{}, nil, err
	}
	return r.openAppendix(ctx, card, appendix, l)
}

// DeskDownloadAppendix gives it to an official of the body that issued the permit.
func (r *Register) DeskDownloadAppendix(ctx context.Context, actor access.Actor, number, appendix string, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	card, err := r.Desk(ctx, actor, number)
	if err != nil {
		return permit.File{}, nil, err
	}
	return r.openAppendix(ctx, card, appendix, l)
}

// DownloadCheckedAppendix gives it to whoever holds the number and the code of the permit.
func (r *Register) DownloadCheckedAppendix(ctx context.Context, number, code, appendix string, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	checked, err := r.confirmed(ctx, number, code)
	if err != nil {
		return permit.File{}, nil, err
	}
	return r.openAppendix(ctx, checked.Card, appendix, l)
}

func (r *Register) openAppendix(ctx context.Context, card Card, number string, l lang.Lang) (permit.File, io.ReadSeekCloser, error) {
	a, ok := card.Appendix(number)
	if !ok {
		return permit.File{}, nil, fault.New(fault.NotFound, "fault.not-found")
	}
	return r.opened(ctx)(r.renderAppendix(ctx, card, a, l))
}

// renderAppendix makes the document of an appendix, once per edition of the permit: a correction may say something else in it.
func (r *Register) renderAppendix(ctx context.Context, card Card, a permit.Appendix, l lang.Lang) (permit.File, error) {
	wanted := permit.File{Permit: card.Permit.Number, Edition: card.Permit.Standing.Edition, Appendix: a.Number, Lang: string(l)}
	same := func(f permit.File) bool {
		return f.Edition == wanted.Edition && f.Appendix == wanted.Appendix && f.Act == 0 && f.Lang == wanted.Lang
	}
	if i := slices.IndexFunc(card.Files, same); i >= 0 {
		return card.Files[i], nil
	}
	watermark, _ := r.Watermark.In(l)
	paper, err := card.appended(a, r.Texts.In(l)).appendixPaper(r.Origin, watermark)
	if err != nil {
		return wanted, err
	}
	file, err := r.draw(ctx, card, paper, wanted)
	if !fault.Is(err, "store.file-exists") {
		return file, err
	}
	var files []permit.File
	err = r.Store.View(ctx, func(v port.View) (err error) {
		files, err = v.Permits().Documents().Files(ctx, wanted.Permit)
		return err
	})
	if i := slices.IndexFunc(files, same); err == nil && i >= 0 {
		return files[i], nil
	}
	return wanted, err
}

// appendixPaper makes the document of an appendix that the renderer draws: as that of the permit, with its own heading and boxes.
func (s sheet) appendixPaper(origin, watermark string) (port.Paper, error) {
	d := s.form.Revision.Definition
	p, err := s.paper(origin, watermark)
	if err != nil {
		return p, err
	}
	title, _ := d.Permit.Appendix.Title.In(s.lang)
	p.Subtitle, p.Title = p.Title, title+" № "+s.appendix.Number
	p.Rows, err = s.rows(d.Permit.Appendix.Rows)
	p.Notes = nil
	return p, err
}
