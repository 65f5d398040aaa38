package office

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/reference"
	"elicense/internal/service"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The addresses, how much a page shows, and the fields; the faults of package reference stand at them.
const (
	pathDirectories = "/directories"
	directoryRows   = 50
	changesShown    = 50
	mistakesShown   = 20

	fieldFile  = "file"
	fieldValue = "value"
	fieldFrom  = "from"
	fieldActKK = "act_kk"
	fieldActRU = "act_ru"
)

// directoriesView is the list of directories.
type directoriesView struct {
	Words   *page.Words
	Heading page.Heading
	Notices []page.Banner
	Parts   []proposalPart
}

// directoryView is a directory with the form that proposes a change of it.
type directoryView struct {
	Words    *page.Words
	Heading  page.Heading
	Errors   page.Errors
	Notices  []page.Banner
	Facts    []page.Row
	Search   *page.SearchPanel
	Table    *page.Table
	Empty    *page.Empty
	Pages    page.Pagination
	FormOf   string
	Lead     string
	Columns  string // of the file
	Mistakes []page.Row
	Form     page.Form
	File     *page.FileField
	Value    *page.TextField
	From     *page.Field
	Areas    []page.AreaField
	Button   page.Button
	Parts    []proposalPart // history
}

// directories lists what administrators keep.
func (o *Office) directories(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	list, err := o.Directories.List(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	v := directoriesView{Words: o.Server.Words(r.Lang), Heading: page.Heading{Text: r.Say.T("directory.title"), Lead: r.Say.T("directory.lead")}, Notices: o.indexNotice(r)}
	common, own := o.listingTable(r, "common", "directory.common"), o.listingTable(r, "own", "directory.own")
	for _, x := range list {
		t := common
		cells := []page.Cell{{Text: o.directoryName(r, x), Href: directoryAddress(r, x.Name), Header: true}}
		if x.Service != nil {
			t = own
			cells = append(cells, page.Cell{Text: tr(r, x.Service.Definition.Name)})
		}
		state := page.Cell{Text: ""}
		if x.Waits != "" {
			state = page.Cell{Text: r.Say.T("directory.state.proposed"), Href: amendmentAddress(r, x.Waits)}
		}
		t.Rows = append(t.Rows, append(cells, state))
	}
	v.Parts = []proposalPart{{Title: common.Caption, Table: common}, {Title: own.Caption, Table: own}}
	return o.Server.Show(w, r, http.StatusOK, o.Chrome(r, v.Heading.Text), directoriesPage(v))
}

func (o *Office) listingTable(r *web.Request, id, caption string) *page.Table {
	t := &page.Table{ID: id, Caption: r.Say.T(caption), CaptionHidden: true, Stack: true, Columns: []page.Column{{Text: r.Say.T("directory.name")}}}
	if id == "own" {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T("office.service")})
	}
	t.Columns = append(t.Columns, page.Column{Text: r.Say.T("directory.waits")})
	return t
}

// indexNotice warns of a year without a monthly calculation index.
func (o *Office) indexNotice(r *web.Request) []page.Banner {
	year := o.Directories.NextYear()
	if year == 0 {
		return nil
	}
	return []page.Banner{{Kind: page.Caution, Text: r.Say.T("directory.mci-missing", "year", strconv.Itoa(year)),
		Links: []page.Link{{Text: r.Say.T("directory.name.mci"), Href: directoryAddress(r, reference.Indices)}}}}
}

func directoryAddress(r *web.Request, name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return r.Link(pathDirectories + "/" + strings.Join(parts, "/"))
}

func amendmentAddress(r *web.Request, id string) string {
	return r.Link("/amendments/" + url.PathEscape(id))
}

// directoryName is what a directory is called; that of a service by its definition.
func (o *Office) directoryName(r *web.Request, x reference.Listing) string {
	if x.Service == nil {
		return r.Say.T("directory.name." + x.Name)
	}
	_, key, _ := strings.Cut(x.Name, "/")
	if d, ok := x.Service.Definition.Directory(key); ok && !d.Name.IsZero() {
		return tr(r, d.Name)
	}
	return key
}

// directory shows a directory.
func (o *Office) directory(w http.ResponseWriter, r *web.Request) error {
	return o.showDirectory(w, r, nil, nil, nil, nil)
}

// showDirectory shows a directory with the form as it was typed, and with what is wrong with a file, line by line.
func (o *Office) showDirectory(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors, mistakes []reference.RowError) error {
	if err := working(r); err != nil {
		return err
	}
	query := r.URL.Query()
	text := strings.TrimSpace(query.Get("q"))
	after, _ := strconv.Atoi(query.Get("after")) // an unreadable one is the beginning
	s, err := o.Directories.Sheet(r.Context(), r.Actor, r.PathValue("name"), text, after, directoryRows)
	if err != nil {
		return err
	}
	under := directoryAddress(r, s.Name)
	v := directoryView{Words: o.Server.Words(r.Lang), Errors: errs, Heading: page.Heading{Caption: r.Say.T("directory.title"), Text: o.directoryName(r, s.Listing)}}
	if s.Service != nil {
		v.Heading.Caption = tr(r, s.Service.Definition.Name)
	}
	if s.Waits != "" {
		v.Notices = append(v.Notices, page.Banner{Kind: page.Info, Text: r.Say.T("directory.state.proposed"), Links: []page.Link{{Text: r.Say.T("wizard.view"), Href: amendmentAddress(r, s.Waits)}}})
	}
	if s.Name == reference.Indices {
		v.Notices = append(v.Notices, o.indexNotice(r)...)
		indexForm(r, typed, errs, &v)
	} else {
		v.Search = &page.SearchPanel{ID: "search", Title: r.Say.T("page.search"), Action: under, Reset: under, Rows: []page.SearchRow{{Label: r.Say.T("directory.search"), Name: "q", Value: text}}}
		fileForm(r, s, typed, errs, &v)
	}
	if s.Built > 0 {
		v.Facts = append(v.Facts, page.Row{Name: r.Say.T("directory.built"), Value: r.Say.Int(int64(s.Built))})
	}
	v.Facts = append(v.Facts, page.Row{Name: r.Say.T("directory.entered"), Value: r.Say.Int(int64(s.Found))})
	if len(s.Rows) == 0 {
		v.Empty = &page.Empty{Title: r.Say.T("directory.none"), Text: r.Say.T("directory.none-text")}
	} else {
		v.Table = rowsTable(r, v.Heading.Text, s.Directory, s.Rows)
	}
	if after > 0 {
		v.Pages.Previous = under + "?" + url.Values{"q": {text}}.Encode()
	}
	if end := max(0, after) + len(s.Rows); end < s.Found {
		v.Pages.Next = under + "?" + url.Values{"q": {text}, "after": {strconv.Itoa(end)}}.Encode()
	}
	for i, m := range mistakes[:min(len(mistakes), mistakesShown)] {
		v.Mistakes = append(v.Mistakes, page.Row{Name: r.Say.T("directory.line", "line", strconv.Itoa(m.Line)), Value: o.Server.Text(r, m.Key, m.Args)})
		if i == mistakesShown-1 && len(mistakes) > mistakesShown {
			v.Mistakes = append(v.Mistakes, page.Row{Name: r.Say.T("directory.more"), Value: r.Say.Int(int64(len(mistakes) - mistakesShown))})
		}
	}
	if len(s.History) > 0 {
		v.Parts = []proposalPart{{Title: r.Say.T("directory.history"), Table: sheetHistory(r, s)}}
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	c.Breadcrumbs = []page.Link{{Text: r.Say.T("directory.title"), Href: r.Link(pathDirectories)}, {Text: v.Heading.Text}}
	return o.show(w, r, problem, c, directoryPage(v))
}

// fileForm asks for a file.
func fileForm(r *web.Request, s reference.Sheet, typed url.Values, errs page.Errors, v *directoryView) {
	columns := []string{"code", "name_kk", "name_ru", "name_en", "from", "to"}
	if s.Directory != nil {
		columns = append(columns, "variant")
		for _, c := range s.Directory.Columns {
			columns = append(columns, c.Key)
		}
	}
	v.FormOf, v.Lead, v.Columns = r.Say.T("directory.file-title"), r.Say.T("directory.file-lead"), strings.Join(columns, ",")
	v.Form = page.Form{Action: directoryAddress(r, s.Name) + "?" + url.Values{page.NameCSRF: {r.CSRF()}}.Encode(), CSRF: r.CSRF(), Multipart: true}
	v.Areas = []page.AreaField{{Field: page.Field{Name: fieldNote, Label: r.Say.T("directory.basis"), Hint: r.Say.T("directory.basis-hint"), Required: true, Value: typed.Get(fieldNote), Error: errs.For(fieldNote)}, Rows: 3, MaxLength: 2000}}
	v.File = &page.FileField{Field: page.Field{Name: fieldFile, Label: r.Say.T("directory.file"), Hint: r.Say.T("directory.file-hint", "size", r.Say.Size(reference.MaxFile)), Required: true, Error: errs.For(fieldFile)}, Accept: ".csv"}
	v.Button = page.Button{Text: r.Say.T("directory.check")}
}

// indexForm asks for a monthly calculation index.
func indexForm(r *web.Request, typed url.Values, errs page.Errors, v *directoryView) {
	field := func(name, label string) page.Field {
		return page.Field{Name: name, Label: r.Say.T(label), Required: true, Value: typed.Get(name), Error: errs.For(name)}
	}
	from, reason := field(fieldFrom, "directory.from"), field(fieldReason, "directory.correction")
	reason.Required, reason.Hint = false, r.Say.T("directory.correction-hint")
	v.FormOf, v.Lead = r.Say.T("directory.mci-title"), r.Say.T("directory.mci-lead")
	v.Form = page.Form{Action: directoryAddress(r, reference.Indices), CSRF: r.CSRF()}
	v.Value = &page.TextField{Field: field(fieldValue, "directory.tenge"), Width: "10", InputMode: "numeric", Autocomplete: "off"}
	v.From = &from
	v.Areas = []page.AreaField{{Field: field(fieldActKK, "directory.act-kk"), Rows: 2, MaxLength: 2000}, {Field: field(fieldActRU, "directory.act-ru"), Rows: 2, MaxLength: 2000}, {Field: reason, Rows: 3, MaxLength: 2000}}
	v.Button = page.Button{Text: r.Say.T("directory.propose")}
}

// rowsTable shows rows with the columns of the directory's own.
func rowsTable(r *web.Request, caption string, dir *service.Directory, list []service.Row) *page.Table {
	t := &page.Table{ID: "rows", Caption: caption, CaptionHidden: true, Stack: true}
	columns := rowColumns(dir, list)
	for _, c := range columns {
		t.Columns = append(t.Columns, page.Column{Text: columnName(r, c)})
	}
	for _, x := range list {
		cells := make([]page.Cell, 0, len(columns))
		for i, c := range columns {
			cells = append(cells, page.Cell{Text: cellText(r, x, c), Header: i == 0})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// rowColumns are the columns that the rows fill; the index has no codes.
func rowColumns(dir *service.Directory, list []service.Row) []string {
	index := len(list) > 0 && list[0].Directory == reference.Indices
	columns := []string{"code", "name"}
	if index {
		return []string{"from", "to", fieldValue, "act"}
	}
	if slices.ContainsFunc(list, func(x service.Row) bool { return x.Variant != "" }) {
		columns = append(columns, "variant")
	}
	if dir != nil {
		for _, c := range dir.Columns {
			columns = append(columns, c.Key)
		}
	}
	return append(columns, "from", "to")
}

// columnName is the name of a column: of the directory's own, its key, as files have it.
func columnName(r *web.Request, c string) string {
	switch c {
	case "code", "name", "variant", "from", "to", "act", fieldValue:
		return r.Say.T("directory.column." + c)
	}
	return c
}

func cellText(r *web.Request, x service.Row, c string) string {
	day := func(d civil.Date) string {
		if d.IsZero() {
			return "—"
		}
		return r.Say.Date(d)
	}
	switch c {
	case "code":
		return x.Code
	case "name", "act":
		return tr(r, x.Name)
	case "variant":
		return x.Variant
	case "from":
		return day(x.From)
	case "to":
		return day(x.To)
	}
	return x.Values[c]
}

func sheetHistory(r *web.Request, s reference.Sheet) *page.Table {
	t := &page.Table{ID: "history", Caption: r.Say.T("directory.history"), CaptionHidden: true, Stack: true}
	for _, key := range []string{"directory.at", "office.proposed-by", "directory.basis", "table.status"} {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	for _, a := range s.History {
		tag := amendmentTag(r, a)
		t.Rows = append(t.Rows, []page.Cell{{Text: r.Say.Time(a.Proposed.At), Href: amendmentAddress(r, a.ID), Header: true}, {Text: s.Names[a.Proposed.By]}, {Text: a.Note}, {Tag: &tag}})
	}
	return t
}

func amendmentTag(r *web.Request, a port.Amendment) page.Tag {
	tones := map[port.AmendmentState]page.Tone{port.AmendmentProposed: page.Soon, port.AmendmentApproved: page.Good, port.AmendmentRejected: page.Bad}
	return page.Tag{Text: r.Say.T("directory.state." + string(a.State)), Tone: tones[a.State]}
}

// amend proposes what the form of the page says.
func (o *Office) amend(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	name := r.PathValue("name")
	var id string
	var typed url.Values
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		var file []byte
		if file, typed, err = readUpload(r); err != nil {
			return err
		}
		id, err = o.Directories.ProposeFile(r.Context(), r.Actor, name, typed.Get(fieldNote), bytes.NewReader(file))
	} else {
		if err := r.ParseForm(); err != nil {
			return fault.New(fault.Invalid, "fault.form").Because(err)
		}
		typed = r.PostForm
		if name != reference.Indices {
			id, err = o.Directories.ProposeFile(r.Context(), r.Actor, name, typed.Get(fieldNote), strings.NewReader(""))
		} else {
			from, read := civil.ParseTyped(typed.Get(fieldFrom))
			id, err = o.Directories.ProposeIndex(r.Context(), r.Actor, reference.NewIndex{From: from, Unparsed: !read, Tenge: typed.Get(fieldValue),
				ActKK: typed.Get(fieldActKK), ActRU: typed.Get(fieldActRU), Reason: typed.Get(fieldReason)})
		}
	}
	if err == nil {
		r.Flash("directory.done.proposed")
		return o.Server.Go(w, r, amendmentAddress(r, id))
	}
	if lines, ok := reference.Mistakes(err); ok {
		err = fault.At(fieldFile, "directory.mistakes")
		return o.showDirectory(w, r, typed, err, page.ErrorsOf(err, func(key string, args fault.Args) string { return o.Server.Text(r, key, args) }), lines)
	}
	errs, ok := o.errorsOf(r, err)
	if !ok || fault.KindOf(err) == fault.Denied {
		return err
	}
	return o.showDirectory(w, r, typed, err, errs, nil)
}

// readUpload reads the form with a file: at most so many bytes of it as a directory may have, and one more.
func readUpload(r *web.Request) (file []byte, typed url.Values, err error) {
	typed = url.Values{}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, typed, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return file, typed, nil
		}
		if err != nil {
			return nil, typed, fault.New(fault.Invalid, "fault.form").Because(err)
		}
		content, err := io.ReadAll(io.LimitReader(part, reference.MaxFile+1))
		if err != nil {
			return nil, typed, fault.New(fault.Invalid, "fault.form").Because(err)
		}
		switch part.FormName() {
		case fieldFile:
			file = content
		case fieldNote:
			typed.Set(fieldNote, strings.ToValidUTF8(string(content[:min(len(content), 16<<10)]), ""))
		}
	}
}
