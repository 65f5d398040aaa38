// Package party knows those who apply: individuals, sole proprietors and organisations, and the people who act for them.
package party

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/service"
)

// Kind tells the sorts of parties apart by their number: an IIN belongs to a person, a BIN to an organisation or to a
// joint enterprise of sole proprietors.
type Kind string

// The kinds.
const (
	Individual   Kind = "individual"
	Organisation Kind = "organisation"
)

// Party is one who applies and holds permits. Applications belong to the party, not to the person who filed them.
type Party struct {
	ID     string
	Kind   Kind
	Number string // IIN or BIN, 12 digits
	// Name is the full name of the person (surname, given name, patronymic) or the organisation's name.
	Name                           string
	Surname, GivenName, Patronymic string // of an individual
	// Profile holds the typical fields of the manuals that the party keeps for the next application (address, telephone,
	// position of the representative …), by field key.
	Profile   map[string]string
	Version   int
	CreatedAt time.Time
}

// Account is one person's access for one party: its own, or as representative of an organisation.
type Account struct {
	ID                             string
	Party                          Party
	IIN                            string // of the person who logs in
	Surname, GivenName, Patronymic string
	Email                          string
	Phone                          string // E.164
	Lang                           string
	Password                       string // argon2id hash in PHC form
	Version                        int
	CreatedAt                      time.Time
}

// PersonName is the person's name as a header shows it.
func (a Account) PersonName() string { return FullName(a.Surname, a.GivenName, a.Patronymic) }

// Words are the words of a name as search compares them: folded, each once, without quotation marks and dots.
func Words(name string) []string {
	words := strings.FieldsFunc(lang.Fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.Sort(words)
	return slices.Compact(words)
}

// FullName joins the parts of a name that exist.
func FullName(parts ...string) string {
	name := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if name != "" {
			name += " "
		}
		name += p
	}
	return name
}

// KindOf tells by the fifth digit of a valid number whether it is an IIN or a BIN (order on the register of
// identification numbers).
func KindOf(number string) Kind {
	if ident.Kind(number) == ident.KindBIN {
		return Organisation
	}
	return Individual
}

// Recipient says which row of a service's table of recipients the party is. A BIN tells it by its fifth digit: 4 resident
// legal entity, 5 non-resident, 6 joint enterprise; an IIN is an individual or, where the person says so in the form, a
// sole proprietor.
func (p Party) Recipient(soleProprietor bool) service.Recipient {
	if p.Kind == Organisation {
		switch p.Number[4] {
		case '5':
			return service.ForeignLegalEntity
		case '6':
			return service.SoleProprietorBIN
		}
		return service.LegalEntity
	}
	if soleProprietor {
		return service.SoleProprietorIIN
	}
	return service.Individual
}
