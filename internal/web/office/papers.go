package office

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/paper"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// pathPapers are the former registers that are brought in.
const pathPapers = "/papers"

// The acts on a batch.
const (
	actRelease = "release"
	actDrop    = "drop"
)

// notesShown is how many rows a page tells of; the file has more.
const notesShown = 50

func (o *Office) papersRoutes() []web.Route {
	const one = "/{lang}" + pathPapers + "/{id}"
	return []web.Route{
		{Pattern: "GET /{lang}" + pathPapers, Policy: web.Person, Handle: o.papersList, Page: "office-papers"},
		{Pattern: "POST /{lang}" + pathPapers, Policy: web.Person, Handle: o.bringPapers, Body: paper.MaxFile + web.MaxForm, PerMinute: 10},
		{Pattern: "GET /{lang}" + pathPapers + "/sample", Policy: web.Person, Handle: o.papersSample},
		{Pattern: "GET " + one, Policy: web.Person, Handle: o.papersBatch, Page: "office-papers-batch"},
		{Pattern: "POST " + one, Policy: web.Person, Handle: o.closePapers, Keep: true},
		{Pattern: "GET " + one + "/report", Policy: web.Person, Handle: o.papersReport},
	}
}

func papersAddress(r *web.Request, id string) string {
	return r.Link(pathPapers + "/" + url.PathEscape(id))
}

// papersList shows the batches of the body and asks for a file.
func (o *Office) papersList(w http.ResponseWriter, r *web.Request) error {
	return o.showPapers(w, r, nil)
}

func (o *Office) showPapers(w http.ResponseWriter, r *web.Request, problem error) error {
	if err := working(r); err != nil {
		return err
	}
	list, err := o.Papers.Batches(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	errs, _ := o.errorsOf(r, problem)
	v := o.sheet(r, r.Say.T("papers.title"), errs)
	v.Heading.Lead = r.Say.T("papers.lead")
	if o.Papers.MayBring(r.Actor) {
		v.Sections = append(v.Sections, o.papersForm(r, errs))
	}
	batches := sheetPart{ID: "batches", Title: r.Say.T("papers.batches")}
	if len(list) == 0 {
		batches.Texts = []string{r.Say.T("papers.none")}
	} else {
		t := &page.Table{ID: "batches-table", Caption: batches.Title, CaptionHidden: true, Stack: true, Columns: []page.Column{{Text: r.Say.T("papers.file")}, {Text: r.Say.T("papers.brought-at")},
			{Text: r.Say.T("papers.good"), Numeric: true}, {Text: r.Say.T("papers.wrong"), Numeric: true}, {Text: r.Say.T("table.status")}}}
		for _, b := range list {
			tag := batchTag(r, b)
			t.Rows = append(t.Rows, []page.Cell{{Text: b.File, Href: papersAddress(r, b.ID), Header: true}, {Text: r.Say.Time(b.Brought.At)},
				{Text: r.Say.Int(int64(b.Rows))}, {Text: r.Say.Int(int64(b.WrongRows))}, {Tag: &tag}})
		}
		batches.Table = t
	}
	v.Sections = append(v.Sections, batches)
	return o.show(w, r, problem, o.Chrome(r, v.Heading.Text), sheetPage(v))
}

// papersForm asks for the file and says what its columns are.
func (o *Office) papersForm(r *web.Request, errs page.Errors) sheetPart {
	t := &page.Table{ID: "columns", Caption: r.Say.T("papers.columns"), Stack: true, Columns: []page.Column{{Text: r.Say.T("papers.column")}, {Text: r.Say.T("papers.meaning")}}}
	for _, c := range paper.Columns() {
		meaning := r.Say.T("papers.column." + c.Key)
		if c.Required {
			meaning += " (" + r.Say.T("papers.required") + ")"
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: c.Key, Header: true}, {Text: meaning}})
	}
	file := page.FileField{Accept: ".csv,.xlsx", Field: page.Field{Name: fieldFile, Label: r.Say.T("papers.upload"), Required: true, Error: errs.For(fieldFile),
		Hint: r.Say.T("papers.upload-hint", "size", r.Say.Size(paper.MaxFile))}}
	return sheetPart{ID: "bring", Title: r.Say.T("papers.bring"), Texts: []string{r.Say.T("papers.bring-text")}, Table: t,
		Forms: []sheetForm{{
			Form:    page.Form{Action: r.Link(pathPapers) + "?" + url.Values{page.NameCSRF: {r.CSRF()}}.Encode(), CSRF: r.CSRF(), Multipart: true},
			Fields:  []templ.Component{page.FileInput(o.Server.Words(r.Lang), file)},
			Buttons: []page.Button{{Text: r.Say.T("papers.check")}},
		}},
		Buttons: []page.Button{{Text: r.Say.T("papers.sample"), Kind: page.Secondary, Href: r.Link(pathPapers + "/sample")}}}
}

func batchTag(r *web.Request, b permit.Batch) page.Tag {
	tones := map[permit.BatchState]page.Tone{permit.BatchWaiting: page.Soon, permit.BatchReleasing: page.Active, permit.BatchReleased: page.Good, permit.BatchDropped: page.Neutral}
	return page.Tag{Text: r.Say.T("papers.state." + string(b.State)), Tone: tones[b.State]}
}

// bringPapers takes a file.
func (o *Office) bringPapers(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if !o.Papers.MayBring(r.Actor) {
		return fault.New(fault.Denied, "office.no-duty")
	}
	f, err := paperFile(r)
	var got paper.Received
	if err == nil {
		got, err = o.Papers.Receive(r.Context(), r.Actor, f)
	}
	if _, ok := o.errorsOf(r, err); err != nil && ok && fault.KindOf(err) != fault.Denied {
		return o.showPapers(w, r, err)
	}
	if err != nil {
		return err
	}
	if len(got.Batches) == 0 {
		return o.showPapers(w, r, fault.At(fieldFile, "import.empty"))
	}
	r.Flash("papers.done." + string(got.Batches[0].State) + "-now")
	return o.Server.Go(w, r, papersAddress(r, got.Batches[0].ID))
}

// paperFile reads the form with the file.
func paperFile(r *web.Request) (paper.File, error) {
	var f paper.File
	parts, err := r.MultipartReader()
	if err != nil {
		return f, fault.At(fieldFile, "import.empty")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err == nil && part.FormName() == fieldFile {
			f.Name = part.FileName()
			f.Content, err = io.ReadAll(io.LimitReader(part, paper.MaxFile+1))
		}
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return f, fault.At(fieldFile, "import.large")
		}
		if err != nil {
			return f, fault.New(fault.Invalid, "fault.form").Because(err)
		}
	}
}

// papersBatch shows what came in a file.
func (o *Office) papersBatch(w http.ResponseWriter, r *web.Request) error {
	return o.showBatch(w, r, nil)
}

func (o *Office) showBatch(w http.ResponseWriter, r *web.Request, problem error) error {
	if err := working(r); err != nil {
		return err
	}
	look, err := o.Papers.Open(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	b := look.Batch
	errs, _ := o.errorsOf(r, problem)
	v := o.sheet(r, b.File, errs)
	v.Heading.Caption = r.Say.T("papers.batch")
	tag := batchTag(r, b)
	summary := sheetPart{ID: "summary", Title: r.Say.T("papers.summary"), Rows: []page.Row{
		{Name: r.Say.T("table.status"), Body: page.StatusTag(tag)},
		{Name: r.Say.T("papers.brought"), Value: handText(r, look.Names, b.Brought)},
		{Name: r.Say.T("papers.good"), Value: r.Say.Int(int64(b.Rows))},
		{Name: r.Say.T("papers.wrong"), Value: r.Say.Int(int64(b.WrongRows))},
		{Name: r.Say.T("papers.doubtful"), Value: r.Say.Int(int64(b.DoubtfulRows))},
	}}
	if b.State == permit.BatchReleasing || b.State == permit.BatchReleased {
		summary.Rows = append(summary.Rows, page.Row{Name: r.Say.T("papers.registered"), Value: r.Say.Int(int64(b.Done))})
	}
	if !b.Closed.At.IsZero() {
		summary.Rows = append(summary.Rows, page.Row{Name: r.Say.T("papers.closed." + string(b.State)), Value: handText(r, look.Names, b.Closed)})
	}
	summary.Buttons = []page.Button{{Text: r.Say.T("papers.report"), Kind: page.Secondary, Href: papersAddress(r, b.ID) + "/report"}}
	v.Sections = append(v.Sections, summary)
	for _, x := range []struct {
		id, title, text string
		count           int
		list            []permit.RowNote
	}{
		{"wrong", "papers.wrong", "papers.wrong-text", b.WrongRows, b.Wrong},
		{"doubtful", "papers.doubtful", "papers.doubtful-text", b.DoubtfulRows, b.Doubtful},
		{"collided", "papers.collided", "papers.collided-text", len(b.Collided), b.Collided},
	} {
		if x.count > 0 {
			v.Sections = append(v.Sections, toldPart(r, x.id, r.Say.T(x.title), r.Say.T(x.text), x.count, x.list))
		}
	}
	if len(look.First) > 0 {
		v.Sections = append(v.Sections, sheetPart{ID: "rows", Title: r.Say.T("papers.rows"), Table: firstRows(r, look.First)})
	}
	if look.MayDrop {
		v.Sections = append(v.Sections, decidePart(r, look))
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("papers.title"), Href: r.Link(pathPapers)}, {Text: b.File}}
	return o.show(w, r, problem, c, sheetPage(v))
}

// handText is who did something and when; the command line of the installation is nobody's account.
func handText(r *web.Request, names map[string]string, h permit.Hand) string {
	name := names[h.Account]
	if name == "" {
		name = r.Say.T("papers.by-system")
	}
	return name + ", " + r.Say.Time(h.At)
}

func toldPart(r *web.Request, id, title, text string, count int, list []permit.RowNote) sheetPart {
	p := sheetPart{ID: id, Title: title, Texts: []string{text}}
	if len(list) > notesShown {
		list = list[:notesShown]
	}
	if count > len(list) {
		p.Texts = append(p.Texts, r.Say.T("papers.more", "shown", r.Say.Int(int64(len(list))), "rows", r.Say.Int(int64(count))))
	}
	p.Table = &page.Table{ID: id + "-rows", Caption: title, CaptionHidden: true, Stack: true,
		Columns: []page.Column{{Text: r.Say.T("papers.line")}, {Text: r.Say.T("papers.column")}, {Text: r.Say.T("papers.what")}}}
	for _, n := range list {
		p.Table.Rows = append(p.Table.Rows, []page.Cell{{Text: strconv.Itoa(n.Line), Header: true}, {Text: columnOf(n)}, {Text: paper.Say(r.Say, n)}})
	}
	return p
}

// columnOf is where in its row a note belongs.
func columnOf(n permit.RowNote) string {
	if n.Column == "" {
		return "–"
	}
	return n.Column
}

func firstRows(r *web.Request, list []permit.Line) *page.Table {
	t := &page.Table{ID: "first-rows", Caption: r.Say.T("papers.rows"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"papers.line", "papers.number", "papers.kind", "papers.issued", "papers.holder", "table.status"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, l := range list {
		x := l.Paper
		t.Rows = append(t.Rows, []page.Cell{{Text: strconv.Itoa(l.No)}, {Text: strings.TrimSpace(x.Series + " " + x.Number), Header: true}, {Text: tr(r, x.Kind)}, {Text: r.Say.Date(x.IssuedOn)},
			{Text: strings.TrimSuffix(x.HolderName+", "+x.HolderNumber, ", ")}, {Body: lines(paperState(r, x))}})
	}
	return t
}

// paperState is a paper's state as the register has it, with its dates.
func paperState(r *web.Request, x permit.Paper) []string {
	said := []string{r.Say.T("paper-state." + string(x.State))}
	for _, d := range []struct {
		key string
		day civil.Date
	}{{"papers.since", x.Since}, {"papers.until", x.Until}, {"papers.valid-to", x.ValidTo}} {
		if !d.day.IsZero() {
			said = append(said, r.Say.T(d.key, "date", r.Say.Date(d.day)))
		}
	}
	return said
}

// decidePart are the buttons of a batch that waits.
func decidePart(r *web.Request, look paper.Look) sheetPart {
	p := sheetPart{ID: "decide", Title: r.Say.T("papers.decide"), Texts: []string{r.Say.T("papers.decide-text")}}
	f := sheetForm{Form: page.Form{Action: papersAddress(r, look.Batch.ID), CSRF: r.CSRF()}}
	if look.MayRelease {
		f.Buttons = append(f.Buttons, goButton(r, actRelease, "papers.release", page.Primary))
	} else {
		p.Texts = []string{r.Say.T("papers.second")}
	}
	f.Buttons = append(f.Buttons, goButton(r, actDrop, "papers.drop", page.Secondary))
	p.Forms = []sheetForm{f}
	return p
}

// closePapers releases or drops a batch.
func (o *Office) closePapers(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	if err := working(r); err != nil {
		return err
	}
	id, act := r.PathValue("id"), r.PostForm.Get(page.NameGo)
	var err error
	switch act {
	case actRelease:
		err = o.Papers.Release(r.Context(), r.Actor, id)
	case actDrop:
		err = o.Papers.Drop(r.Context(), r.Actor, id)
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if fault.KindOf(err) == fault.Conflict && err != nil {
		return o.showBatch(w, r, err)
	}
	if err != nil {
		return err
	}
	r.Flash("papers.done." + act)
	return o.Server.Go(w, r, papersAddress(r, id))
}

const typeWorkbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (o *Office) sendSheet(w http.ResponseWriter, r *web.Request, name string, s port.Sheet) error {
	var b bytes.Buffer
	if err := o.Exports.Sheets.Write(&b, s); err != nil {
		return err
	}
	return o.Server.File(w, r, web.File{Name: name, Type: typeWorkbook, Size: int64(b.Len())}, io.NopCloser(&b))
}

// papersReport is what is told of the rows, as a workbook.
func (o *Office) papersReport(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	look, err := o.Papers.Open(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	b := look.Batch
	return o.sendSheet(w, r, "elicense-papers.xlsx", port.Sheet{
		Columns: []port.SheetColumn{{Text: r.Say.T("papers.line"), Width: 10}, {Text: r.Say.T("papers.column"), Width: 18}, {Text: r.Say.T("papers.group"), Width: 30}, {Text: r.Say.T("papers.what"), Width: 80}},
		Rows: func(write func([]any) error) error {
			for _, x := range []struct {
				key  string
				list []permit.RowNote
			}{{"papers.wrong", b.Wrong}, {"papers.doubtful", b.Doubtful}, {"papers.collided", b.Collided}} {
				for _, n := range x.list {
					if err := write([]any{n.Line, n.Column, r.Say.T(x.key), paper.Say(r.Say, n)}); err != nil {
						return err
					}
				}
			}
			return nil
		}})
}

// papersSample is a file to begin with: the columns, and a row that says what stands in them.
func (o *Office) papersSample(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if !o.Papers.MayRead(r.Actor) {
		return fault.New(fault.Denied, "office.no-duty")
	}
	values := map[string]string{"body": r.Actor.Body, "kind_kk": "Дәрілік заттарды көтерме саудада өткізу", "kind_ru": "Оптовая реализация лекарственных средств", "series": "АА", "number": "0001234",
		"issued": "12.05.2009", "holder": "«Үлгі» ЖШС", "state": r.Say.T("paper-state." + string(permit.PaperActing))}
	if r.Lang == lang.EN {
		values["state"] = string(permit.PaperActing)
	}
	var head []port.SheetColumn
	var row []any
	for _, c := range paper.Columns() {
		head = append(head, port.SheetColumn{Text: c.Key, Width: 18})
		row = append(row, values[c.Key])
	}
	return o.sendSheet(w, r, "papers-sample.xlsx", port.Sheet{Columns: head, Rows: func(write func([]any) error) error { return write(row) }})
}
