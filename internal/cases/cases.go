// Package cases replays the cases beside a service's definition: answers in, and what must come of them. A definition
// whose cases do not decide as written is not published.
package cases

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/classifier"
	"elicense/internal/decimal"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/reference"
	"elicense/internal/service"
)

// Case is one application that must decide as written.
type Case struct {
	Name  string `yaml:"name"`
	Party struct {
		Kind service.Recipient `yaml:"kind"`
	} `yaml:"party"`
	Operation string     `yaml:"operation"` // key; empty = the first that can be ordered
	Filed     civil.Date `yaml:"filed"`
	Directory struct {
		QuotaFree string `yaml:"quota_free"`
	} `yaml:"directory"`
	Permit    Permit            `yaml:"permit"` // that the operation concerns
	Issued    map[string]string `yaml:"issued"` // numbers of what the applicant was given before and stands: the operation that gave each
	Paid      bool              `yaml:"paid"`
	Answers   map[string]string `yaml:"answers"`
	Documents []string          `yaml:"documents"`
	Expect    Expect            `yaml:"expect"`
}

// Permit is the permit that a case concerns, as it stands on the day of filing.
type Permit struct {
	From   civil.Date        `yaml:"from"`
	To     civil.Date        `yaml:"to"`
	Values map[string]string `yaml:"values"` // by field key, as a person types them
	// Appendices are the numbers of those that hold.
	Appendices []string `yaml:"appendices"`
}

// Expect is what must come of a case.
type Expect struct {
	Visible  []string          `yaml:"visible"`
	Hidden   []string          `yaml:"hidden"`
	Errors   map[string]string `yaml:"errors"` // required, invalid, check
	Fee      string            `yaml:"fee"`    // tenge
	Decision string            `yaml:"decision"`
	Grounds  []string          `yaml:"grounds"`
	Opinions []string          `yaml:"opinions"` // state bodies that are asked; left out = not looked at
	// Permit is the period afterwards, of the new permit or of the one that the operation concerns.
	Permit struct {
		From civil.Date `yaml:"from"`
		To   civil.Date `yaml:"to"`
	} `yaml:"permit"`
}

// Result is what came of one case; Wrong is empty when it decided as written.
type Result struct {
	File  string   `json:"file"`
	Name  string   `json:"name"`
	Wrong []string `json:"wrong,omitempty"`
}

// World is what cases are replayed in.
type World struct {
	Library *service.Library
	Set     *classifier.Set
	MCI     money.Table
	Texts   *lang.Catalogue
}

// Read takes the text and the cases of a service, by file name, out of its folder.
func Read(folder fs.FS) (src, replayed service.Source, err error) {
	if src, err = service.ReadSource(folder); err != nil {
		return nil, nil, err
	}
	names, err := fs.Glob(folder, "cases/*.yaml")
	if err != nil {
		return nil, nil, err
	}
	replayed = service.Source{}
	for _, name := range names {
		if replayed[path.Base(name)], err = fs.ReadFile(folder, name); err != nil {
			return nil, nil, err
		}
	}
	return src, replayed, nil
}

// Run replays the cases of a service's folder, in order of their names.
func (w World) Run(folder fs.FS) ([]Result, error) {
	src, replayed, err := Read(folder)
	if err != nil {
		return nil, err
	}
	return w.Replay(src, replayed)
}

// Replay replays cases against the text of a service, in order of their names.
func (w World) Replay(src, replayed service.Source) ([]Result, error) {
	rev, err := service.NewRevision(src, w.Library, 1)
	if err != nil {
		return nil, err
	}
	r, err := w.open(rev, src)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, name := range slices.Sorted(maps.Keys(replayed)) {
		c, wrong := read(name, replayed[name], rev.Definition)
		if len(wrong) > 0 {
			results = append(results, Result{File: name, Wrong: strings.Split(wrong.Error(), "\n")})
			continue
		}
		results = append(results, Result{File: name, Name: c.Name, Wrong: r.run(c)})
	}
	return results, nil
}

// open makes a service ready to be replayed.
func (w World) open(rev *service.Revision, src service.Source) (replay, error) {
	rows, err := Rows(rev, src)
	return replay{world: w, rows: rows, form: form.Form{Revision: rev, Dirs: reference.Fixed(w.Set, rev, rows)}}, err
}

// Rows reads the CSV files of a definition's directories, by directory key. The error is service.Mistakes.
func Rows(rev *service.Revision, src service.Source) (map[string][]service.Row, error) {
	rows := map[string][]service.Row{}
	var found service.Mistakes
	for _, dir := range rev.Definition.Directories {
		file := dir.Key + ".csv"
		text, ok := src[file]
		if !ok {
			continue
		}
		part, err := reference.ReadRows(bytes.NewReader(text), reference.Key(rev.Service, dir.Key), &dir)
		var wrong *reference.ImportError
		switch {
		case errors.As(err, &wrong):
			for _, r := range wrong.Rows {
				found = append(found, &service.Mistake{File: file, Line: r.Line, Column: column(text, r), Text: r.Text})
			}
		case err != nil:
			found = append(found, &service.Mistake{File: file, Line: 1, Column: 1, Text: err.Error()})
		}
		rows[dir.Key] = part
	}
	if len(found) > 0 {
		return nil, found
	}
	return rows, nil
}

// column counts the characters before a field, which the reader of CSV counts in bytes.
func column(text []byte, r reference.RowError) int {
	for range r.Line - 1 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return 1 + utf8.RuneCount(text[:min(max(0, r.Column-1), len(text))])
}

type replay struct {
	world World
	form  form.Form
	rows  map[string][]service.Row
}

// run gives what is wrong with a case.
func (r replay) run(c Case) []string {
	r.form.Day = c.Filed
	r.form.Revision = r.form.Revision.For(r.operation(c).Key)
	answers := r.form.Carried(form.Facts{Operation: r.operation(c).Key, Permit: r.held(c)})
	maps.Copy(answers, r.typed(c.Answers))
	facts, err := r.facts(c, answers)
	if err != nil {
		return []string{err.Error()}
	}
	if answers, err = r.form.Complete(answers, facts); err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	filled, err := r.form.Fill(answers, facts)
	if err != nil {
		return []string{err.Error()}
	}
	for _, key := range c.Expect.Visible {
		if !filled.Visible[key] {
			wrong = append(wrong, key+" is not shown")
		}
	}
	for _, key := range c.Expect.Hidden {
		if filled.Visible[key] {
			wrong = append(wrong, key+" is shown")
		}
	}
	if c.Expect.Fee != "" && !sameSum(c.Expect.Fee, facts.FeeDue) {
		wrong = append(wrong, fmt.Sprintf("fee %s, not %s", facts.FeeDue, c.Expect.Fee))
	}
	problems, err := r.problems(c, filled)
	if err != nil {
		return []string{err.Error()}
	}
	if !maps.Equal(problems, orEmpty(c.Expect.Errors)) {
		wrong = append(wrong, fmt.Sprintf("errors of the form: %s; the case expects: %s", listed(problems), listed(c.Expect.Errors)))
	}
	if len(problems) > 0 {
		return wrong
	}
	wrong = append(wrong, asked(c, filled)...)
	if c.Expect.Decision == "" {
		return wrong
	}
	return append(wrong, r.decide(c, filled)...)
}

// typed makes answers of what a person types.
func (r replay) typed(values map[string]string) form.Answers {
	answers := form.Answers{}
	for key, typed := range values {
		field, _ := r.form.Revision.Definition.Field(key)
		answers[key] = r.form.Normalise(field, typed)
	}
	return answers
}

// operation is what a case asks for.
func (r replay) operation(c Case) service.Operation {
	d := r.form.Revision.Definition
	o, ok := d.Operation(c.Operation)
	if list := d.Orderable(); !ok && len(list) > 0 {
		o = list[0]
	}
	return o
}

// held is the permit that a case concerns; its number is made up.
func (r replay) held(c Case) form.Held {
	if !r.operation(c).Concerns() {
		return form.Held{}
	}
	return form.Held{Number: "KZ00XXX00000001", From: c.Permit.From, To: c.Permit.To, Values: r.typed(c.Permit.Values), Appendices: c.Permit.Appendices}
}

// asked compares the state bodies that are asked, where the case says who is.
func asked(c Case, filled form.Filled) []string {
	if c.Expect.Opinions == nil {
		return nil
	}
	list, err := application.Asked(filled, "")
	if err != nil {
		return []string{err.Error()}
	}
	var bodies []string
	for _, o := range list {
		bodies = append(bodies, o.Body)
	}
	if !slices.Equal(bodies, c.Expect.Opinions) {
		return []string{fmt.Sprintf("opinions of %v, not of %v", bodies, c.Expect.Opinions)}
	}
	return nil
}

// listed writes the errors of a form as a case has them.
func listed(errors map[string]string) string {
	if len(errors) == 0 {
		return "none"
	}
	var list []string
	for _, field := range slices.Sorted(maps.Keys(errors)) {
		list = append(list, field+": "+errors[field])
	}
	return strings.Join(list, ", ")
}

// period writes the validity of a permit as a case has it.
func period(from, to civil.Date) string {
	if from.IsZero() {
		return "nothing (permit: {from, to})"
	}
	text := "from: " + from.String()
	if !to.IsZero() {
		text += ", to: " + to.String()
	}
	return text
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func sameSum(want string, got money.Tiyn) bool {
	d, err := decimal.Parse(want)
	if err != nil {
		return false
	}
	t, ok := money.FromDecimal(d)
	return ok && t == got
}

// facts are those of the case's day, with the rows and quotas of the folder.
func (r replay) facts(c Case, answers form.Answers) (form.Facts, error) {
	mci, _ := r.world.MCI.MCI(c.Filed)
	d := r.form.Revision.Definition
	operation := r.operation(c)
	facts := form.Facts{Today: c.Filed, MCI: mci, Recipient: c.Party.Kind, Operation: operation.Key, FeePaid: c.Paid, Found: map[string]form.Found{}, Stamp: "001", Year2: "26", Journal: "000001", Permit: r.held(c)}
	fee, err := r.form.Revision.Program.Int(operation.Fee, r.form.Vars(answers, facts))
	if err != nil {
		return facts, err
	}
	facts.FeeDue = money.Tiyn(fee)
	for _, l := range d.Lookups {
		day := c.Filed
		if l.On != "" {
			day = form.Date(answers, l.On)
		}
		row, ok := find(r.rows[l.Directory], answers[l.Code], answers[l.Variant], day)
		if !ok {
			continue
		}
		found := form.Found{Row: row, OK: true}
		dir, _ := d.Directory(l.Directory)
		if q, limited := reference.QuotaOf(&dir, row); limited {
			found.Quota, found.Free = q.ID, q.Total
			if c.Directory.QuotaFree != "" {
				found.Free = form.Millionths(c.Directory.QuotaFree)
			}
		}
		facts.Found[l.Name] = found
	}
	return facts, nil
}

// find gives the row with the longest code that begins the given one.
func find(rows []service.Row, code, variant string, day civil.Date) (service.Row, bool) {
	var best service.Row
	for _, r := range rows {
		if r.Variant == variant && strings.HasPrefix(code, r.Code) && day.Within(r.From, r.To) && len(r.Code) > len(best.Code) {
			best = r
		}
	}
	return best, best.Code != ""
}

// problems gives the errors of the form by field, as cases name them.
func (r replay) problems(c Case, filled form.Filled) (map[string]string, error) {
	answers, facts, d := filled.Answers, filled.Facts, r.form.Revision.Definition
	fields, err := r.form.Check("", answers, facts)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, f := range fields {
		found[f.Path] = kindOf(f, r.form.Answer(answers, f.Path))
	}
	for _, page := range d.Pages {
		for _, f := range page.Fields {
			if number := answers[f.Key]; len(f.Issued) > 0 && filled.Visible[f.Key] && number != "" && found[f.Key] == "" && !slices.Contains(f.Issued, c.Issued[number]) {
				found[f.Key] = "check"
			}
		}
	}
	for _, doc := range d.Asked(facts.Operation, facts.Recipient) {
		if doc.Mandatory && !slices.Contains(c.Documents, doc.Document.Key) {
			found[doc.Document.Key] = "required"
		}
	}
	return found, nil
}

func kindOf(f fault.Field, answer string) string {
	switch {
	case strings.HasPrefix(f.Key, "check:"):
		return "check"
	case answer == "":
		return "required"
	}
	return "invalid"
}

func (r replay) decide(c Case, filled form.Filled) []string {
	formats := func(l lang.Lang) form.Formats { return r.world.Texts.In(l) }
	decision, err := application.Decide(filled, formats, c.Filed.Start(time.UTC))
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	if string(decision.Outcome) != c.Expect.Decision {
		wrong = append(wrong, fmt.Sprintf("decision %s, not %s", decision.Outcome, c.Expect.Decision))
	}
	var grounds []string
	for _, g := range decision.Grounds {
		grounds = append(grounds, g.Key)
		for _, said := range []application.Said{g.KK, g.RU, g.EN} {
			if strings.ContainsAny(said.Text+said.Advice, "{}") || said.Text == "" {
				wrong = append(wrong, "ground "+g.Key+" has an unfilled text: "+said.Text)
			}
		}
	}
	if !slices.Equal(grounds, c.Expect.Grounds) {
		wrong = append(wrong, fmt.Sprintf("grounds %v, not %v", grounds, c.Expect.Grounds))
	}
	if decision.Outcome == application.Grant {
		if filled.Facts.FeeDue > 0 && !c.Paid {
			wrong = append(wrong, fmt.Sprintf("the fee of %s is not paid, so nothing is granted: say paid: true", filled.Facts.FeeDue))
		}
		from, to := r.period(c, filled)
		if from != c.Expect.Permit.From || to != c.Expect.Permit.To {
			wrong = append(wrong, fmt.Sprintf("the permit is valid %s; the case expects: %s", period(from, to), period(c.Expect.Permit.From, c.Expect.Permit.To)))
		}
	}
	return wrong
}

// period is that of the permit after a grant.
func (r replay) period(c Case, filled form.Filled) (from, to civil.Date) {
	o := r.operation(c)
	from, to = form.Period(r.form.Revision.Definition.Permit, filled.Answers, c.Filed)
	switch {
	case o.Does == service.Extend:
		return c.Permit.From, form.Date(filled.Answers, o.Until)
	case o.Does == service.Reissue && to.IsZero():
		return from, c.Permit.To
	case o.Concerns() && o.Does != service.Reissue:
		return c.Permit.From, c.Permit.To
	}
	return from, to
}
