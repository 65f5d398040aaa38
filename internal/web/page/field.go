package page

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"elicense/internal/fault"
	"elicense/internal/lang"
)

// Field is what every form field has. ID is also where the error summary leads; an empty ID means the Name.
type Field struct {
	ID, Name string
	Label    string
	Lang     lang.Lang // set where label and hint are not in the page's language
	Hint     string
	Error    string
	Required bool
	Value    string
	Source   string // where a prefilled value came from: "State database of legal entities, 22.11.2026 14:05"
	Disabled bool   // shown but not sent; prefer ReadOnly rows
}

// TextField is a box for one line of text.
type TextField struct {
	Field
	Type         string // text (also when empty), email, tel, password, search
	Width        string // about how many characters: "4", "8", "12", "20"; empty = the whole column
	InputMode    string // numeric, decimal, email, tel
	Autocomplete string // a purpose of WCAG 1.3.5, "off" or empty
	Prefix       string // before the box: "+7"
	Suffix       string // after the box: "₸", "kg"
	MaxLength    int    // characters; 0 = no limit here
	Code         bool   // digits and codes: fixed-width figures, no spelling check
}

// AreaField is a box for several lines.
type AreaField struct {
	Field
	Rows      int // 0 = 5
	MaxLength int
}

// Option is one entry of a list, of radios or of check boxes.
type Option struct {
	Value, Text string
	Lang        lang.Lang
	Hint        string
	Chosen      bool
	Disabled    bool
}

// SelectField is a drop-down list. Blank adds an empty first entry "Choose"; Options may stand in Groups.
type SelectField struct {
	Field
	Options []Option
	Groups  []OptionGroup
	Blank   bool
}

// OptionGroup is a titled part of a drop-down list.
type OptionGroup struct {
	Title   string
	Options []Option
}

// ChoiceField is a group of radios or check boxes with the label as its legend.
type ChoiceField struct {
	Field
	Options []Option
	Inline  bool // side by side: for yes/no
}

// FileField takes files. The limit is said in the hint beforehand.
type FileField struct {
	Field
	Accept   string // ".pdf,.jpg"
	Multiple bool
}

// SearchField is a text box that searches a long directory. Without a script Find reloads the page and the results are
// radios; with it the box suggests while the reader types. The code chosen is sent as Name, the text as Name + ".q".
type SearchField struct {
	Field               // Value is the text in the box
	Lookup    string    // address that answers ?q=… with {"items":[{"code","name","note"}],"message":"…"}
	Results   []Option  // what Find found, or the present choice alone; Value is the code
	Message   string    // "37 found, the first 20 are shown", "Nothing found"
	FormFind  string    // formaction of the Find button; empty = the form's own address
	Code      string    // the code chosen, empty while nothing is
	ChosenAs  string    // how the present choice reads: "0201 10 – Carcasses"
	ChosenIn  lang.Lang // the language of ChosenAs where it differs
	Following []Link    // further ways: "browse by section"
}

// Form is the frame of a form that changes something: POST, never validated by the browser itself.
type Form struct {
	ID, Action string
	CSRF       string
	Key        string // idempotency key; empty where repetition is harmless
	Version    string // of the draft; empty where there is none
	Multipart  bool
	Default    string // text of the action that the Enter key takes, when other buttons come first; empty = first button
	Autosave   string // address that takes the answers while the reader types; empty = none
}

// Button is a button of a form, or a link that looks like one when Href is set.
type Button struct {
	Text        string
	Kind        ButtonKind
	Name, Value string
	Href        string
	Action      string // formaction
	About       string // hidden continuation for screen readers: "Remove" + "charter.pdf"
}

// ButtonKind is how much weight a button has.
type ButtonKind string

// One primary button a page; warning for what cannot be undone.
const (
	Primary   ButtonKind = ""
	Secondary ButtonKind = "secondary"
	Danger    ButtonKind = "warning"
	LinkLike  ButtonKind = "link"
)

// Errors are the broken rules of a form in the reader's language, in the order of the form.
type Errors []FieldError

// FieldError is one of them. Path is the field's Name, empty for the form as a whole.
type FieldError struct {
	Path, Text string
	ID         string // the element to lead to; empty = made from Path
	Label      string // names the field in the summary, where Text does not
}

// line is what the summary says: at the field itself its label is seen anyway.
func (e FieldError) line() string {
	if e.Label == "" {
		return e.Text
	}
	return e.Label + ": " + e.Text
}

// ErrorsOf translates the fields of a fault; say gets a message key and its arguments. A fault without fields becomes
// one error of the whole form; nil and foreign errors give none.
func ErrorsOf(err error, say func(key string, args fault.Args) string) Errors {
	f, ok := fault.As(err)
	if !ok {
		return nil
	}
	if len(f.Fields) == 0 {
		return Errors{{Text: say(f.Key, f.Args)}}
	}
	var es Errors
	for _, b := range f.Fields {
		es = append(es, FieldError{Path: b.Path, Text: say(b.Key, b.Args)})
	}
	return es
}

// For is the text of the first error at a field, empty when the field is right.
func (es Errors) For(path string) string {
	for _, e := range es {
		if e.Path == path && path != "" {
			return e.Text
		}
	}
	return ""
}

// FieldID is the id of the element that holds a field: ids must not hold the spaces or brackets a name may.
func FieldID(name string) string {
	return "f-" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return FieldID(f.Name)
}

// describedBy lists the ids of what a screen reader reads after the label.
func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Source != "" {
		ids = append(ids, f.id()+"-source")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

// attrs are the attributes that any control of the field carries.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{"id": f.id(), "name": f.Name}
	if d := f.describedBy(); d != "" {
		a["aria-describedby"] = d
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	if f.Required {
		a["aria-required"] = "true"
	}
	if f.Disabled {
		a["disabled"] = true
	}
	return a
}

func (e FieldError) href() string {
	switch {
	case e.ID != "":
		return "#" + e.ID
	case e.Path != "":
		return "#" + FieldID(e.Path)
	}
	return ""
}

// class says how wide the box is, and that a code is typed in it.
func (t TextField) class() templ.Attributes {
	var names []string
	if t.Width != "" {
		names = append(names, "w"+t.Width)
	}
	if t.Code {
		names = append(names, "code")
	}
	if len(names) == 0 {
		return nil
	}
	return templ.Attributes{"class": strings.Join(names, " ")}
}

func (t TextField) kind() string {
	if t.Type == "" {
		return "text"
	}
	return t.Type
}

func (a AreaField) rows() string {
	if a.Rows > 0 {
		return strconv.Itoa(a.Rows)
	}
	return "5"
}

// choiceID gives the first option the field's own id, so that the error summary's link lands on it.
func choiceID(f Field, i int) string {
	if i == 0 {
		return f.id()
	}
	return f.id() + "-" + strconv.Itoa(i)
}

// boxAttrs are attrs with the text sent apart from the code.
func (s SearchField) boxAttrs() templ.Attributes {
	a := s.attrs()
	a["name"] = s.Name + ".q"
	return a
}

// listed tells whether the present choice is among the results already.
func (s SearchField) listed() bool {
	for _, o := range s.Results {
		if o.Value == s.Code {
			return true
		}
	}
	return false
}

func (b Button) class() string {
	if b.Kind == LinkLike {
		return "link"
	}
	if b.Kind == Primary {
		return "button"
	}
	return "button " + string(b.Kind)
}
