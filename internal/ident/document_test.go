package ident

import (
	"testing"

	"pgregory.net/rapid"

	"elicense/internal/fault"
)

func TestDocumentNumber(t *testing.T) {
	for _, tt := range []struct {
		code string
		n    int
		want string
	}{
		{"RFB", 9, "KZ19RFB00000009"}, {"RPR", 5, "KZ17RPR00000005"}, {"XXX", 210433, "KZ52XXX00210433"}, {"LAA", 32760, "KZ18LAA00032760"},
		{"LAM", 2781, "KZ29LAM00002781"}, {"VEK", 18551, "KZ07VEK00018551"}, {"RFB", 10, "KZ89RFB00000010"}, {"RTL", 1, "KZ98RTL00000001"},
		{"LTL", 1, "KZ50LTL00000001"}, {"VTL", 1, "KZ33VTL00000001"}, {"RNR", 1, "KZ55RNR00000001"}, {"VNR", 1, "KZ87VNR00000001"},
		{"RRD", 1, "KZ64RRD00000001"}, {"UAA", 1, "KZ40UAA00000001"}, {"XXX", 1, "KZ38XXX00000001"}, {"ZZZ", 99999999, "KZ19ZZZ99999999"},
	} {
		got := DocumentNumber(tt.code, tt.n)
		if got != tt.want || !ValidDocumentNumber(got) {
			t.Errorf("DocumentNumber(%s, %d) = %s, want %s", tt.code, tt.n, got, tt.want)
		}
		if code, n, err := ParseDocumentNumber(got); code != tt.code || n != tt.n || err != nil {
			t.Errorf("%s read as %s, %d, %v", got, code, n, err)
		}
	}
	for _, got := range []string{DocumentNumber("RF", 1), DocumentNumber("rfb", 1), DocumentNumber("RFBX", 1), DocumentNumber("РФБ", 1), DocumentNumber("RFB", -1), DocumentNumber("RFB", 100_000_000)} {
		if got != "" {
			t.Errorf("made %s", got)
		}
	}
}

func TestParseDocumentNumberTyped(t *testing.T) {
	for _, s := range []string{"kz19rfb00000009", "KZ 19 RFB 0000 0009", "KZ19-RFB-00000009", "№ KZ19RFB00000009", "КZ19RFВ00000009", "кz19rfв00000009"} {
		if code, n, err := ParseDocumentNumber(s); code != "RFB" || n != 9 || err != nil {
			t.Errorf("%q read as %s, %d, %v", s, code, n, err)
		}
	}
	for s, key := range map[string]string{
		"": "fault.document-number", "KZ19RFB0000009": "fault.document-number", "RU19RFB00000009": "fault.document-number", "KZ19RF000000009": "fault.document-number",
		"KZ19ЯЩФ00000009": "fault.document-number", "KZ18RFB00000009": "fault.document-number-check", "KZ19RFB00000008": "fault.document-number-check",
	} {
		if code, n, err := ParseDocumentNumber(s); !fault.Is(err, key) || code != "" || n != 0 {
			t.Errorf("%q read as %s, %d, %v; want %s", s, code, n, err, key)
		}
	}
}

// 00, 01 and 99 leave the remainder of 97, 98 and 02: without a rule against them one wrong pair of digits would pass.
func TestCheckDigitsNeverIssued(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := anyDocument(t)
		for _, digits := range []string{"00", "01", "99"} {
			if wrong := number[:2] + digits + number[4:]; ValidDocumentNumber(wrong) {
				t.Fatalf("%s is valid", wrong)
			}
		}
	})
}

func anyDocument(t *rapid.T) string {
	code := rapid.StringMatching(`[A-Z]{3}`).Draw(t, "code")
	return DocumentNumber(code, rapid.IntRange(0, MaxDocumentSerial).Draw(t, "n"))
}

// Every single wrong character and every swap of two unlike neighbours must be found.
func TestEverySlipIsFound(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	rapid.Check(t, func(t *rapid.T) {
		number := anyDocument(t)
		if !ValidDocumentNumber(number) {
			t.Fatalf("%s is not valid", number)
		}
		for i := range number {
			for _, c := range []byte(alphabet) {
				wrong := []byte(number)
				wrong[i] = c
				if c != number[i] && ValidDocumentNumber(string(wrong)) {
					t.Fatalf("%s passes for %s", wrong, number)
				}
			}
			if i > 0 && number[i] != number[i-1] {
				swapped := []byte(number)
				swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
				if ValidDocumentNumber(string(swapped)) {
					t.Fatalf("%s passes for %s", swapped, number)
				}
			}
		}
	})
}

func TestOldApplicationNumber(t *testing.T) {
	for s, want := range map[string]string{"R11001155": "R11001155", "r 11 001155": "R11001155"} {
		if got, ok := OldApplicationNumber(s); !ok || got != want {
			t.Errorf("OldApplicationNumber(%q) = %s, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "R1100115", "R110011555", "L11001155", "R1100115x"} {
		if got, ok := OldApplicationNumber(s); ok {
			t.Errorf("OldApplicationNumber(%q) = %s", s, got)
		}
	}
}

func TestParsePhone(t *testing.T) {
	for s, want := range map[string]string{
		"+7 701 123 45 67": "+77011234567", "8 (701) 123-45-67": "+77011234567", "7011234567": "+77011234567", "77011234567": "+77011234567",
		"+7 (7172) 12-34-56": "+77172123456", "8 600 123 45 67": "+76001234567", "+7 000 123 45 67": "+70001234567", "0001234567": "+70001234567",
		"+7 912 345 67 89": "+79123456789", "+49 30 901820": "+4930901820", "+996 312 12 34 56": "+996312123456",
	} {
		got, err := ParsePhone(s)
		if err != nil || got != want {
			t.Errorf("ParsePhone(%q) = %s, %v; want %s", s, got, err, want)
		}
	}
	for s, key := range map[string]string{
		"": "fault.phone", "+": "fault.phone", "12345": "fault.phone", "701123456": "fault.phone", "+7 701 123 45 6": "fault.phone", "+7 701 123 45 678": "fault.phone",
		"+0123456789": "fault.phone", "+1234567890123456": "fault.phone", "701 123 45 67 ext 5": "fault.phone", "++77011234567": "fault.phone", "7+7011234567": "fault.phone",
		"8 912 345 67 89": "fault.phone-code", "9123456789": "fault.phone-code",
	} {
		if got, err := ParsePhone(s); !fault.Is(err, key) {
			t.Errorf("ParsePhone(%q) = %s, %v; want %s", s, got, err, key)
		}
	}
	for number, want := range map[string]string{"+77011234567": "+7 701 123 45 67", "+77172123456": "+7 7172 12 34 56", "+77272501234": "+7 727 250 12 34", "+4930901820": "+4930901820"} {
		if got := PhoneText(number); got != want {
			t.Errorf("PhoneText(%s) = %s", number, got)
		}
	}
}

func FuzzParseDocumentNumber(f *testing.F) {
	for _, s := range []string{"KZ19RFB00000009", "№ кz19rfв0000 0009", "KZ\xff", "ı"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, n, err := ParseDocumentNumber(s)
		if err != nil {
			return
		}
		if got := DocumentNumber(code, n); !ValidDocumentNumber(got) {
			t.Errorf("%q is read as %s, %d", s, code, n)
		}
	})
}

func FuzzParsePhone(f *testing.F) {
	for _, s := range []string{"+7 701 123 45 67", "8(7172)123456", "+4930901820", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParsePhone(s)
		if err != nil {
			return
		}
		if again, err := ParsePhone(got); err != nil || again != got {
			t.Errorf("%q: %s read back as %s, %v", s, got, again, err)
		}
		if again, err := ParsePhone(PhoneText(got)); err != nil || again != got {
			t.Errorf("%q: %s read back as %s, %v", s, PhoneText(got), again, err)
		}
	})
}

func FuzzOldApplicationNumber(f *testing.F) {
	f.Add("R11001155")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := OldApplicationNumber(s); ok && (len(got) != 9 || got[0] != 'R') {
			t.Errorf("%q is read as %q", s, got)
		}
	})
}
