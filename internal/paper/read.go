package paper

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// maxRows bounds one file; maxText is the longest text of a cell, in characters.
const (
	maxRows = 200_000
	maxText = 500
)

// Column is a column of the file.
type Column struct {
	Key      string
	Required bool
}

// Columns lists them. Without "body" all rows are the official's own body's.
func Columns() []Column {
	return []Column{{"body", false}, {"kind_kk", true}, {"kind_ru", true}, {"category", false}, {"series", false}, {"number", true}, {"issued", true},
		{"valid_to", false}, {"holder", true}, {"holder_number", false}, {"state", false}, {"since", false}, {"until", false}}
}

// group is what a file says of one body.
type group struct {
	body  string
	lines []permit.Line
	wrong notes
	doubt notes
	first map[permit.PaperKey]int // line in which a number stands first
	alike map[string]int          // line in which a holder, kind and day stand first
}

// notes counts all and keeps the first.
type notes struct {
	count int
	list  []permit.RowNote
}

func (n *notes) add(x permit.RowNote) {
	n.count++
	if len(n.list) < permit.MostTold {
		n.list = append(n.list, x)
	}
}

// reader reads a file row by row.
type reader struct {
	known  func(body string) bool
	own    string // the only body whose rows are taken; "" = each known
	today  civil.Date
	header []string
	groups map[string]*group
	loose  notes // rows of no body that is known
	rows   int
}

// read reads a file into groups by body, in the order of their keys.
func (p *Papers) read(content []byte, own string) ([]*group, notes, error) {
	r := &reader{known: p.Known, own: own, today: civil.Of(p.World.Now(), lang.Almaty()), groups: map[string]*group{}}
	if err := p.Tables.Read(content, r.row); err != nil {
		if f, ok := fault.As(err); ok && len(f.Fields) == 0 {
			err = atFile(fault.Invalid, f.Key, f.Args).Because(err)
		}
		return nil, r.loose, err
	}
	if r.header == nil {
		return nil, r.loose, badHeader(errors.New("no row"), "")
	}
	var all []*group
	for _, key := range slices.Sorted(maps.Keys(r.groups)) {
		all = append(all, r.groups[key])
	}
	return all, r.loose, nil
}

func badHeader(err error, columns string) error {
	return atFile(fault.Invalid, "papers.header", fault.Args{"columns": columns}).Because(err)
}

// head reads the first row.
func (r *reader) head(cells []string) error {
	var missing, unknown []string
	for _, c := range cells {
		key := strings.ToLower(strings.TrimSpace(c))
		if key != "" && !slices.ContainsFunc(Columns(), func(c Column) bool { return c.Key == key }) || key != "" && slices.Contains(r.header, key) {
			unknown = append(unknown, key)
		}
		r.header = append(r.header, key)
	}
	for _, c := range Columns() {
		if (c.Required || c.Key == "body" && r.own == "") && !slices.Contains(r.header, c.Key) {
			missing = append(missing, c.Key)
		}
	}
	switch {
	case len(missing) > 0:
		return badHeader(fmt.Errorf("there is no column %q", missing), strings.Join(missing, ", "))
	case len(unknown) > 0:
		return badHeader(errors.New("a column is unknown or there twice"), strings.Join(unknownNames(unknown), ", "))
	}
	return nil
}

// unknownNames are as much of headings as a message bears.
func unknownNames(list []string) []string {
	for i, s := range list {
		if n := []rune(s); len(n) > 30 {
			list[i] = string(n[:30]) + "…"
		}
	}
	return list[:min(len(list), 5)]
}

func (r *reader) row(row port.TableRow) error {
	if r.header == nil {
		return r.head(row.Cells)
	}
	if r.rows++; r.rows > maxRows {
		return atFile(fault.Invalid, "import.rows", nil)
	}
	if row.Broken || len(row.Cells) > len(r.header) && !blank(row.Cells[len(r.header):]) {
		r.at(r.own).add(permit.RowNote{Line: row.Line, Key: "paper.wrong.cells"})
		return nil
	}
	values := map[string]string{}
	for i, c := range row.Cells[:min(len(row.Cells), len(r.header))] {
		values[r.header[i]] = strings.Join(strings.Fields(c), " ")
	}
	if values["body"] == "" {
		values["body"] = r.own
	}
	body := values["body"]
	wrong := func(column, key string, args fault.Args) {
		r.at(body).add(permit.RowNote{Line: row.Line, Column: column, Key: key, Args: args})
	}
	if r.own != "" && body != r.own {
		body = r.own
		wrong("body", "paper.wrong.other-body", nil)
		return nil
	}
	if !r.known(body) {
		wrong("body", "paper.wrong.body", nil)
		return nil
	}
	x, column, key := r.paper(values, row.DayZero)
	if key != "" {
		wrong(column, key, nil)
		return nil
	}
	r.take(permit.Line{No: row.Line, Paper: x})
	return nil
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

func (r *reader) of(body string) *group {
	g := r.groups[body]
	if g == nil {
		g = &group{body: body, first: map[permit.PaperKey]int{}, alike: map[string]int{}}
		r.groups[body] = g
	}
	return g
}

// at is where what is wrong with rows of a body is noted.
func (r *reader) at(body string) *notes {
	if !r.known(body) {
		return &r.loose
	}
	return &r.of(body).wrong
}

// take adds a good row, unless its number stands in the file already; one that is much like another is noted.
func (r *reader) take(l permit.Line) {
	g, x := r.of(l.Paper.Body), l.Paper
	if before := g.first[x.Key()]; before > 0 {
		g.wrong.add(permit.RowNote{Line: l.No, Column: "number", Key: "paper.wrong.twice", Args: fault.Args{"line": strconv.Itoa(before)}})
		return
	}
	g.first[x.Key()] = l.No
	told := false
	for _, key := range likeness(x) {
		before := g.alike[key]
		if before == 0 {
			g.alike[key] = l.No
		} else if !told {
			told = true
			g.doubt.add(permit.RowNote{Line: l.No, Column: "number", Key: "paper.doubt.file", Args: fault.Args{"line": strconv.Itoa(before)}})
		}
	}
	g.lines = append(g.lines, l)
}

// likeness are what two papers have in common that may be one, brought twice under different numbers: holder, kind and day
// of issue. A paper without a holder's number is like no other.
func likeness(x permit.Paper) []string {
	if x.HolderNumber == "" {
		return nil
	}
	var keys []string
	for i, kind := range []string{x.Kind.KK, x.Kind.RU} {
		if kind != "" {
			keys = append(keys, fmt.Sprint(i, "|", x.HolderNumber, "|", strings.ToLower(kind), "|", x.IssuedOn))
		}
	}
	return keys
}

// paper reads one row, or says in which column what is wrong.
func (r *reader) paper(values map[string]string, zero civil.Date) (x permit.Paper, column, key string) {
	x = permit.Paper{Body: values["body"], Kind: lang.Text{KK: values["kind_kk"], RU: values["kind_ru"]}, Category: values["category"],
		Series: values["series"], Number: values["number"], HolderName: values["holder"]}
	for _, c := range Columns() {
		switch s := values[c.Key]; {
		case utf8.RuneCountInString(s) > maxText:
			return x, c.Key, "paper.wrong.long"
		case strings.ContainsFunc(s, unicode.IsControl):
			return x, c.Key, "paper.wrong.text"
		}
	}
	switch {
	case x.Kind.KK == "" && x.Kind.RU == "":
		return x, "kind_kk", "paper.wrong.missing"
	case x.NumberKey() == "":
		return x, "number", "paper.wrong.missing"
	case strings.HasPrefix(x.NumberKey(), "KZ") && !document(x.Number):
		return x, "number", "paper.wrong.document-number"
	case x.HolderName == "":
		return x, "holder", "paper.wrong.missing"
	}
	var ok bool
	if x.HolderNumber, ok = holder(values["holder_number"]); !ok {
		return x, "holder_number", "paper.wrong.holder-number"
	}
	if x.State, ok = stateOf(values["state"]); !ok {
		return x, "state", "paper.wrong.state"
	}
	if column, key = r.days(&x, values, zero); key == "" && !x.Until.IsZero() && x.State != permit.PaperSuspended {
		column, key = "until", "paper.wrong.until-state"
	}
	return x, column, key
}

// days reads the dates and holds them against each other.
func (r *reader) days(x *permit.Paper, values map[string]string, zero civil.Date) (column, key string) {
	for _, d := range []struct {
		column string
		to     *civil.Date
	}{{"issued", &x.IssuedOn}, {"valid_to", &x.ValidTo}, {"since", &x.Since}, {"until", &x.Until}} {
		s := values[d.column]
		if s == "" {
			continue
		}
		day, ok := dayOf(s, zero)
		if !ok {
			return d.column, "paper.wrong.day"
		}
		*d.to = day
	}
	switch {
	case x.IssuedOn.IsZero():
		return "issued", "paper.wrong.missing"
	case x.IssuedOn.Before(civil.New(1991, 12, 16)): // the day of independence: no body of the Republic issued one before
		return "issued", "paper.wrong.early"
	case x.IssuedOn.After(r.today):
		return "issued", "paper.wrong.future"
	case !x.ValidTo.IsZero() && x.ValidTo.Before(x.IssuedOn):
		return "valid_to", "paper.wrong.before-issue"
	case !x.Since.IsZero() && x.Since.Before(x.IssuedOn):
		return "since", "paper.wrong.before-issue"
	case x.Since.After(r.today):
		return "since", "paper.wrong.future"
	case !x.Until.IsZero() && (x.Until.Before(x.Since) || x.Until.Before(x.IssuedOn)):
		return "until", "paper.wrong.before-since"
	}
	return "", ""
}

// dayOf reads a day as it is typed, or the number that a spreadsheet program stores.
func dayOf(s string, zero civil.Date) (civil.Date, bool) {
	if n, err := strconv.ParseFloat(s, 64); err == nil && !zero.IsZero() {
		if n < 1 || n > 100_000 {
			return civil.Date{}, false
		}
		return zero.AddDays(int(n)), true
	}
	return civil.ParseTyped(s)
}

func document(number string) bool {
	_, _, err := ident.ParseDocumentNumber(number)
	return err == nil
}

// holder reads an IIN or BIN. Old registers have none for some: that is allowed, a wrong one is not.
func holder(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if ident.Kind(s) == ident.KindBIN {
		bin, err := ident.ParseBIN(s)
		return string(bin), err == nil
	}
	iin, err := ident.ParseIIN(s)
	return string(iin), err == nil
}

// stateOf reads a state: its key, or the words in which registers have it; empty is acting.
func stateOf(s string) (permit.PaperState, bool) {
	s = strings.ToLower(s)
	for state, words := range map[permit.PaperState][]string{
		permit.PaperActing:     {"", "қолданыста", "жарамды", "действует", "действующая", "действующий"},
		permit.PaperSuspended:  {"тоқтатыла тұрған", "тоқтатыла тұрды", "приостановлена", "приостановлен"},
		permit.PaperTerminated: {"қолданысы тоқтатылған", "тоқтатылған", "прекращена", "прекращен", "прекращено действие"},
		permit.PaperRevoked:    {"айырылған", "лицензиядан айырылған", "лишена", "лишен", "лишение"},
	} {
		if s == string(state) || slices.Contains(words, s) {
			return state, true
		}
	}
	return "", false
}

// Say is a note of a row in words.
func Say(p *lang.Printer, n permit.RowNote) string {
	var kv []string
	for k, v := range n.Args {
		kv = append(kv, k, v)
	}
	return p.T(n.Key, kv...)
}
