// Package lang holds everything that depends on a language: texts in Kazakh, Russian and English, the message
// catalogue, dates and numbers as people write them, Kazakh sorting and the folding that search uses.
package lang

// Lang is a language of the interface.
type Lang string

// The three languages, Kazakh first as the state language.
const (
	KK Lang = "kk"
	RU Lang = "ru"
	EN Lang = "en"
)

// All lists the languages in the order in which they are offered.
func All() []Lang { return []Lang{KK, RU, EN} }

// Parse reads a language code; "kz", which the former portal used in its addresses, means Kazakh.
func Parse(s string) (Lang, bool) {
	switch s {
	case "kk", "kz":
		return KK, true
	case "ru":
		return RU, true
	case "en":
		return EN, true
	}
	return "", false
}

// Text is one text in the three languages. A language that does not exist is empty.
type Text struct {
	KK string `yaml:"kk" json:"kk"`
	RU string `yaml:"ru" json:"ru"`
	EN string `yaml:"en" json:"en"`
}

// Get is the text in exactly that language, empty where it does not exist.
func (t Text) Get(l Lang) string {
	switch l {
	case KK:
		return t.KK
	case RU:
		return t.RU
	case EN:
		return t.EN
	}
	return ""
}

// In gives the text in the language asked for or, where it does not exist, in the first of kk, ru, en that does, and
// says which language it is, so that the page can mark it with a lang attribute.
func (t Text) In(l Lang) (string, Lang) {
	for _, try := range []Lang{l, KK, RU, EN} {
		if s := t.Get(try); s != "" {
			return s, try
		}
	}
	return "", l
}

// Complete tells whether the text exists in all three languages.
func (t Text) Complete() bool { return t.KK != "" && t.RU != "" && t.EN != "" }

// IsZero tells whether the text exists in no language.
func (t Text) IsZero() bool { return t == Text{} }
