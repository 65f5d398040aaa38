package office

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/access"
	"elicense/internal/account"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/web"
	"elicense/internal/web/page"
)

// The pages on which the administrator of a body keeps its people. fresh stands in an address for what is to be added.
const (
	pathPeople = "/people"
	fresh      = "-" // no id and no key of a department
)

// The acts of these pages.
const (
	peopleSave     = "save"
	peopleBlock    = "block"
	peopleUnblock  = "unblock"
	peoplePassword = "reset-password"
	peopleFactor   = "reset-factor"
)

// people lists officials, departments and absences of the body.
func (o *Office) people(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	staff, err := o.Accounts.Staff(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	body, _ := o.Catalogue.Body(r.Actor.Body)
	v := o.sheet(r, r.Say.T("staff.title"), nil)
	v.Heading.Caption = tr(r, body.Name)
	names, departments := map[string]string{}, map[string]string{}
	for _, one := range staff.Officials {
		names[one.ID] = one.Name()
	}
	for _, d := range staff.Departments {
		departments[d.Key] = tr(r, d.Name)
	}
	add := func(key, path string) []page.Button {
		return []page.Button{{Text: r.Say.T(key), Href: r.Link(path + fresh), Kind: page.Secondary}}
	}
	v.Sections = []sheetPart{
		{ID: "officials", Title: r.Say.T("staff.officials"), Table: officialTable(r, staff.Officials, departments), Buttons: add("staff.official-add", pathPeople+"/officials/")},
		{ID: "departments", Title: r.Say.T("staff.departments"), Table: departmentTable(r, staff.Departments, names), Buttons: add("staff.department-add", pathPeople+"/departments/")},
		{ID: "absences", Title: r.Say.T("staff.absences"), Table: o.absenceTable(r, staff.Absences, names, func(a access.Absence) string {
			return r.Link(pathPeople + "/officials/" + url.PathEscape(a.Official))
		})},
	}
	for i, key := range []string{"staff.officials-none", "staff.departments-none", "staff.absences-none"} {
		if v.Sections[i].Table == nil {
			v.Sections[i].Texts = []string{r.Say.T(key)}
		}
	}
	c := o.Chrome(r, v.Heading.Text)
	c.Wide = true
	return o.Server.Show(w, r, http.StatusOK, c, sheetPage(v))
}

func columns(r *web.Request, t *page.Table, keys ...string) *page.Table {
	for _, key := range keys {
		t.Columns = append(t.Columns, page.Column{Text: r.Say.T(key)})
	}
	return t
}

func officialTable(r *web.Request, list []access.Official, departments map[string]string) *page.Table {
	t := columns(r, &page.Table{ID: "official-list", Caption: r.Say.T("staff.officials"), CaptionHidden: true, Stack: true},
		"staff.name", "office.login-name", "staff.department", "staff.duties", "staff.factor", "staff.state")
	for _, one := range list {
		state, factor := page.Tag{Text: r.Say.T("staff.works"), Tone: page.Active}, r.Say.T("staff.factor-has")
		switch {
		case !one.BlockedAt.IsZero():
			state = page.Tag{Text: r.Say.T("staff.blocked"), Tone: page.Bad}
		case one.Initial():
			state = page.Tag{Text: r.Say.T("staff.not-entered")}
		}
		if one.FactorAt.IsZero() {
			factor = r.Say.T("staff.factor-none")
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: one.Name(), Href: r.Link(pathPeople + "/officials/" + url.PathEscape(one.ID)), Header: true}, {Text: one.Login},
			{Text: departments[one.Department]}, {Text: dutyNames(r, one.Duties)}, {Text: factor}, {Tag: &state}})
	}
	return t
}

func departmentTable(r *web.Request, list []access.Department, names map[string]string) *page.Table {
	if len(list) == 0 {
		return nil
	}
	t := columns(r, &page.Table{ID: "department-list", Caption: r.Say.T("staff.departments"), CaptionHidden: true, Stack: true},
		"staff.department-name", "staff.territory", "staff.head", "staff.state")
	for _, d := range list {
		state := page.Tag{Text: r.Say.T("staff.works"), Tone: page.Active}
		if !d.Works() {
			state = page.Tag{Text: r.Say.T("staff.blocked"), Tone: page.Bad}
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: tr(r, d.Name), Href: r.Link(pathPeople + "/departments/" + url.PathEscape(d.Key)), Header: true},
			{Text: strings.Join(d.Territory, ", ")}, {Text: names[d.Head]}, {Tag: &state}})
	}
	return t
}

// person shows the form of an official, or of one who is to be added.
func (o *Office) person(w http.ResponseWriter, r *web.Request) error {
	typed, _ := r.Kept()
	return o.showPerson(w, r, typed, nil, nil)
}

// oneOf finds an official of the staff; id "-" is nobody yet.
func oneOf(staff account.Staff, id string) (access.Official, error) {
	if id == fresh {
		return access.Official{}, nil
	}
	for _, one := range staff.Officials {
		if one.ID == id {
			return one, nil
		}
	}
	return access.Official{}, fault.New(fault.NotFound, "fault.not-found")
}

func (o *Office) showPerson(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	staff, err := o.Accounts.Staff(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	one, err := oneOf(staff, r.PathValue("id"))
	if err != nil {
		return err
	}
	if typed == nil {
		typed = url.Values{"department": {one.Department}, page.NameVersion: {strconv.Itoa(one.Version)}}
		for _, d := range one.Duties {
			typed.Add("duty", string(d))
		}
	}
	v := o.sheet(r, r.Say.T("staff.official-add"), errs)
	if one.ID != "" {
		v.Heading.Text, v.Heading.Caption = one.Name(), r.Say.T("staff.official")
	}
	v.Links = []page.Link{{Text: r.Say.T("staff.title"), Href: r.Link(pathPeople)}}
	form := sheetForm{Form: page.Form{Action: r.URL.Path, CSRF: r.CSRF(), Version: typed.Get(page.NameVersion)}, Buttons: []page.Button{goButton(r, peopleSave, "staff.save", page.Primary)}}
	form.Fields = o.personFields(r, staff, one, typed, errs)
	v.Sections = []sheetPart{{ID: "rights", Title: r.Say.T("staff.rights"), Forms: []sheetForm{form}}}
	if one.ID == "" {
		return o.showSheet(w, r, problem, v)
	}
	if one.Person == r.Actor.Person {
		v.Sections[0] = sheetPart{ID: "rights", Title: r.Say.T("staff.rights"), Texts: []string{r.Say.T("official.own")}, Rows: []page.Row{{Name: r.Say.T("staff.duties"), Value: dutyNames(r, one.Duties)}}}
		return o.showSheet(w, r, problem, v)
	}
	absences, err := o.absencePart(r, r.URL.Path, one, typed, errs)
	if err != nil {
		return err
	}
	v.Sections = append(v.Sections, absences, o.entryPart(r, one))
	return o.showSheet(w, r, problem, v)
}

// entryPart holds the acts on how an official comes in.
func (o *Office) entryPart(r *web.Request, one access.Official) sheetPart {
	p := sheetPart{ID: "entry", Title: r.Say.T("staff.entry"), Texts: []string{r.Say.T("staff.entry-text")}}
	f := sheetForm{Form: page.Form{Action: r.URL.Path, CSRF: r.CSRF()}, Buttons: []page.Button{goButton(r, peoplePassword, "staff.reset-password", page.Secondary)}}
	if !one.FactorAt.IsZero() {
		f.Buttons = append(f.Buttons, goButton(r, peopleFactor, "staff.reset-factor", page.Secondary))
	}
	if one.BlockedAt.IsZero() {
		f.Buttons = append(f.Buttons, goButton(r, peopleBlock, "staff.block", page.Danger))
	} else {
		f.Buttons = append(f.Buttons, goButton(r, peopleUnblock, "staff.unblock", page.Secondary))
	}
	p.Forms = []sheetForm{f}
	return p
}

func (o *Office) personFields(r *web.Request, staff account.Staff, one access.Official, typed url.Values, errs page.Errors) []templ.Component {
	words := o.Server.Words(r.Lang)
	var fields []templ.Component
	text := func(name, key, hint string, required bool) {
		f := page.TextField{Field: page.Field{Name: name, Label: r.Say.T(key), Required: required, Value: typed.Get(name), Error: errs.For(name)}, Width: "20", MaxLength: 100, Autocomplete: "off"}
		if hint != "" {
			f.Hint = r.Say.T(hint)
		}
		fields = append(fields, page.TextInput(words, f))
	}
	if one.ID == "" {
		text("surname", "staff.surname", "", true)
		text("given_name", "staff.given-name", "", true)
		text("patronymic", "staff.patronymic", "", false)
		text("iin", "staff.iin", "", true)
		text(fieldLogin, "office.login-name", "staff.login-hint", true)
	}
	duties := page.ChoiceField{Field: page.Field{Name: "duty", Label: r.Say.T("staff.duties"), Required: true, Error: errs.For("duty")}}
	for _, d := range access.Duties() {
		duties.Options = append(duties.Options, page.Option{Value: string(d), Text: r.Say.T("duty." + string(d)), Chosen: slices.Contains(typed["duty"], string(d))})
	}
	department := page.SelectField{Field: page.Field{Name: "department", Label: r.Say.T("staff.department"), Value: typed.Get("department"), Error: errs.For("department")},
		Options: []page.Option{{Text: r.Say.T("staff.department-none")}}}
	for _, d := range staff.Departments {
		if d.Works() || d.Key == one.Department {
			department.Options = append(department.Options, page.Option{Value: d.Key, Text: tr(r, d.Name)})
		}
	}
	return append(fields, page.Checkboxes(words, duties), page.Select(words, department))
}

// changePerson does what the pressed button says.
func (o *Office) changePerson(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	id, typed, what := r.PathValue("id"), r.PostForm, r.PostForm.Get(page.NameGo)
	done := "staff.done." + what
	var err error
	switch {
	case what == peopleSave && id == fresh:
		return o.addPerson(w, r, typed)
	case what == peopleSave:
		version, _ := strconv.Atoi(typed.Get(page.NameVersion)) // no number is no version that was seen
		err = o.Accounts.ChangeStaff(r.Context(), r.Actor, id, version, typed.Get("department"), duties(typed))
	case what == peopleBlock, what == peopleUnblock:
		err = o.Accounts.BlockStaff(r.Context(), r.Actor, id, what == peopleUnblock)
	case what == peopleFactor:
		err = o.Accounts.ResetFactor(r.Context(), r.Actor, id)
	case what == peoplePassword:
		password, problem := o.Accounts.ResetPassword(r.Context(), r.Actor, id)
		if problem == nil {
			return o.showInitial(w, r, password)
		}
		err = problem
	case what == meAbsent, what == meReturn:
		done, err = o.changeAbsence(r, id, typed)
	default:
		return fault.New(fault.Invalid, "fault.form")
	}
	if err == nil {
		r.Flash(done)
		return o.Server.Go(w, r, r.Link(pathPeople))
	}
	return o.personAgain(w, r, typed, err)
}

func (o *Office) personAgain(w http.ResponseWriter, r *web.Request, typed url.Values, err error) error {
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showPerson(w, r, typed, err, errs)
}

func duties(typed url.Values) []access.Duty {
	var list []access.Duty
	for _, d := range typed["duty"] {
		list = append(list, access.Duty(d))
	}
	return list
}

func (o *Office) addPerson(w http.ResponseWriter, r *web.Request, typed url.Values) error {
	_, password, err := o.Accounts.AddStaff(r.Context(), r.Actor, access.Official{
		Login: typed.Get(fieldLogin), Person: strings.TrimSpace(typed.Get("iin")), Surname: strings.TrimSpace(typed.Get("surname")), GivenName: strings.TrimSpace(typed.Get("given_name")),
		Patronymic: strings.TrimSpace(typed.Get("patronymic")), Department: typed.Get("department"), Duties: duties(typed),
	})
	if err != nil {
		if fault.Is(err, account.KeyOfficialExists) {
			err = fault.At(fieldLogin, account.KeyOfficialExists)
		}
		return o.personAgain(w, r, typed, err)
	}
	return o.showInitial(w, r, password)
}

// showInitial shows a first password, once.
func (o *Office) showInitial(w http.ResponseWriter, r *web.Request, password string) error {
	v := o.sheet(r, r.Say.T("staff.first-password"), nil)
	v.Sections = []sheetPart{{ID: "password", Title: r.Say.T("people.password"), Texts: []string{r.Say.T("staff.first-password-text")}, Codes: []string{password}}}
	v.Links = []page.Link{{Text: r.Say.T("staff.title"), Href: r.Link(pathPeople)}}
	w.Header().Set("Cache-Control", "no-store")
	return o.showSheet(w, r, nil, v)
}

// department shows the form of a department, or of one that is to be added.
func (o *Office) department(w http.ResponseWriter, r *web.Request) error {
	typed, _ := r.Kept()
	return o.showDepartment(w, r, typed, nil, nil)
}

func (o *Office) showDepartment(w http.ResponseWriter, r *web.Request, typed url.Values, problem error, errs page.Errors) error {
	if err := working(r); err != nil {
		return err
	}
	staff, err := o.Accounts.Staff(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	key := r.PathValue("key")
	i := slices.IndexFunc(staff.Departments, func(d access.Department) bool { return d.Key == key })
	if i < 0 && key != fresh {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	v := o.sheet(r, r.Say.T("staff.department-add"), errs)
	if i >= 0 {
		d := staff.Departments[i]
		v.Heading.Text, v.Heading.Caption = tr(r, d.Name), r.Say.T("staff.department")
		if typed == nil {
			typed = url.Values{"territory": {strings.Join(d.Territory, ", ")}, "head": {d.Head}, page.NameVersion: {strconv.Itoa(d.Version)}}
			for _, l := range lang.All() {
				typed.Set("name_"+string(l), d.Name.Get(l))
			}
			if !d.Works() {
				typed.Set("blocked", "yes")
			}
		}
	}
	words := o.Server.Words(r.Lang)
	field := func(name, label string, required bool) page.Field {
		return page.Field{Name: name, Label: r.Say.T(label), Required: required, Value: typed.Get(name), Error: errs.For(name)}
	}
	var fields []templ.Component
	for _, l := range lang.All() {
		fields = append(fields, page.TextInput(words, page.TextField{Field: field("name_"+string(l), "staff.name-"+string(l), true), MaxLength: 200, Autocomplete: "off"}))
	}
	if i < 0 {
		f := page.TextField{Field: field("key", "staff.department-key", true), Width: "20", MaxLength: 40, Code: true, Autocomplete: "off"}
		f.Hint = r.Say.T("staff.department-key-hint")
		fields = append(fields, page.TextInput(words, f))
	}
	territory := page.TextField{Field: field("territory", "staff.territory", false), Code: true, Autocomplete: "off", MaxLength: 1000}
	territory.Hint = r.Say.T("staff.territory-hint")
	head := page.SelectField{Field: field("head", "staff.head", false), Options: []page.Option{{Text: r.Say.T("staff.head-none")}}}
	for _, one := range staff.Officials {
		head.Options = append(head.Options, page.Option{Value: one.ID, Text: one.Name()})
	}
	fields = append(fields, page.TextInput(words, territory), page.Select(words, head))
	if i >= 0 {
		fields = append(fields, page.Checkbox(words, page.Field{Name: "blocked", Label: r.Say.T("staff.department-blocked"), Value: "yes"}, typed.Get("blocked") != ""))
	}
	v.Links = []page.Link{{Text: r.Say.T("staff.title"), Href: r.Link(pathPeople)}}
	v.Sections = []sheetPart{{ID: "department", Title: r.Say.T("staff.department-data"), Forms: []sheetForm{{
		Form: page.Form{Action: r.URL.Path, CSRF: r.CSRF(), Version: typed.Get(page.NameVersion)}, Fields: fields, Buttons: []page.Button{goButton(r, peopleSave, "staff.save", page.Primary)}}}}}
	return o.showSheet(w, r, problem, v)
}

// changeDepartment adds or changes a department.
func (o *Office) changeDepartment(w http.ResponseWriter, r *web.Request) error {
	if err := working(r); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	typed := r.PostForm
	d := access.Department{Key: r.PathValue("key"), Head: typed.Get("head"), Name: lang.Text{KK: strings.TrimSpace(typed.Get("name_kk")), RU: strings.TrimSpace(typed.Get("name_ru")), EN: strings.TrimSpace(typed.Get("name_en"))},
		Territory: strings.FieldsFunc(typed.Get("territory"), func(c rune) bool { return c == ',' || c == ';' || c == ' ' })}
	if d.Key == fresh {
		d.Key = strings.TrimSpace(typed.Get("key"))
	} else {
		version, err := strconv.Atoi(typed.Get(page.NameVersion))
		if err != nil || version < 1 {
			return fault.New(fault.Invalid, "fault.form")
		}
		d.Version = version
	}
	err := o.Accounts.SaveDepartment(r.Context(), r.Actor, d, typed.Get("blocked") != "")
	if err == nil {
		r.Flash("staff.done.department")
		return o.Server.Go(w, r, r.Link(pathPeople))
	}
	errs, ok := o.errorsOf(r, err)
	if !ok {
		return err
	}
	return o.showDepartment(w, r, typed, err, errs)
}
