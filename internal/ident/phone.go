package ident

import "strings"

// ParsePhone reads a telephone number as typed and gives its E.164 form. Numbers of Kazakhstan may begin with +7, 7, 8
// or nothing: +7 701 123 45 67, 8 (7172) 12-34-56, 7011234567. Kazakhstan uses the codes 0xx, 6xx and 7xx of +7 (agreement
// on sharing the code, 27.11.2024); a number of another country must begin with +. Fault keys: fault.phone,
// fault.phone-code where a number without + is not of Kazakhstan.
func ParsePhone(s string) (string, error) {
	if len(s) > maxTyped {
		return "", invalid("fault.phone")
	}
	s = Normalise(s)
	rest, international := strings.CutPrefix(s, "+")
	number := strings.Map(func(r rune) rune {
		if strings.ContainsRune("()./", r) {
			return -1
		}
		return r
	}, rest)
	if !digits(number) {
		return "", invalid("fault.phone")
	}
	if international {
		return abroad(number)
	}
	if len(number) == 11 && (number[0] == '7' || number[0] == '8') {
		number = number[1:]
	}
	if len(number) != 10 {
		return "", invalid("fault.phone")
	}
	if !strings.ContainsRune("067", rune(number[0])) {
		return "", invalid("fault.phone-code")
	}
	return "+7" + number, nil
}

// abroad checks the length only, 7 to 15 digits (ITU-T E.164), and exactly 11 for the shared code 7.
func abroad(number string) (string, error) {
	if number[0] == '0' || len(number) < 7 || len(number) > 15 || (number[0] == '7' && len(number) != 11) {
		return "", invalid("fault.phone")
	}
	return "+" + number, nil
}

// PhoneText groups an E.164 number of the code 7 for reading: +7 701 123 45 67, and with the four digits of a city's code
// +7 7172 12 34 56 (only Almaty's, 727, has three). Others stay as they are.
func PhoneText(e164 string) string {
	if len(e164) != 12 || !strings.HasPrefix(e164, "+7") || !digits(e164[1:]) {
		return e164
	}
	if area := e164[2:5]; area >= "710" && area < "730" && area != "727" {
		return "+7 " + e164[2:6] + " " + e164[6:8] + " " + e164[8:10] + " " + e164[10:]
	}
	return "+7 " + e164[2:5] + " " + e164[5:8] + " " + e164[8:10] + " " + e164[10:]
}
