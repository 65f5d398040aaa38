package page

import (
	"strconv"

	"github.com/a-h/templ"

	"elicense/internal/lang"
)

// Table is a table of data. At narrow widths it either scrolls in a box of its own or, with Stack, each row becomes a
// block of named values.
type Table struct {
	ID            string // unique on the page
	Caption       string // always there for screen readers
	CaptionHidden bool
	Columns       []Column
	Rows          [][]Cell
	Stack         bool
}

// Column is the head of a column.
type Column struct {
	Text    string
	Numeric bool   // figures, set to the right
	Href    string // sorts by this column
	Sort    string // "ascending" or "descending" when sorted by it
	Hidden  bool   // head only for screen readers: the column of buttons
}

// Cell is one value of a table; Body takes precedence over Text.
type Cell struct {
	Text, Href string
	Lang       lang.Lang
	Tag        *Tag
	Body       templ.Component
	Header     bool   // names the row
	About      string // hidden continuation of a link's text: "View" + number
}

// Pagination is previous and next by cursor; an empty address means there is none.
type Pagination struct {
	Previous, Next string
	Text           string // "Rows 51–100", "50 rows"
}

// SearchPanel is the panel above a list: each row a field, an operator, a value; sent with GET.
type SearchPanel struct {
	ID     string // prefix of the ids in it
	Title  string
	Action string
	Reset  string // address of the list without conditions
	Rows   []SearchRow
	Hidden []Hidden // what the address must keep
}

// SearchRow is one condition. With Options the value is chosen from a list.
type SearchRow struct {
	Label   string
	Name    string // of the value's field
	OpName  string // of the operator's field; empty = none
	Ops     []Option
	Value   string
	Options []Option
	Hint    string
	Error   string
}

// Hidden is a hidden field.
type Hidden struct{ Name, Value string }

func (p SearchPanel) field(i int, r SearchRow) Field {
	return Field{ID: p.ID + "-" + strconv.Itoa(i), Name: r.Name, Label: r.Label, Value: r.Value, Hint: r.Hint, Error: r.Error}
}

// role gives back what display:block takes from table elements in a stacked table.
func (t Table) role(name string) templ.Attributes {
	if !t.Stack {
		return nil
	}
	return templ.Attributes{"role": name}
}

// label says in each cell of a stacked table what the head of its column says above the others.
func (t Table) label(i int) templ.Attributes {
	if !t.Stack || i >= len(t.Columns) || t.Columns[i].Hidden || t.Columns[i].Text == "" {
		return nil
	}
	return templ.Attributes{"data-label": t.Columns[i].Text}
}

func (t Table) numeric(i int) bool { return i < len(t.Columns) && t.Columns[i].Numeric }
