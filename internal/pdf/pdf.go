// Package pdf prints official papers: licences, appendices, receipts and reasoned refusals, as A4 pages with a grid of
// numbered boxes, a QR code drawn as vectors and a structure that screen readers follow.
//
// It has a PDF writer of its own (docs/decisions/0002-pdf-writer.md). A Renderer opens the fonts once; a document then
// costs the copying of the few glyphs that it uses. The file holds no script, no action, no link and no form, and it is
// a pure function of the document: its only time is the moment of issue.
//
// Values are printed as they are. Characters that cannot be seen or that reorder text appear as U+FFFD (see clean); a
// character without a glyph is a fault, never a gap in an official paper.
package pdf

import (
	"context"
	"fmt"
	"sync"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
)

// MaxPages is the longest document that is printed; more is fault.TooLarge "pdf.pages".
const MaxPages = 300

// Renderer implements port.Renderer. It is made once and shared by any number of goroutines.
type Renderer struct {
	fonts   [fontCount]*font
	cores   map[lang.Lang]*[fontCount]*prepared
	packers *sync.Pool
	rosette []byte // compressed drawings, the same in every document
	band    []byte
}

var _ port.Renderer = (*Renderer)(nil)

// New opens the fonts that the program carries. It fails only when one of them is damaged.
func New() (*Renderer, error) {
	r := &Renderer{packers: newPackers()}
	files := [fontCount]struct {
		name string
		data []byte
	}{
		fontSans:      {"LiberationSans", liberationsansregular.TTF},
		fontSansBold:  {"LiberationSans-Bold", liberationsansbold.TTF},
		fontSerif:     {"LiberationSerif", liberationserifregular.TTF},
		fontSerifBold: {"LiberationSerif-Bold", liberationserifbold.TTF},
		fontWide:      {"DejaVuSans", dejavusans.TTF},
		fontWideBold:  {"DejaVuSans-Bold", dejavusansbold.TTF},
	}
	for i, f := range files {
		opened, err := openFont(f.name, f.data)
		if err != nil {
			return nil, err
		}
		r.fonts[i] = opened
	}
	if err := r.prepareCores(); err != nil {
		return nil, err
	}
	r.rosette, r.band = packBest(rosette()), packBest(band())
	return r, nil
}

// Render prints a document; see port.Renderer.
func (r *Renderer) Render(ctx context.Context, d port.Paper) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cores, ok := r.cores[d.Lang]
	if !ok {
		return nil, fault.New(fault.Invalid, "pdf.lang")
	}
	d = cleanDocument(d)
	code, err := qrOf(d)
	if err != nil {
		return nil, err
	}
	c := &canvas{r: r, cores: cores}
	l := &layout{canvas: c, ctx: ctx, d: d, code: code}
	if err := l.draw(); err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, c.err
	}
	return c.write(d), nil
}

// cleanDocument makes every string printable and copies the slices on the way, so the caller's document stays as it is.
func cleanDocument(d port.Paper) port.Paper {
	labelled := func(in []port.Labelled) []port.Labelled {
		out := make([]port.Labelled, len(in))
		for i, v := range in {
			out[i] = port.Labelled{Label: clean(v.Label), Value: clean(v.Value)}
		}
		return out
	}
	d.Title, d.Subtitle, d.StateBody, d.Watermark = clean(d.Title), clean(d.Subtitle), clean(d.StateBody), oneLine(d.Watermark)
	d.Number = port.Labelled{Label: clean(d.Number.Label), Value: clean(d.Number.Value)}
	d.OtherNumbers, d.Signatory = labelled(d.OtherNumbers), labelled(d.Signatory)
	rows := make([]port.Row, len(d.Rows))
	for i, row := range d.Rows {
		rows[i].Cells = make([]port.Cell, len(row.Cells))
		for j, cell := range row.Cells {
			rows[i].Cells[j] = port.Cell{
				No: oneLine(cell.No), Label: clean(cell.Label), Value: clean(cell.Value), Width: cell.Width,
			}
		}
	}
	d.Rows = rows
	notes := make([]string, len(d.Notes))
	for i, n := range d.Notes {
		notes[i] = clean(n)
	}
	d.Notes = notes
	d.Verify.Text, d.Verify.HostInWords = clean(d.Verify.Text), clean(d.Verify.HostInWords)
	return d
}

// write turns the drawn pages into a file.
func (c *canvas) write(d port.Paper) []byte {
	f := newFile(c.r.packers)
	catalog, pages, tree := f.reserve(), f.reserve(), f.reserve()
	resources := f.add(c.resources(f))
	numbers := make([]int, len(c.pages))
	for i := range c.pages {
		numbers[i] = f.reserve()
	}
	kids := ""
	for i, p := range c.pages {
		content := f.stream("", p.buf)
		f.put(numbers[i], fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %v %v]/Resources %d 0 R/Contents %d 0 R"+
			"/StructParents %d/Tabs/S>>", pages, pageWidth, pageHeight, resources, content, i))
		kids += fmt.Sprintf("%d 0 R ", numbers[i])
	}
	f.put(pages, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(c.pages), kids))
	c.structure(f, tree, numbers)
	metadata := f.reserve()
	f.raw(metadata, "/Type/Metadata/Subtype/XML", xmp(d))
	f.put(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang(%s)/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R"+
		"/ViewerPreferences<</DisplayDocTitle true>>/Metadata %d 0 R>>", pages, d.Lang, tree, metadata))
	created := ""
	if !d.Issued.IsZero() {
		created = "/CreationDate" + pdfDate(d.Issued) + "/ModDate" + pdfDate(d.Issued)
	}
	info := f.add(fmt.Sprintf("<</Title%s/Author%s/Subject%s/Producer(elicense)%s>>", textString(fullTitle(d)),
		textString(oneLine(d.StateBody)), textString(oneLine(d.Subtitle)), created))
	return f.finish(catalog, info)
}

// resources writes the used fonts and the drawings and gives the dictionary that all pages share.
func (c *canvas) resources(f *file) string {
	fonts := ""
	for i := range c.used {
		if c.used[i] {
			fonts += fmt.Sprintf("%s %d 0 R", coreResource(i), embed(f, c.cores[i]))
		}
		if c.extra[i] != nil {
			own := prepare(c.extra[i], func(data []byte) []byte { return pack(c.r.packers, data) })
			fonts += fmt.Sprintf("%s %d 0 R", extraResource(i), embed(f, own))
		}
	}
	box := fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[-%[1]v -%[1]v %[1]v %[1]v]", rosetteRadius+1)
	drawing := f.packed(box, c.r.rosette)
	braid := f.packed(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[-1 -%[2]v %[1]v %[2]v]", bandWidth+1, bandHeight), c.r.band)
	return fmt.Sprintf("<</Font<<%s>>/XObject<<%s %d 0 R%s %d 0 R>>>>", fonts, formRosette, drawing, formBand, braid)
}
