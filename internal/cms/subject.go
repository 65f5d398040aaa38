package cms

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The refusals of a certificate that is not a signing certificate of a person.
const (
	KeySubject       = "signature.subject"            // the subject is unreadable, or a field stands twice
	KeyNoIIN         = "signature.no-iin"             // no IIN: certificates of information systems have none
	KeyBadIIN        = "signature.bad-iin"            // more than one IIN, or one that is none
	KeyBadBIN        = "signature.bad-bin"            // more than one unit, or one that is no BIN
	KeyRole          = "signature.role"               // the roles are absent or contradict the BIN
	KeySystem        = "signature.system-key"         // an information system's certificate
	KeyUsage         = "signature.usage"              // the key may not sign documents (an authentication key)
	KeyAuthorityKey  = "signature.authority-key"      // a certification authority's certificate
	KeyCriticalField = "signature.critical-extension" // a critical extension nobody here understands
)

// Role is what a certificate says its holder may do. The words are those of the NCA's extended key usages,
// 1.2.398.3.3.4.1.*.
type Role string

// The roles of the National Certification Authority's certificates.
const (
	RoleIndividual  Role = "individual"    // 1.2.398.3.3.4.1.1
	RoleLegalEntity Role = "legal-entity"  // 1.2.398.3.3.4.1.2
	RoleHead        Role = "head"          // 1.2.398.3.3.4.1.2.1
	RoleRightToSign Role = "right-to-sign" // 1.2.398.3.3.4.1.2.2
	RoleFinancial   Role = "financial"     // 1.2.398.3.3.4.1.2.3
	RoleHR          Role = "hr"            // 1.2.398.3.3.4.1.2.4
	RoleEmployee    Role = "employee"      // 1.2.398.3.3.4.1.2.5
	RoleSystem      Role = "system"        // 1.2.398.3.3.4.1.2.6.*
)

// DemoMark is the object identifier of the extension that marks every certificate of the demonstration authority. It
// stands in the arc kept for examples (RFC 5612). A production configuration trusts no certificate that carries it.
const DemoMark = "1.3.6.1.4.1.32473.5.1"

// IsDemo tells whether a certificate was made by the demonstration authority.
func IsDemo(c *x509.Certificate) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.String() == DemoMark })
}

// Subject is the person a certificate names.
type Subject struct {
	IIN          string // 12 digits, shape checked, check digit not (the NCA's own test numbers fail it)
	BIN          string // 12 digits; empty for an individual
	Surname      string
	GivenName    string // what follows the surname in the common name
	Patronymic   string // the NCA keeps it in givenName
	Organisation string
	Email        string
	Roles        []Role
}

// Has tells whether the certificate gives a role.
func (s Subject) Has(r Role) bool { return slices.Contains(s.Roles, r) }

// SubjectOf reads the holder from a signing certificate and refuses every other kind: no person, an authentication
// key, a certification authority, roles that contradict the BIN. Names are read element by element, because a second
// serialNumber or unit is how one certificate is made to speak of two persons.
func SubjectOf(c *x509.Certificate) (Subject, error) {
	if err := checkProfile(c); err != nil {
		return Subject{}, err
	}
	fields, err := readName(c.RawSubject)
	if err != nil {
		return Subject{}, err
	}
	s := Subject{Organisation: fields["2.5.4.10"], Surname: fields["2.5.4.4"], Patronymic: fields["2.5.4.42"], Email: fields["1.2.840.113549.1.9.1"]}
	if len(c.EmailAddresses) > 0 {
		s.Email = c.EmailAddresses[0]
	}
	s.GivenName = strings.TrimSpace(strings.TrimPrefix(fields["2.5.4.3"], s.Surname))
	var ok bool
	serial, present := fields["2.5.4.5"]
	if !present {
		return Subject{}, refuse(KeyNoIIN)
	}
	if s.IIN, ok = number(serial, "IIN"); !ok {
		return Subject{}, refuse(KeyBadIIN)
	}
	if unit, present := fields["2.5.4.11"]; present {
		if s.BIN, ok = number(unit, "BIN"); !ok {
			return Subject{}, refuse(KeyBadBIN)
		}
	}
	s.Roles = rolesOf(c)
	individual, entity := s.Has(RoleIndividual), s.Has(RoleLegalEntity)
	if s.Has(RoleSystem) {
		return Subject{}, refuse(KeySystem)
	}
	if individual == entity || entity != (s.BIN != "") {
		return Subject{}, refuse(KeyRole)
	}
	return s, nil
}

// checkProfile checks key usage and extensions (the NCA's leaf profile).
func checkProfile(c *x509.Certificate) error {
	switch {
	case c.IsCA || c.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0:
		return refuse(KeyAuthorityKey)
	case len(c.UnhandledCriticalExtensions) != 0:
		return refuse(KeyCriticalField)
	case c.KeyUsage&x509.KeyUsageContentCommitment == 0, !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection):
		return refuse(KeyUsage)
	case slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping), slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return refuse(KeyUsage) // a service's key: it never speaks for a person
	}
	return nil
}

// number takes "IIN" or "BIN" and twelve digits: ^IIN\d{12}$.
func number(s, prefix string) (string, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	if !ok || len(digits) != 12 {
		return "", false
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return digits, true
}

// rolesOf maps the extended key usages under 1.2.398.3.3.4.1 to roles; others say nothing here.
func rolesOf(c *x509.Certificate) []Role {
	var out []Role
	for _, id := range c.UnknownExtKeyUsage {
		oid := id.String()
		tail, ok := strings.CutPrefix(oid, "1.2.398.3.3.4.1.")
		if !ok {
			continue
		}
		switch {
		case tail == "1":
			out = append(out, RoleIndividual)
		case tail == "2":
			out = append(out, RoleLegalEntity)
		case tail == "2.1":
			out = append(out, RoleHead)
		case tail == "2.2":
			out = append(out, RoleRightToSign)
		case tail == "2.3":
			out = append(out, RoleFinancial)
		case tail == "2.4":
			out = append(out, RoleHR)
		case tail == "2.5":
			out = append(out, RoleEmployee)
		case tail == "2.6", strings.HasPrefix(tail, "2.6."):
			out = append(out, RoleSystem)
		}
	}
	return out
}

// readName walks the RDNs of a name. Of the attributes that identify a person each may stand once; the other ones
// (country, places, domain components) may repeat and are not returned.
func readName(raw []byte) (map[string]string, error) {
	in := cryptobyte.String(raw)
	var rdns cryptobyte.String
	if !in.ReadASN1(&rdns, casn1.SEQUENCE) || !in.Empty() {
		return nil, refuse(KeySubject)
	}
	out := make(map[string]string, 8)
	for !rdns.Empty() {
		var rdn cryptobyte.String
		if !rdns.ReadASN1(&rdn, casn1.SET) {
			return nil, refuse(KeySubject)
		}
		for !rdn.Empty() {
			var pair cryptobyte.String
			var oid asn1.ObjectIdentifier
			if !rdn.ReadASN1(&pair, casn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&oid) {
				return nil, refuse(KeySubject)
			}
			if err := readField(out, oid.String(), pair); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// readField takes the value of one attribute of a name.
func readField(out map[string]string, oid string, in cryptobyte.String) error {
	key := KeySubject
	switch oid {
	case "2.5.4.5":
		key = KeyBadIIN
	case "2.5.4.11":
		key = KeyBadBIN
	case "2.5.4.3", "2.5.4.4", "2.5.4.42", "2.5.4.10", "1.2.840.113549.1.9.1":
	default:
		return nil
	}
	var value cryptobyte.String
	var tag casn1.Tag
	if !in.ReadAnyASN1(&value, &tag) || !in.Empty() {
		return refuse(KeySubject)
	}
	switch tag {
	case casn1.PrintableString, casn1.UTF8String, casn1.IA5String:
	default:
		return refuse(KeySubject)
	}
	text := string(value)
	// A control character or a direction mark in a name exists only to deceive whoever reads it.
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		return refuse(KeySubject)
	}
	if _, twice := out[oid]; twice {
		return refuse(key)
	}
	out[oid] = text
	return nil
}
