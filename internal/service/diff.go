package service

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/lang"
)

// Kind says what happened to a part of a definition.
type Kind string

// The kinds of changes.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Importance says whom a change concerns: a corrected word is read by nobody twice, a changed rule by a lawyer.
type Importance string

// The importances.
const (
	ForWording    Importance = "wording"    // names, hints, explanations
	ForForm       Importance = "form"       // what is asked, and how it may be answered
	ForRules      Importance = "rules"      // how answers are checked, how an application is decided, what the permit says
	ForFee        Importance = "fee"        // the rule of the fee
	ForTerm       Importance = "term"       // working days, validity
	ForDocuments  Importance = "documents"  // what is attached
	ForRecipients Importance = "recipients" // who may apply, where and in which way
)

// Change is one difference between two definitions of a service.
type Change struct {
	Kind Kind `json:"kind"`
	// Path is the place: "operations/issue/fee", "fields/seller/label", "documents/contract".
	Path       string     `json:"path"`
	Importance Importance `json:"importance"`
	Name       lang.Text  `json:"name"` // what it concerns, as the form calls it
	// Old and New are what stood and stands there, empty where a part was added or removed as a whole. Rules, numbers and
	// keys read the same in every language.
	Old lang.Text `json:"old"`
	New lang.Text `json:"new"`
}

// Key gives the part of the path after a collection: Key("fields") of "fields/seller/label" is "seller"; empty elsewhere.
func (c Change) Key(collection string) string {
	rest, ok := strings.CutPrefix(c.Path, collection+"/")
	if !ok {
		return ""
	}
	key, _, _ := strings.Cut(rest, "/")
	return key
}

// Diff lists what differs between two definitions, in the order of a definition. Equal definitions give nothing.
func Diff(before, after *Definition) []Change {
	d := &differ{}
	d.passport(before, after)
	d.operations(before, after)
	d.pages(before, after)
	d.checks(before, after)
	d.documents(before, after)
	d.data(before, after)
	d.decision(before, after)
	d.process(before.Process, after.Process)
	d.permit(before.Permit, after.Permit)
	return d.found
}

type differ struct{ found []Change }

// same is a text that no language changes.
func same(s string) lang.Text { return lang.Text{KK: s, RU: s, EN: s} }

func (d *differ) text(path string, name lang.Text, imp Importance, a, b lang.Text) {
	if a == b {
		return
	}
	kind := Changed
	switch {
	case a.IsZero():
		kind = Added
	case b.IsZero():
		kind = Removed
	}
	d.found = append(d.found, Change{Kind: kind, Path: path, Importance: imp, Name: name, Old: a, New: b})
}

func (d *differ) plain(path string, name lang.Text, imp Importance, a, b string) {
	d.text(path, name, imp, same(a), same(b))
}

func (d *differ) number(path string, name lang.Text, imp Importance, a, b int) {
	if a != b {
		d.found = append(d.found, Change{Changed, path, imp, name, same(strconv.Itoa(a)), same(strconv.Itoa(b))})
	}
}

func (d *differ) yes(path string, name lang.Text, imp Importance, a, b bool) {
	if a != b {
		d.found = append(d.found, Change{Changed, path, imp, name, same(strconv.FormatBool(a)), same(strconv.FormatBool(b))})
	}
}

func (d *differ) rule(path string, name lang.Text, imp Importance, a, b Expr) {
	d.plain(path, name, imp, a.Source, b.Source)
}

// whole reports a part that came or went; ok tells that it is on both sides.
func (d *differ) whole(path string, name lang.Text, imp Importance, before, after bool) (ok bool) {
	switch {
	case before && after:
		return true
	case after:
		d.found = append(d.found, Change{Kind: Added, Path: path, Importance: imp, Name: name})
	default:
		d.found = append(d.found, Change{Kind: Removed, Path: path, Importance: imp, Name: name})
	}
	return false
}

// order reports parts that stand on both sides in another order.
func (d *differ) order(path string, imp Importance, before, after []string) {
	common := func(list, in []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(in, s) })
	}
	a, b := common(before, after), common(after, before)
	if !slices.Equal(a, b) {
		d.plain(path+"/order", lang.Text{}, imp, strings.Join(a, ", "), strings.Join(b, ", "))
	}
}

// set compares lists of keys.
func set[T ~string](d *differ, path string, imp Importance, before, after []T) {
	for _, k := range after {
		if !slices.Contains(before, k) {
			d.whole(path+"/"+string(k), same(string(k)), imp, false, true)
		}
	}
	for _, k := range before {
		if !slices.Contains(after, k) {
			d.whole(path+"/"+string(k), same(string(k)), imp, true, false)
		}
	}
	d.order(path, imp, wordsIn(before), wordsIn(after))
}

func wordsIn[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// parts compares lists of things with keys: each calls compare for what stands on both sides. Removed ones come last.
func parts[T any](d *differ, path string, imp Importance, before, after []T, key func(T) string, name func(T) lang.Text, compare func(path string, a, b T)) {
	keys := func(list []T) []string {
		out := make([]string, len(list))
		for i, x := range list {
			out[i] = key(x)
		}
		return out
	}
	was, is := keys(before), keys(after)
	for i, k := range is {
		at := slices.Index(was, k)
		if d.whole(path+"/"+k, name(after[i]), imp, at >= 0, true) {
			compare(path+"/"+k, before[at], after[i])
		}
	}
	for i, k := range was {
		if !slices.Contains(is, k) {
			d.whole(path+"/"+k, name(before[i]), imp, true, false)
		}
	}
	d.order(path, imp, was, is)
}

func (d *differ) passport(a, b *Definition) {
	none := lang.Text{}
	d.plain("key", none, ForRules, a.Key, b.Key)
	d.plain("status", none, ForRecipients, string(a.Status), string(b.Status))
	d.plain("category", none, ForRules, string(a.Category), string(b.Category))
	d.plain("sphere", none, ForWording, a.Sphere, b.Sphere)
	d.text("group", none, ForWording, a.Group, b.Group)
	d.text("name", none, ForWording, a.Name, b.Name)
	d.text("summary", none, ForWording, a.Summary, b.Summary)
	parts(d, "subtypes", ForForm, a.Subtypes, b.Subtypes, func(s Subtype) string { return s.Key }, func(s Subtype) lang.Text { return s.Name },
		func(path string, x, y Subtype) {
			d.text(path+"/name", y.Name, ForWording, x.Name, y.Name)
			d.plain(path+"/preset", y.Name, ForForm, sorted(x.Preset), sorted(y.Preset))
			set(d, path+"/bodies", ForRecipients, x.Bodies, y.Bodies)
		})
	set(d, "bodies", ForRecipients, a.Bodies, b.Bodies)
	set(d, "recipients", ForRecipients, a.Recipients, b.Recipients)
	d.ways("channels/apply", a.Channels.Apply, b.Channels.Apply)
	d.ways("channels/issue", a.Channels.Issue, b.Channels.Issue)
	at := func(x Act) string { // an act may have no address
		if x.URL == "" {
			return "act"
		}
		return x.URL
	}
	parts(d, "legal", ForWording, withKeys(a.Legal, at), withKeys(b.Legal, at), func(x keyed[Act]) string { return x.key }, func(x keyed[Act]) lang.Text { return x.x.Title },
		func(path string, x, y keyed[Act]) {
			d.text(path+"/title", y.x.Title, ForWording, x.x.Title, y.x.Title)
			d.yes(path+"/unconfirmed", y.x.Title, ForWording, x.x.Unconfirmed, y.x.Unconfirmed)
		})
	d.text("about", none, ForWording, a.About, b.About)
	set(d, "unconfirmed", ForWording, a.Unconfirmed, b.Unconfirmed)
	offered := func(o Offer) string { return string(o.At) }
	parts(d, "offers", ForWording, withKeys(a.Offers, offered), withKeys(b.Offers, offered), func(x keyed[Offer]) string { return x.key }, func(x keyed[Offer]) lang.Text { return x.x.Text },
		func(path string, x, y keyed[Offer]) { d.text(path+"/text", y.x.Text, ForWording, x.x.Text, y.x.Text) })
	d.plain("numbers/application", none, ForRules, a.Numbers.Application, b.Numbers.Application)
	d.plain("numbers/permit", none, ForRules, a.Numbers.Permit, b.Numbers.Permit)
}

func (d *differ) ways(path string, a, b Ways) {
	d.yes(path+"/paper", lang.Text{}, ForRecipients, a.Paper, b.Paper)
	d.yes(path+"/post", lang.Text{}, ForRecipients, a.Post, b.Post)
	d.yes(path+"/service_centre", lang.Text{}, ForRecipients, a.ServiceCentre, b.ServiceCentre)
	d.yes(path+"/portal", lang.Text{}, ForRecipients, a.Portal, b.Portal)
}

// sorted writes a map so that it reads the same every time.
func sorted(m map[string]string) string {
	list := make([]string, 0, len(m))
	for k, v := range m {
		list = append(list, k+" = "+v)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// ordered is a field with the page on which it stands.
type ordered struct {
	Field
	page string
}

func fieldsOf(def *Definition) []ordered {
	var all []ordered
	for _, p := range def.Pages {
		for _, f := range p.Fields {
			all = append(all, ordered{f, p.Key})
		}
	}
	return all
}

// inRows are the fields of a row, which stand on no page of their own.
func inRows(list []Field) []ordered {
	var all []ordered
	for _, f := range list {
		all = append(all, ordered{Field: f})
	}
	return all
}

func (d *differ) pages(a, b *Definition) {
	parts(d, "pages", ForForm, a.Pages, b.Pages, func(p Page) string { return p.Key }, func(p Page) lang.Text { return p.Title },
		func(path string, x, y Page) {
			d.text(path+"/title", y.Title, ForWording, x.Title, y.Title)
			d.text(path+"/hint", y.Title, ForWording, x.Hint, y.Hint)
			d.text(path+"/answers", y.Title, ForWording, x.Answers, y.Answers)
			d.rule(path+"/when", y.Title, ForForm, x.When, y.When)
		})
	parts(d, "fields", ForForm, fieldsOf(a), fieldsOf(b), func(f ordered) string { return f.Key }, func(f ordered) lang.Text { return f.Label }, d.field)
}

func (d *differ) field(path string, x, y ordered) {
	name := y.Label
	d.text(path+"/label", name, ForWording, x.Label, y.Label)
	d.text(path+"/hint", name, ForWording, x.Hint, y.Hint)
	d.plain(path+"/page", name, ForForm, x.page, y.page)
	d.plain(path+"/type", name, ForForm, string(x.Type), string(y.Type))
	d.yes(path+"/required", name, ForForm, x.Required, y.Required)
	d.rule(path+"/when", name, ForForm, x.When, y.When)
	d.number(path+"/max", name, ForForm, x.Max, y.Max)
	d.number(path+"/scale", name, ForForm, x.Scale, y.Scale)
	d.yes(path+"/zero", name, ForForm, x.Zero, y.Zero)
	set(d, path+"/issued", ForRules, x.Issued, y.Issued)
	d.number(path+"/lines", name, ForWording, x.Lines, y.Lines)
	d.plain(path+"/prefill", name, ForForm, strings.Join(x.Prefill, ", "), strings.Join(y.Prefill, ", "))
	d.plain(path+"/unit", name, ForForm, x.Unit, y.Unit)
	d.plain(path+"/currency", name, ForForm, x.Currency, y.Currency)
	d.plain(path+"/directory", name, ForForm, x.Directory, y.Directory)
	d.plain(path+"/columns", name, ForWording, strings.Join(x.Columns, ", "), strings.Join(y.Columns, ", "))
	d.plain(path+"/of", name, ForForm, string(x.Of), string(y.Of))
	d.rule(path+"/value", name, ForRules, x.Value, y.Value)
	d.number(path+"/min", name, ForForm, x.Min, y.Min)
	parts(d, path+"/fields", ForForm, inRows(x.Fields), inRows(y.Fields), func(f ordered) string { return f.Key }, func(f ordered) lang.Text { return f.Label }, d.field)
	d.checksOf(path+"/checks", x.Checks, y.Checks)
	parts(d, path+"/options", ForForm, x.Options, y.Options, func(o Option) string { return o.Value }, func(o Option) lang.Text { return o.Label },
		func(path string, m, n Option) { d.text(path+"/label", name, ForWording, m.Label, n.Label) })
}

// numbered gives things without a key of their own one: what they are at, and which of those they are.
func numbered[T any](list []T, at func(T) string) func(int) string {
	keys, seen := make([]string, len(list)), map[string]int{}
	for i, x := range list {
		k := at(x)
		if seen[k]++; seen[k] > 1 {
			keys[i] = fmt.Sprintf("%s.%d", k, seen[k])
		} else {
			keys[i] = k
		}
	}
	return func(i int) string { return keys[i] }
}

// keyed is a thing with a key that was found for it.
type keyed[T any] struct {
	key string
	x   T
}

func withKeys[T any](list []T, at func(T) string) []keyed[T] {
	key, out := numbered(list, at), make([]keyed[T], len(list))
	for i, x := range list {
		out[i] = keyed[T]{key(i), x}
	}
	return out
}

func (d *differ) checks(a, b *Definition) { d.checksOf("checks", a.Checks, b.Checks) }

func (d *differ) checksOf(path string, a, b []Check) {
	at := func(c Check) string { return c.Field }
	parts(d, path, ForRules, withKeys(a, at), withKeys(b, at), func(c keyed[Check]) string { return c.key },
		func(c keyed[Check]) lang.Text { return c.x.Message }, func(path string, x, y keyed[Check]) {
			d.rule(path+"/rule", y.x.Message, ForRules, x.x.Rule, y.x.Rule)
			d.text(path+"/message", y.x.Message, ForWording, x.x.Message, y.x.Message)
		})
}

func (d *differ) documents(a, b *Definition) {
	parts(d, "documents", ForDocuments, a.Documents, b.Documents, func(x Document) string { return x.Key }, func(x Document) lang.Text { return x.Name },
		func(path string, x, y Document) {
			d.text(path+"/name", y.Name, ForDocuments, x.Name, y.Name)
			d.text(path+"/hint", y.Name, ForWording, x.Hint, y.Hint)
			d.plain(path+"/required", y.Name, ForDocuments, strings.Join(wordsIn(x.Required), ", "), strings.Join(wordsIn(y.Required), ", "))
			d.plain(path+"/optional", y.Name, ForDocuments, strings.Join(wordsIn(x.Optional), ", "), strings.Join(wordsIn(y.Optional), ", "))
			d.plain(path+"/operations", y.Name, ForDocuments, strings.Join(x.Operations, ", "), strings.Join(y.Operations, ", "))
		})
}

func (d *differ) data(a, b *Definition) {
	parts(d, "directories", ForRules, a.Directories, b.Directories, func(x Directory) string { return x.Key }, func(x Directory) lang.Text { return x.Name },
		func(path string, x, y Directory) {
			d.text(path+"/name", y.Name, ForWording, x.Name, y.Name)
			d.plain(path+"/columns", y.Name, ForRules, columns(x.Columns), columns(y.Columns))
			d.plain(path+"/quota", y.Name, ForRules, quota(x.Quota), quota(y.Quota))
		})
	parts(d, "lookups", ForRules, a.Lookups, b.Lookups, func(x Lookup) string { return x.Name }, func(x Lookup) lang.Text { return same(x.Name) },
		func(path string, x, y Lookup) {
			name := same(y.Name)
			d.plain(path+"/directory", name, ForRules, x.Directory, y.Directory)
			d.plain(path+"/code", name, ForRules, x.Code, y.Code)
			d.plain(path+"/variant", name, ForRules, x.Variant, y.Variant)
			d.plain(path+"/on", name, ForRules, x.On, y.On)
			d.plain(path+"/quantity", name, ForRules, x.Quantity, y.Quantity)
		})
}

func columns(list []Column) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.Key + " " + c.Type
	}
	return strings.Join(out, ", ")
}

func quota(q *QuotaColumns) string {
	if q == nil {
		return ""
	}
	return strings.Join([]string{q.Amount, q.Year, q.Unit}, ", ")
}

func (d *differ) decision(a, b *Definition) {
	d.yes("decision/automatic", lang.Text{}, ForRules, a.Decision.Automatic, b.Decision.Automatic)
	d.refusals("decision/refuse", a.Decision.Refuse, b.Decision.Refuse)
}

// process compares how officials decide.
func (d *differ) process(a, b Process) {
	parts(d, "process/steps", ForRules, a.Steps, b.Steps, func(s Step) string { return s.Key }, func(s Step) lang.Text { return s.Name },
		func(path string, x, y Step) {
			d.text(path+"/name", y.Name, ForWording, x.Name, y.Name)
			d.plain(path+"/who", y.Name, ForRules, string(x.Who), string(y.Who))
			d.plain(path+"/does", y.Name, ForRules, string(x.Does), string(y.Does))
			d.number(path+"/working_days", y.Name, ForTerm, x.WorkingDays, y.WorkingDays)
		})
	parts(d, "process/opinions", ForRules, a.Opinions, b.Opinions, func(o Opinion) string { return o.Body }, func(o Opinion) lang.Text { return o.Name },
		func(path string, x, y Opinion) {
			d.text(path+"/name", y.Name, ForWording, x.Name, y.Name)
			d.rule(path+"/when", y.Name, ForRules, x.When, y.When)
			d.number(path+"/working_days", y.Name, ForTerm, x.Days(), y.Days())
			d.plain(path+"/silence", y.Name, ForRules, string(x.Silence), string(y.Silence))
		})
	parts(d, "process/requirements", ForRules, a.Requirements, b.Requirements, func(r Requirement) string { return r.Key }, func(r Requirement) lang.Text { return r.Text },
		func(path string, x, y Requirement) {
			d.text(path+"/text", y.Text, ForRules, x.Text, y.Text)
			d.text(path+"/act", y.Text, ForRules, x.Act, y.Act)
			d.plain(path+"/operations", y.Text, ForRules, strings.Join(x.Operations, ", "), strings.Join(y.Operations, ", "))
		})
	d.number("process/correction/working_days", lang.Text{}, ForTerm, a.Correction.Days(), b.Correction.Days())
	d.number("process/correction/times", lang.Text{}, ForRules, a.Correction.Most(), b.Correction.Most())
	none := lang.Text{}
	d.number("process/completeness", none, ForTerm, a.CompletenessDays(), b.CompletenessDays())
	d.refusals("process/incomplete", a.Incompleteness(), b.Incompleteness())
	d.refusals("process/grounds", a.Grounds, b.Grounds)
	d.plain("process/signed", none, ForRules, string(a.Signed), string(b.Signed))
	d.yes("process/hearing", none, ForRules, a.Hearing, b.Hearing)
	d.plain("process/paper/series", none, ForRules, a.Paper.Series, b.Paper.Series)
	d.plain("process/paper/number", none, ForRules, a.Paper.Number, b.Paper.Number)
	d.plain("process/paper/issued", none, ForRules, a.Paper.Issued, b.Paper.Issued)
	d.plain("process/numbers/territory", none, ForRules, a.Numbers.Territory, b.Numbers.Territory)
	d.plain("process/numbers/column", none, ForRules, a.Numbers.Column, b.Numbers.Column)
	d.number("process/numbers/block", none, ForRules, a.Numbers.Block, b.Numbers.Block)
	d.refusals("process/numbers/withdrawal", a.Numbers.Withdrawal, b.Numbers.Withdrawal)
}

func (d *differ) refusals(path string, a, b []Refusal) {
	parts(d, path, ForRules, a, b, func(x Refusal) string { return x.Key }, func(x Refusal) lang.Text { return x.Ground },
		func(path string, x, y Refusal) {
			d.rule(path+"/if", y.Ground, ForRules, x.If, y.If)
			d.text(path+"/ground", y.Ground, ForWording, x.Ground, y.Ground)
			d.text(path+"/act", y.Ground, ForRules, x.Act, y.Act)
			d.text(path+"/advice", y.Ground, ForWording, x.Advice, y.Advice)
			d.text(path+"/template", y.Ground, ForWording, x.Template.text(), y.Template.text())
		})
}

func (d *differ) permit(a, b Permit) {
	d.text("permit/kind", lang.Text{}, ForRules, a.Kind, b.Kind)
	d.number("permit/class", lang.Text{}, ForRules, a.Class, b.Class)
	d.plain("permit/from", lang.Text{}, ForRules, a.From, b.From)
	d.plain("permit/to", lang.Text{}, ForRules, a.To, b.To)
	d.plain("permit/first_issued", lang.Text{}, ForRules, a.First, b.First)
	d.text("permit/second_number/label", lang.Text{}, ForWording, a.Second.Label, b.Second.Label)
	d.rule("permit/second_number/rule", lang.Text{}, ForRules, a.Second.Rule, b.Second.Rule)
	d.text("permit/title", lang.Text{}, ForWording, a.Title, b.Title)
	d.text("permit/signatory", lang.Text{}, ForWording, a.Signatory, b.Signatory)
	note := func(t lang.Text) string { return "note" }
	parts(d, "permit/notes", ForWording, withKeys(a.Notes, note), withKeys(b.Notes, note), func(n keyed[lang.Text]) string { return n.key },
		func(n keyed[lang.Text]) lang.Text { return n.x }, func(path string, x, y keyed[lang.Text]) { d.text(path, lang.Text{}, ForWording, x.x, y.x) })
	d.boxes("permit/boxes", a.Rows, b.Rows)
	parts(d, "permit/grounds", ForRules, a.Grounds, b.Grounds, func(g PermitGround) string { return g.Key }, func(g PermitGround) lang.Text { return g.Ground },
		func(path string, x, y PermitGround) {
			d.plain(path+"/of", y.Ground, ForRules, x.Of, y.Of)
			d.text(path+"/ground", y.Ground, ForRules, x.Ground, y.Ground)
			d.text(path+"/act", y.Ground, ForRules, x.Act, y.Act)
		})
	d.text("permit/appendix/title", lang.Text{}, ForWording, a.Appendix.Title, b.Appendix.Title)
	d.boxes("permit/appendix/boxes", a.Appendix.Rows, b.Appendix.Rows)
}

func (d *differ) boxes(path string, a, b []PermitRow) {
	at := func(x rowBox) string { return x.No }
	parts(d, path, ForRules, withKeys(boxes(a), at), withKeys(boxes(b), at), func(x keyed[rowBox]) string { return x.key },
		func(x keyed[rowBox]) lang.Text { return x.x.Label }, func(path string, x, y keyed[rowBox]) {
			name := y.x.Label
			d.text(path+"/label", name, ForWording, x.x.Label, y.x.Label)
			d.plain(path+"/value", name, ForRules, x.x.Value, y.x.Value)
			d.rule(path+"/when", name, ForRules, x.x.When, y.x.When)
			d.number(path+"/width", name, ForWording, x.x.Width, y.x.Width)
			d.number(path+"/row", name, ForWording, x.x.row, y.x.row)
		})
}

// rowBox is a box of the permit with the row on which it stands.
type rowBox struct {
	Box
	row int
}

func boxes(rows []PermitRow) []rowBox {
	var all []rowBox
	for i, r := range rows {
		for _, b := range r.Boxes {
			all = append(all, rowBox{b, i + 1})
		}
	}
	return all
}
