package config

import (
	"net/url"

	"elicense/internal/ident"
	"elicense/internal/lang"
)

// Operator is the name of the organisation that runs the portal.
func (c Config) Operator() lang.Text {
	return lang.Text{KK: c.OperatorKK, RU: c.OperatorRU, EN: c.OperatorEN}
}

// checkMobile looks at what signing on a telephone needs. That the operator of eGov Mobile admits the portal's address
// cannot be seen from here.
func (c Config) checkMobile(say func(string, ...any)) {
	for key, address := range map[string]string{"egov-mobile": c.EgovMobile, "egov-business": c.EgovBusiness} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname()))) {
			say("%s: an address that begins with https://, not %q", key, address)
		}
		if u != nil && u.Query().Has("link") {
			say("%s: without link=, which is added for every document", key)
		}
	}
	switch {
	case c.EgovMobile == "" && c.EgovBusiness != "":
		say("egov-business needs egov-mobile")
	case c.EgovMobile == "":
		return
	}
	for key, name := range map[string]string{"operator-name-kk": c.OperatorKK, "operator-name-ru": c.OperatorRU, "operator-name-en": c.OperatorEN} {
		if name == "" {
			say("%s: telephones show who asks for the signature; egov-mobile needs it", key)
		}
	}
	if _, err := ident.ParseBIN(c.OperatorBIN); err != nil {
		say("operator-bin: the BIN of the organisation that runs the portal, not %q", c.OperatorBIN)
	}
}
