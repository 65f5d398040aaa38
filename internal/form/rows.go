package form

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/fault"
	"elicense/internal/service"
)

// MaxList bounds the canonical answer of rows and of a territory, in bytes.
const MaxList = 64 << 10

// Row is one row of an answer: its answered fields by key.
type Row = map[string]string

// Place is one chosen row of a territory. Count is canonical where well formed and as typed where not.
type Place struct {
	Code  string `json:"code"`
	Count string `json:"count"`
}

// Rows reads the answer of a field of rows; ok is false for anything but a list of rows.
func Rows(answer string) (rows []Row, ok bool) {
	ok = answer == "" || readList(answer, &rows)
	return rows, ok
}

// Places reads the answer of a territory.
func Places(answer string) (places []Place, ok bool) {
	ok = answer == "" || readList(answer, &places)
	return places, ok
}

func readList(answer string, into any) bool {
	if len(answer) > MaxList {
		return false
	}
	d := json.NewDecoder(strings.NewReader(answer))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		return false
	}
	_, err := d.Token()
	return errors.Is(err, io.EOF)
}

// ListText writes rows or places as an answer: JSON with sorted keys and no white space; no rows give no answer.
func ListText[T Row | Place](list []T) string {
	if len(list) == 0 {
		return ""
	}
	return string(canonicalJSON(list))
}

// RowPath names a row, counted from 1, or its field: "goods.2", "goods.2.quantity".
func RowPath(field string, row int, sub string) string {
	path := field + "." + strconv.Itoa(row)
	if sub == "" {
		return path
	}
	return path + "." + sub
}

// At finds what a problem's path names: the field of the page; within rows and territories the number of the row, counted
// from 1, or the code; and the field of the row.
func At(d *service.Definition, path string) (field, sub service.Field, part string, ok bool) {
	key, rest, _ := strings.Cut(path, ".")
	if field, ok = d.Field(key); !ok {
		return field, sub, "", false
	}
	part, name, _ := strings.Cut(rest, ".")
	sub, _ = field.Sub(name)
	return field, sub, part, true
}

// Answer gives the answer at the path of a problem; "" where there is none.
func (f Form) Answer(answers Answers, path string) string {
	field, sub, part, ok := At(f.Revision.Definition, path)
	if !ok || part == "" {
		return answers[path]
	}
	rows, places, _ := lists(field, answers[field.Key])
	for _, p := range places {
		if p.Code == part {
			return p.Count
		}
	}
	if i, err := strconv.Atoi(part); err == nil && i >= 1 && i <= len(rows) {
		return rows[i-1][sub.Key]
	}
	return ""
}

// countField is how a count is typed: a whole number.
func countField(field service.Field) service.Field {
	return service.Field{Key: field.Key, Type: service.TypeNumber, Required: true}
}

// readList reads a whole list. Each answer in it becomes canonical where it is well formed, and what the definition does not
// know falls away; what is wrong inside it is told by Filled.inside.
func (f Form) readList(field service.Field, s string) reading {
	rows, places, ok := lists(field, s)
	if !ok {
		return reading{text: s, problem: "field.list"}
	}
	var x reading
	good := true
	if field.Type == service.TypeTerritory {
		x.places, good = f.readPlaces(field, places)
		x.text = ListText(x.places)
	} else {
		x.rows, good = f.readRows(field, rows)
		x.text = ListText(x.rows)
	}
	switch {
	case len(x.text) > MaxList:
		x.problem = "field.list"
	case field.Type == service.TypeRows && len(rows) > field.MostRows():
		x.problem = "field.rows-many"
	case field.Type == service.TypeRows && len(rows) < field.Min && len(rows) > 0:
		x.problem = "field.rows-few"
	case !good:
		x.problem = "field.list"
	}
	return x
}

// readRows makes the answers of rows canonical, and tells whether all are well formed.
func (f Form) readRows(field service.Field, rows []Row) (read []Row, good bool) {
	good = true
	for _, row := range rows {
		kept := Row{}
		for _, sub := range field.Fields {
			value := f.Normalise(sub, row[sub.Key])
			if value == "" {
				continue
			}
			kept[sub.Key] = value
			good = good && f.Problem(sub, value) == ""
		}
		read = append(read, kept)
	}
	return read, good
}

// readPlaces makes the counts of a territory canonical, its rows sorted by code and each there once.
func (f Form) readPlaces(field service.Field, places []Place) (read []Place, good bool) {
	for _, p := range places {
		read = append(read, Place{strings.TrimSpace(p.Code), f.Normalise(countField(field), p.Count)})
	}
	slices.SortStableFunc(read, func(a, b Place) int { return strings.Compare(a.Code, b.Code) })
	read = slices.CompactFunc(read, func(a, b Place) bool { return a.Code == b.Code })
	return read, !slices.ContainsFunc(read, func(p Place) bool { return f.placeProblem(field, p) != "" })
}

func lists(field service.Field, answer string) (rows []Row, places []Place, ok bool) {
	if field.Type == service.TypeTerritory {
		places, ok = Places(answer)
		return nil, places, ok
	}
	rows, ok = Rows(answer)
	return rows, nil, ok
}

func (f Form) placeProblem(field service.Field, p Place) string {
	if _, ok := f.ownRow(field, p.Code); !ok {
		return "field.code"
	}
	if p.Count == "" {
		return "field.count"
	}
	count, problem := f.read(countField(field), p.Count)
	if problem != "" {
		return "field.count"
	}
	if d, err := decimal.Parse(count); err != nil || d.Cmp(decimal.Int(int64(field.MostCount()))) > 0 {
		return "field.count-large"
	}
	return ""
}

// ownRow finds the row of the field's directory that has the code on the form's day.
func (f Form) ownRow(field service.Field, code string) (service.Row, bool) {
	for _, r := range f.Dirs.Own(field.Directory) {
		if r.Code == code && (f.Day.IsZero() || f.Day.Within(r.From, r.To)) {
			return r, true
		}
	}
	return service.Row{}, false
}

// Own lists the rows of the field's directory that may be chosen on the form's day, in the directory's order.
func (f Form) Own(field service.Field) []service.Row {
	var rows []service.Row
	for _, r := range f.Dirs.Own(field.Directory) {
		if f.Day.IsZero() || f.Day.Within(r.From, r.To) {
			rows = append(rows, r)
		}
	}
	return rows
}

// inside lists what is wrong in the rows of an answer, each at its path.
func (x Filled) inside(field service.Field) ([]fault.Field, error) {
	list := x.read[field.Key]
	if key := list.problem; key != "" && (key != "field.list" || list.rows == nil && list.places == nil) {
		return []fault.Field{{Path: field.Key, Key: key, Args: limits(field)}}, nil
	}
	var problems []fault.Field
	for _, p := range list.places {
		if key := x.Form.placeProblem(field, p); key != "" {
			path := field.Key + "." + p.Code
			if key == "field.code" {
				path = field.Key // the page does not show it
			}
			problems = append(problems, fault.Field{Path: path, Key: key, Args: limits(field)})
		}
	}
	vars := maps.Clone(x.Vars)
	for i, row := range list.rows {
		part, err := x.insideRow(field, i+1, row, vars)
		if err != nil {
			return nil, err
		}
		problems = append(problems, part...)
	}
	return problems, nil
}

// insideRow judges one row. Vars are the caller's own, overwritten with the row's values.
func (x Filled) insideRow(field service.Field, no int, row Row, vars service.Vars) ([]fault.Field, error) {
	if len(row) == 0 {
		return []fault.Field{{Path: RowPath(field.Key, no, ""), Key: "field.row-empty"}}, nil
	}
	shown, err := x.rowShown(field, row, vars)
	if err != nil {
		return nil, err
	}
	var problems []fault.Field
	good := map[string]bool{}
	for _, sub := range field.Fields {
		if !shown[sub.Key] {
			continue
		}
		key := x.Form.Problem(sub, row[sub.Key])
		if row[sub.Key] == "" && sub.Required {
			key = requiredKey(sub.Type)
		}
		good[sub.Key] = key == "" && row[sub.Key] != ""
		if key != "" {
			problems = append(problems, fault.Field{Path: RowPath(field.Key, no, sub.Key), Key: key, Args: limits(sub)})
		}
	}
	program := x.Form.Revision.Program.Row(field.Key)
	for i, check := range field.Checks {
		if !shown[check.Field] || !x.ready(program.Mentions(check.Rule), func(name string) bool { return good[name] }) {
			continue
		}
		ok, err := program.Bool(check.Rule, vars)
		if err != nil {
			return nil, fault.New(fault.Internal, "rule.failed").Because(err)
		}
		if !ok {
			problems = append(problems, fault.Field{Path: RowPath(field.Key, no, check.Field), Key: checkPrefix + field.Key + ":" + strconv.Itoa(i)})
		}
	}
	return problems, nil
}

// ready tells whether every field that a row's rule mentions is answered well: those of the row, and those of the form.
func (x Filled) ready(mentions []string, good func(sub string) bool) bool {
	d := x.Form.Revision.Definition
	for _, name := range mentions {
		if sub, ok := strings.CutPrefix(name, "row."); ok {
			if !good(sub) {
				return false
			}
			continue
		}
		if f, ok := d.FieldOf(name); ok && f.Type != service.TypeRows && !(x.Visible[f.Key] && x.Form.answered(f, x.read)) {
			return false
		}
	}
	return true
}

// answered tells whether a field holds a well-formed answer; a computed one, whether it could be worked out.
func (f Form) answered(field service.Field, read readings) bool {
	if field.Type == service.TypeComputed {
		return f.computedReady(field, read)
	}
	x, ok := read[field.Key]
	return ok && x.problem == ""
}

func (f Form) computedReady(field service.Field, read readings) bool {
	for _, name := range f.Revision.Program.Mentions(field.Value) {
		if other, ok := f.Revision.Definition.FieldOf(name); ok && !f.answered(other, read) {
			return false
		}
	}
	return true
}

// rowShown lays a row over the names that its rules see and tells which of its fields are shown.
func (x Filled) rowShown(field service.Field, row Row, vars service.Vars) (map[string]bool, error) {
	program := x.Form.Revision.Program.Row(field.Key)
	maps.Copy(vars, program.Zero())
	for _, sub := range field.Fields {
		if canonical, problem := x.Form.read(sub, row[sub.Key]); problem == "" && canonical != "" {
			vars["row."+sub.Key] = ruleValue(sub.Type, canonical)
		}
	}
	shown := make(map[string]bool, len(field.Fields))
	for _, sub := range field.Fields {
		ok, err := program.Bool(sub.When, vars)
		if err != nil {
			return nil, fault.New(fault.Internal, "rule.failed").Because(err)
		}
		shown[sub.Key] = ok
	}
	return shown, nil
}

// showRows tells for the fields of rows with a rule of their own whether they are shown, also for one empty row more.
func (x Filled) showRows(field service.Field) error {
	if !slices.ContainsFunc(field.Fields, func(sub service.Field) bool { return !sub.When.IsZero() }) {
		return nil
	}
	rows := x.read[field.Key].rows
	vars := maps.Clone(x.Vars)
	for i := range min(len(rows), field.MostRows()) + 1 {
		row := Row{}
		if i < len(rows) {
			row = rows[i]
		}
		shown, err := x.rowShown(field, row, vars)
		if err != nil {
			return err
		}
		for key, ok := range shown {
			x.Visible[RowPath(field.Key, i+1, key)] = ok
		}
	}
	return nil
}

// putLists lays the columns of a well-formed list on the names of rules.
func putLists(vars service.Vars, field service.Field, list reading) {
	rows, places := list.rows, list.places
	for _, sub := range field.Fields {
		values := make([]any, len(rows))
		for i, row := range rows {
			values[i] = service.ZeroOf(sub.Type)
			if row[sub.Key] != "" {
				values[i] = ruleValue(sub.Type, row[sub.Key])
			}
		}
		vars[field.Key+"."+sub.Key] = values
	}
	if field.Type != service.TypeTerritory {
		return
	}
	codes, counts := make([]string, len(places)), make([]int64, len(places))
	for i, p := range places {
		codes[i], counts[i] = p.Code, Millionths(p.Count)
	}
	vars[field.Key+".code"], vars[field.Key+".count"] = codes, counts
}

// Complete gives the answers with what the form itself works out: computed fields from the answers that are shown, whatever
// was stored for them, rows without the answers that their rows do not show, and what is kept as the permit says. The map
// given stays as it is.
func (f Form) Complete(answers Answers, facts Facts) (Answers, error) {
	answers = f.withKept(answers, facts)
	if !f.worksOut() {
		return answers, nil
	}
	x, err := f.Fill(answers, facts)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(answers)
	if out == nil {
		out = Answers{}
	}
	shown := x.Shown()
	for _, p := range f.Revision.Definition.Pages {
		for _, field := range p.Fields {
			value := out[field.Key]
			switch field.Type {
			case service.TypeComputed:
				value = ""
				if x.Visible[field.Key] && f.computedReady(field, shown.read) {
					value = computedText(field.Of, shown.Vars[field.Key])
				}
			case service.TypeRows:
				if value, err = x.pruned(field); err != nil {
					return nil, err
				}
			}
			if out[field.Key] = value; value == "" {
				delete(out, field.Key)
			}
		}
	}
	return out, nil
}

func (f Form) worksOut() bool {
	for _, p := range f.Revision.Definition.Pages {
		if slices.ContainsFunc(p.Fields, func(x service.Field) bool { return x.Type == service.TypeComputed || x.Type == service.TypeRows }) {
			return true
		}
	}
	return false
}

func (x Filled) pruned(field service.Field) (string, error) {
	answer := x.Answers[field.Key]
	rows, ok := Rows(answer)
	if !ok || len(rows) > field.MostRows() {
		return answer, nil
	}
	vars := maps.Clone(x.Vars)
	for _, row := range rows {
		shown, err := x.rowShown(field, row, vars)
		if err != nil {
			return "", err
		}
		maps.DeleteFunc(row, func(key, _ string) bool { return !shown[key] })
	}
	return ListText(rows), nil
}

// computedText is the canonical answer of a computed value.
func computedText(t service.Type, v any) string {
	switch v := v.(type) {
	case int64:
		return decimal.New(v, 6).String()
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case time.Time:
		if v.Year() < 2 || v.Year() > 9999 {
			return ""
		}
		return civil.Of(v, time.UTC).String()
	case string:
		return v
	}
	return ""
}

// readEmail reads one bare address.
func readEmail(s string) (string, string) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s[strings.LastIndex(s, "@"):], ".") {
		return "", "field.email"
	}
	return s, ""
}
