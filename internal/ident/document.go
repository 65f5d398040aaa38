package ident

import (
	"strconv"
	"strings"
)

// documentLen is KZ, two check digits, three letters, eight digits.
const documentLen = 15

// MaxDocumentSerial is the last number of a code.
const MaxDocumentSerial = 99_999_999

// ValidCode tells whether a three-letter code of documents is well formed. The first letter tells the kind: R application,
// L licence, V second-category permit, U notification.
func ValidCode(code string) bool {
	if len(code) != 3 {
		return false
	}
	for i := range 3 {
		if code[i] < 'A' || code[i] > 'Z' {
			return false
		}
	}
	return true
}

// DocumentNumber makes the number of an application or a permit: KZ, two check digits, the code, n with eight digits, as in
// KZ19RFB00000009. The check digits are ISO 7064 MOD 97-10, computed as in an IBAN. It is empty for a malformed code or
// an n outside 0 to MaxDocumentSerial.
func DocumentNumber(code string, n int) string {
	if !ValidCode(code) || n < 0 || n > MaxDocumentSerial {
		return ""
	}
	body := code + padded(n, 8)
	return "KZ" + padded(98-mod97(body+"KZ00"), 2) + body
}

// mod97 reads letters as 10 to 35 and gives the remainder of the whole number.
func mod97(s string) int {
	rest := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}

// ValidDocumentNumber tells whether s is a document number exactly as it is stored.
func ValidDocumentNumber(s string) bool { return documentShape(s) && documentCheck(s) }

func documentShape(s string) bool {
	return len(s) == documentLen && s[:2] == "KZ" && digits(s[2:4]) && ValidCode(s[4:7]) && digits(s[7:])
}

// documentCheck recomputes: 00, 01 and 99 would leave the same remainder as 97, 98 and 02 but are never issued.
func documentCheck(s string) bool {
	return s[2:4] >= "02" && s[2:4] <= "98" && mod97(s[4:]+s[:4]) == 1
}

// ParseDocumentNumber reads a number as typed: lower case, spaces, hyphens, a leading №, Cyrillic letters that look like
// Latin ones. Every single wrong digit and every swap of neighbours is found. Fault keys: fault.document-number for the
// shape, fault.document-number-check for the check digits.
func ParseDocumentNumber(s string) (code string, n int, err error) {
	if len(s) > maxTyped {
		return "", 0, invalid("fault.document-number")
	}
	s = Folded(s)
	if !documentShape(s) {
		return "", 0, invalid("fault.document-number")
	}
	if !documentCheck(s) {
		return "", 0, invalid("fault.document-number-check")
	}
	n, err = strconv.Atoi(s[7:])
	return s[4:7], n, err
}

// latinTwin gives the Latin letter that a Cyrillic capital looks like.
func latinTwin(r rune) rune {
	const cyrillic, latin = "АВЕКМНОРСТХІ", "ABEKMHOPCTXI"
	if i := strings.IndexRune(cyrillic, r); i >= 0 {
		return rune(latin[i/2]) // every one of these letters takes two bytes
	}
	return r
}

// Folded is a number of any kind as it is compared: no spaces, hyphens or leading №, capitals, Latin letters for their
// Cyrillic twins. It checks nothing.
func Folded(s string) string {
	return strings.Map(latinTwin, strings.ToUpper(strings.TrimPrefix(Normalise(s), "№")))
}

// OldApplicationNumber reads the number that applications had before document numbers: R, two digits of the year, six
// digits, as in R11001155. It gives the canonical form.
func OldApplicationNumber(s string) (string, bool) {
	if len(s) > maxTyped {
		return "", false
	}
	s = Folded(s)
	if len(s) != 9 || s[0] != 'R' || !digits(s[1:]) {
		return "", false
	}
	return s, true
}
