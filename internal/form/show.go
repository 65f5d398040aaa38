package form

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/service"
)

const checkPrefix = "check:"

// CheckKey is the message key of the definition's check with this index.
func CheckKey(i int) string { return checkPrefix + strconv.Itoa(i) }

// IsCheck tells whether a key was made by CheckKey.
func IsCheck(key string) bool { return strings.HasPrefix(key, checkPrefix) }

// CheckMessage gives the definition's message for a key made by CheckKey.
func (f Form) CheckMessage(key string) (lang.Text, bool) {
	rest, ok := strings.CutPrefix(key, checkPrefix)
	if !ok {
		return lang.Text{}, false
	}
	checks := f.Revision.Definition.Checks
	if key, no, inside := strings.Cut(rest, ":"); inside { // of the rows of a field
		field, _ := f.Revision.Definition.Field(key)
		checks, rest = field.Checks, no
	}
	i, err := strconv.Atoi(rest)
	if err != nil || i < 0 || i >= len(checks) {
		return lang.Text{}, false
	}
	return checks[i].Message, true
}

// Formats writes dates and numbers in a language.
type Formats interface {
	Date(civil.Date) string
	Number(decimal.Decimal) string
	T(key string, kv ...string) string
}

// Shown is an answer as a reader sees it. Lang differs from the reader's where a name exists only in another language.
type Shown struct {
	Text string
	Lang lang.Lang
}

// Show writes an answer in a language; an answer that is not well formed is shown as it was typed.
func (f Form) Show(field service.Field, answer string, l lang.Lang, formats Formats) Shown {
	if isList(field.Type) {
		return f.showList(field, answer, l, formats)
	}
	if answer == "" || f.Problem(field, answer) != "" {
		return Shown{answer, l}
	}
	switch field.Gives() {
	case service.TypeNumber, service.TypeMoney:
		if d, err := decimal.Parse(answer); err == nil {
			text := formats.Number(d)
			if field.Gives() == service.TypeMoney && !d.IsInt() && d.Scale() < field.Scale {
				text += strings.Repeat("0", field.Scale-d.Scale()) // sums of money have all their decimal places, or none
			}
			return Shown{text, l}
		}
	case service.TypeDate:
		if d, err := civil.ParseDate(answer); err == nil {
			return Shown{formats.Date(d), l}
		}
	case service.TypeYesNo, service.TypeConfirm:
		return Shown{formats.T("value." + answer), l}
	case service.TypePhone:
		return Shown{ident.PhoneText(answer), l}
	case service.TypeChoice:
		for _, o := range field.Options {
			if o.Value == answer {
				text, in := o.Label.In(l)
				return Shown{text, in}
			}
		}
	case service.TypeDirectory:
		return f.showOwn(field, answer, l)
	case service.TypeCountry, service.TypeCurrency, service.TypeUnit, service.TypeGoods, service.TypePlace:
		return f.showCode(field.Type, answer, l)
	}
	return Shown{answer, l}
}

func (f Form) showCode(t service.Type, code string, l lang.Lang) Shown {
	entry, ok := f.Dirs.Entry(t, code, f.Day)
	if !ok {
		return Shown{code, l}
	}
	name, in := entry.Name.In(l)
	switch t {
	case service.TypeCurrency, service.TypeGoods, service.TypeUnit:
		name = code + " — " + name
	}
	return Shown{name, in}
}

// Canonical gives the bytes whose digest is signed: one JSON object with the schema, the service and its revision, the
// operation, the state body, the permit that the application concerns (only where it concerns one), and the shown, answered
// fields with sorted keys, without white space, HTML escaping off.
func (f Form) Canonical(operation, body, permit string, answers Answers, visible map[string]bool) []byte {
	kept := map[string]string{}
	for key, value := range answers {
		if visible[key] && value != "" {
			kept[key] = value
		}
	}
	return canonicalJSON(struct {
		Schema    string            `json:"schema"`
		Service   string            `json:"service"`
		Revision  int               `json:"revision"`
		Operation string            `json:"operation"`
		Body      string            `json:"body"`
		Permit    string            `json:"permit,omitempty"`
		Answers   map[string]string `json:"answers"`
	}{"elicense-answers/1", f.Revision.Service, f.Revision.Number, operation, body, permit, kept})
}

func canonicalJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // structs and maps of strings and ints cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
