package account

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/party"
	"elicense/internal/port"
)

// who is a checked claim: a person, for itself or for an organisation.
type who struct {
	number string // IIN or BIN: whose account it is
	iin    string // who signs or logs in; empty when an organisation did not say
	bin    string
}

// claim checks what was typed as number and, for an organisation, as its representative. Faults stand at the fields number
// and representative.
func claim(number, representative string, now time.Time) (who, []fault.Field) {
	today := civil.Of(now, lang.Almaty())
	var w who
	var fields []fault.Field
	switch ident.Kind(number) {
	case ident.KindIIN:
		iin, err := ident.ParseIINOn(number, today)
		fields = at(fields, "number", err)
		w.number, w.iin = string(iin), string(iin)
		return w, fields
	case ident.KindBIN:
		bin, err := ident.ParseBIN(number)
		fields = at(fields, "number", err)
		w.number, w.bin = string(bin), string(bin)
	default:
		return w, append(fields, fault.Field{Path: "number", Key: "account.number"})
	}
	if strings.TrimSpace(representative) != "" {
		iin, err := ident.ParseIINOn(representative, today)
		fields = at(fields, "representative", err)
		w.iin = string(iin)
	}
	return w, fields
}

// at appends the fault of a field.
func at(fields []fault.Field, path string, err error) []fault.Field {
	if err == nil {
		return fields
	}
	key := "fault.internal"
	if f, ok := fault.As(err); ok {
		key = f.Key
	}
	return append(fields, fault.Field{Path: path, Key: key})
}

// contact checks e-mail, telephone and language and gives them in canonical form.
func contact(email, phone, language string) (mailTo, e164, l string, fields []fault.Field) {
	mailTo, ok := address(email)
	if !ok {
		fields = append(fields, fault.Field{Path: "email", Key: "account.email"})
	}
	e164, err := ident.ParsePhone(phone)
	fields = at(fields, "phone", err)
	parsed, ok := lang.Parse(language)
	if !ok {
		fields = append(fields, fault.Field{Path: "lang", Key: "account.lang"})
	}
	return mailTo, e164, string(parsed), fields
}

// address accepts one bare address of RFC 5321 with a domain of at least two labels.
func address(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 254 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return "", false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return "", false
	}
	local, domain, _ := strings.Cut(s, "@")
	labels := strings.Split(domain, ".")
	if len(local) > 64 || strings.Contains(domain, "@") || len(labels) < 2 {
		return "", false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", false
		}
	}
	return s, true
}

// newParty is the party that a certificate names.
func newParty(id string, w who, s port.Signer, now time.Time) party.Party {
	p := party.Party{ID: id, Kind: party.KindOf(w.number), Number: w.number, Name: s.Organisation, Profile: map[string]string{}, Version: 1, CreatedAt: now}
	if p.Kind == party.Individual {
		p.Surname, p.GivenName, p.Patronymic = s.Surname, s.GivenName, s.Patronymic
		p.Name = party.FullName(s.Surname, s.GivenName, s.Patronymic)
	}
	return p
}
