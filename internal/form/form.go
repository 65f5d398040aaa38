// Package form is the meeting of answers and a definition: which fields are shown, what a typed answer means, what is
// wrong with it, how it reads in a language, and the canonical bytes that are signed.
package form

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/decimal"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/money"
	"elicense/internal/service"
)

// Answers are the values of fields by key: canonical where well formed, as typed where not.
type Answers = map[string]string

// Directories find the entries that fields of a directory's type may name.
type Directories interface {
	// Entry gives the entry of a code in the directory of a field type as it was on a day (zero = as it is), also one that
	// is not valid on it; for goods, of the service's own list too.
	Entry(t service.Type, code string, day civil.Date) (classifier.Entry, bool)
	// Own lists the rows of a directory of the service's own, of all days, in its order.
	Own(directory string) []service.Row
}

// Found is what a lookup gave.
type Found struct {
	Row   service.Row
	OK    bool
	Quota string // ledger id of the row's quota; empty = not limited
	Free  int64  // what is left, millionths
}

// Facts are what the world says beside the answers.
type Facts struct {
	Today     civil.Date // the day of filing in Kazakhstan
	MCI       money.Tiyn
	NoMCI     bool // a rule of the application needs the index of the day, which is not known: neither fee nor decision can be told
	Recipient service.Recipient
	Operation string // key of what is asked for
	FeeDue    money.Tiyn
	FeePaid   bool
	Found     map[string]Found // by name of the lookup
	Permit    Held             // that the application concerns
	Journal   string
	Year2     string
	Stamp     string
}

// Form reads answers against one revision.
type Form struct {
	Revision *service.Revision
	Dirs     Directories
	Day      civil.Date // on which rows of the service's own directories must be valid; zero = on any
}

// Limits of answers, in characters.
const (
	maxText     = 250
	maxLongText = 2000
)

// maxMillionths bounds numbers so that they and their sums fit in rules: nine trillion.
const maxMillionths = 9_000_000_000_000_000_000

// Normalise turns what was typed into its canonical form where it is well formed; otherwise it comes back trimmed, so
// that the person finds what they typed.
func (f Form) Normalise(field service.Field, typed string) string {
	typed = strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n"))
	if isList(field.Type) {
		return f.readList(field, typed).text
	}
	if canonical, problem := f.read(field, typed); problem == "" {
		return canonical
	}
	return typed
}

// Problem is the message key of what is wrong with a canonical or typed answer, empty when nothing is. An empty answer
// has no problem here: whether it is required is the journey's question.
func (f Form) Problem(field service.Field, answer string) string {
	if answer == "" {
		return ""
	}
	_, problem := f.read(field, answer)
	return problem
}

// read gives the canonical form of an answer, or the key of what is wrong with it.
func (f Form) read(field service.Field, s string) (canonical, problem string) {
	if s == "" {
		return "", ""
	}
	if isList(field.Type) {
		x := f.readList(field, s)
		return x.canonical(), x.problem
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		return "", "field.characters"
	}
	switch field.Type {
	case service.TypeText, service.TypeLongText, service.TypeAddress:
		if code, n, err := ident.ParseDocumentNumber(s); len(field.Issued) > 0 && err == nil {
			s = ident.DocumentNumber(code, n) // in Latin capitals, however it was typed
		}
		return readText(field, s)
	case service.TypeNumber, service.TypeMoney:
		return readNumber(field, s)
	case service.TypeDate:
		d, ok := civil.ParseTyped(s)
		if !ok || d.Year < 1900 || d.Year > 2200 {
			return "", "field.date"
		}
		return d.String(), ""
	case service.TypeYesNo:
		if s == "yes" || s == "no" {
			return s, ""
		}
		return "", "field.choose"
	case service.TypeConfirm:
		if s == "yes" {
			return s, ""
		}
		return "", "field.confirm"
	case service.TypeChoice:
		if slices.ContainsFunc(field.Options, func(o service.Option) bool { return o.Value == s }) {
			return s, ""
		}
		return "", "field.choose"
	case service.TypePhone:
		p, err := ident.ParsePhone(s)
		if err != nil {
			return "", "field.phone"
		}
		return p, ""
	case service.TypePostcode:
		return readPostcode(s)
	}
	return f.readRich(field, s)
}

func isList(t service.Type) bool { return t == service.TypeRows || t == service.TypeTerritory }

// keyOf is the key of a fault.
func keyOf(err error) string {
	f, _ := fault.As(err)
	return f.Key
}

// readRich reads the numbers of persons, addresses and codes.
func (f Form) readRich(field service.Field, s string) (canonical, problem string) {
	switch field.Type {
	case service.TypeIIN:
		n, err := ident.ParseIIN(s)
		if err != nil {
			return "", keyOf(err)
		}
		return string(n), ""
	case service.TypeBIN:
		n, err := ident.ParseBIN(s)
		if err != nil {
			return "", keyOf(err)
		}
		return string(n), ""
	case service.TypeEmail:
		return readEmail(s)
	case service.TypeComputed:
		return s, "" // nobody types it
	case service.TypeDirectory:
		if _, ok := f.ownRow(field, s); !ok {
			return "", "field.choose"
		}
		return s, ""
	}
	return f.readCode(field, s)
}

// unprintable finds characters that no field accepts: controls other than line breaks and tabs, and the marks that
// reorder or hide text.
func unprintable(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0xfffd:
		return true
	case r > 0xffff:
		return true // no font of the permits has them
	}
	return false
}

func readText(field service.Field, s string) (string, string) {
	limit := field.Max
	if limit == 0 {
		limit = maxText
		if field.Type == service.TypeLongText {
			limit = maxLongText
		}
	}
	if field.Type != service.TypeLongText {
		s = strings.Join(strings.Fields(s), " ")
	}
	if utf8.RuneCountInString(s) > limit {
		return "", "field.too-long"
	}
	return s, ""
}

func readNumber(field service.Field, s string) (string, string) {
	d, ok := decimal.ParseTyped(s)
	if !ok {
		return "", "field.number"
	}
	if d.Scale() > field.Scale {
		return "", "field.decimals"
	}
	switch {
	case d.Sign() < 0 && field.Zero:
		return "", "field.negative"
	case d.Sign() < 0 || d.Sign() == 0 && !field.Zero:
		return "", "field.positive"
	}
	if m, exact := d.Rescale(6); !exact || m > maxMillionths {
		return "", "field.too-large"
	}
	return d.String(), ""
}

func readPostcode(s string) (string, string) {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(s))
	if len(digits) == 6 && strings.Trim(digits, "0123456789") == "" {
		return digits, ""
	}
	// The alphanumeric index in use since 2015: a letter, two digits, a letter, a digit, a letter or digit, a digit.
	if len(digits) == 7 && digits[0] >= 'A' && digits[0] <= 'Z' && strings.Trim(digits[1:3], "0123456789") == "" {
		if strings.Trim(digits[3:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" {
			return digits, ""
		}
	}
	return "", "field.postcode"
}

// readCode reads a code of a directory.
func (f Form) readCode(field service.Field, s string) (string, string) {
	code := strings.ToUpper(strings.TrimSpace(s))
	if field.Type == service.TypeGoods || field.Type == service.TypePlace {
		code = strings.Map(func(r rune) rune {
			if r == ' ' || r == '.' || r == '-' || r == '\u00a0' {
				return -1
			}
			return r
		}, code)
	}
	entry, ok := f.Dirs.Entry(field.Type, code, f.Day)
	if !ok || !f.Day.IsZero() && !entry.On(f.Day) {
		return "", "field.code"
	}
	if field.Type == service.TypeGoods && len(entry.Code) < 6 {
		return "", "field.goods-short"
	}
	return entry.Code, ""
}

// reading is an answer as it was read: once, for every question about it.
type reading struct {
	text    string // canonical where well formed, else as typed
	problem string // the key of what is wrong with it
	rows    []Row  // of a list that could be read, each answer as text is
	places  []Place
}

// canonical is the text of an answer without a problem.
func (r reading) canonical() string {
	if r.problem != "" {
		return ""
	}
	return r.text
}

// readings are the answers of a form, by field; what was not answered has none.
type readings map[string]reading

// readAll reads every answer of the form.
func (f Form) readAll(answers Answers) readings {
	all := make(readings, len(answers))
	for _, p := range f.Revision.Definition.Pages {
		for _, field := range p.Fields {
			switch s := answers[field.Key]; {
			case s == "":
			case isList(field.Type):
				all[field.Key] = f.readList(field, s)
			default:
				canonical, problem := f.read(field, s)
				if problem != "" {
					canonical = s
				}
				all[field.Key] = reading{text: canonical, problem: problem}
			}
		}
	}
	return all
}

// Vars lays the answers and facts on the zero values of the definition's names.
func (f Form) Vars(answers Answers, facts Facts) service.Vars {
	return f.vars(f.readAll(answers), facts)
}

func (f Form) vars(read readings, facts Facts) service.Vars {
	d := f.Revision.Definition
	vars := f.Revision.Program.Zero()
	vars["today"] = service.Day(facts.Today)
	vars["mci"] = int64(facts.MCI)
	vars["recipient"], vars["operation"] = string(facts.Recipient), facts.Operation
	vars["fee_due"], vars["fee_paid"] = int64(facts.FeeDue), facts.FeePaid
	vars["journal"], vars["year2"], vars["stamp"] = facts.Journal, facts.Year2, facts.Stamp
	for _, p := range d.Pages {
		for _, field := range p.Fields {
			x := read[field.Key]
			switch {
			case x.canonical() == "" || field.Type == service.TypeComputed:
			case isList(field.Type):
				putLists(vars, field, x)
			default:
				vars[field.Key] = ruleValue(field.Type, x.text)
			}
		}
	}
	for _, l := range d.Lookups {
		found := facts.Found[l.Name]
		if !found.OK {
			continue
		}
		vars[l.Name+".found"] = true
		dir, _ := d.Directory(l.Directory)
		for _, c := range dir.Columns {
			vars[l.Name+"."+c.Key] = columnValue(c.Type, found.Row.Values[c.Key])
		}
		if dir.Quota != nil {
			vars[l.Name+".limited"], vars[l.Name+".free"] = found.Quota != "", found.Free
		}
	}
	facts.Permit.lay(f, vars)
	f.compute(read, vars)
	return vars
}

// compute lays computed values over their zero values, whatever was stored for them. A rule that fails (a sum beyond all
// bounds) leaves the zero value.
func (f Form) compute(read readings, vars service.Vars) {
	for _, p := range f.Revision.Definition.Pages {
		for _, field := range p.Fields {
			if field.Type != service.TypeComputed || !f.computedReady(field, read) {
				continue
			}
			if v, err := f.Revision.Program.Value(field, vars); err == nil {
				vars[field.Key] = v
			}
		}
	}
}

func ruleValue(t service.Type, canonical string) any {
	switch t {
	case service.TypeNumber, service.TypeMoney:
		return Millionths(canonical)
	case service.TypeDate:
		d, err := civil.ParseDate(canonical)
		if err != nil {
			return service.ZeroOf(t)
		}
		return service.Day(d)
	case service.TypeYesNo, service.TypeConfirm:
		return canonical == "yes"
	}
	return canonical
}

func columnValue(t, s string) any {
	switch t {
	case "number":
		return Millionths(s)
	case "int":
		return Millionths(s) / 1_000_000
	}
	return s
}

// Millionths reads a canonical number as an int in millionths; 0 for anything else.
func Millionths(canonical string) int64 {
	d, err := decimal.Parse(canonical)
	if err != nil {
		return 0
	}
	m, _ := d.Rescale(6)
	return m
}

// Date reads the answer of a date field; zero when there is none.
func Date(answers Answers, key string) civil.Date {
	d, err := civil.ParseDate(answers[key])
	if err != nil {
		return civil.Date{}
	}
	return d
}

// Period gives the days from and to which a permit is valid: those that its definition names. Where it names none, or the
// operation does not ask for them, it is valid from the day of issue, without end (zero).
func Period(p service.Permit, answers Answers, issued civil.Date) (from, to civil.Date) {
	if first := Date(answers, p.From); !first.IsZero() {
		issued = first
	}
	return issued, Date(answers, p.To)
}

// Filled is a form with answers and facts, laid out once for every question about them.
type Filled struct {
	Form    Form
	Answers Answers
	Facts   Facts
	Visible map[string]bool // by field: whether it is shown for these answers; fields of rows that are shown only sometimes by RowPath
	Vars    service.Vars    // what rules see; not to be changed
	read    readings
}

// Fill lays answers and facts into the form.
func (f Form) Fill(answers Answers, facts Facts) (Filled, error) {
	read := f.readAll(answers)
	x := Filled{Form: f, Answers: answers, Facts: facts, Visible: make(map[string]bool, len(answers)), Vars: f.vars(read, facts), read: read}
	program := f.Revision.Program
	for _, p := range f.Revision.Definition.Pages {
		page, err := program.Bool(p.When, x.Vars)
		if err != nil {
			return Filled{}, fault.New(fault.Internal, "rule.failed").Because(err)
		}
		for _, field := range p.Fields {
			ok, err := program.Bool(field.When, x.Vars)
			if err != nil {
				return Filled{}, fault.New(fault.Internal, "rule.failed").Because(err)
			}
			x.Visible[field.Key] = page && ok
			if err := x.showRows(field); err != nil {
				return Filled{}, err
			}
		}
	}
	return x, nil
}

// Shown leaves out the answers of fields that are not shown.
func (x Filled) Shown() Filled {
	hidden := func(key, _ string) bool { return !x.Visible[key] }
	for key, value := range x.Answers {
		if hidden(key, value) {
			x.Answers = maps.Clone(x.Answers)
			maps.DeleteFunc(x.Answers, hidden)
			x.read = maps.Clone(x.read)
			maps.DeleteFunc(x.read, func(key string, _ reading) bool { return !x.Visible[key] })
			x.Vars = x.Form.vars(x.read, x.Facts)
			break
		}
	}
	return x
}

// Visible tells for every field whether it is shown for these answers.
func (f Form) Visible(answers Answers, facts Facts) (map[string]bool, error) {
	x, err := f.Fill(answers, facts)
	return x.Visible, err
}
