package notice

import (
	"strings"
	"testing"
	"unicode/utf8"

	"elicense/internal/application"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/locales"
)

// The longest SMS of two segments in letters that are not Latin (3GPP TS 23.038: 67 characters each).
const twoSegments = 2 * 67

// Every kind has words in every language, an SMS of two segments at most, and takes what is in its values as text.
func TestEveryKindHasWords(t *testing.T) {
	texts, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{KindMessage, KindWithdrawn}
	for _, e := range []application.Event{application.Created, application.Saved, application.Signed, application.Sent, application.SignatureRefused,
		application.SignatureUnproven, application.Registration, application.Taken, application.Proposed, application.Granted, application.Refused, application.Withdrawal,
		"correction_asked", "correction_lapsed", "hearing_called", "review_upheld", "reopened"} {
		if e.Told() {
			kinds = append(kinds, string(e))
		}
	}
	if len(kinds) != 13 {
		t.Errorf("kinds %v", kinds)
	}
	words := Locales{Texts: texts}
	for _, kind := range append(kinds, KindDone) {
		for _, l := range lang.All() {
			args := map[string]string{ArgNumber: "KZ19RFB00000009", ArgUntil: "2027-02-22", ArgFirst: "717-2 000000", ArgLast: "009999", "link": "https://elicense.kz/" + string(l) + "/applications/KZ19RFB00000009"}
			for _, c := range []port.Channel{port.Cabinet, port.Mail, port.SMS} {
				if c == port.SMS && !weighty(kind) {
					continue
				}
				subject, text, ok, _ := words.Notice(t.Context(), l, port.Notice{Kind: kind, Channel: c}, args)
				if !ok || strings.ContainsAny(subject+text, "⟦{}") || c != port.SMS && (subject == "" || strings.ContainsAny(subject, "\r\n")) {
					t.Errorf("%s %s %s: %q %q", kind, l, c, subject, text)
				}
				if n := utf8.RuneCountInString(text); c == port.SMS && n > twoSegments {
					t.Errorf("%s %s: an SMS of %d characters", kind, l, n)
				}
			}
			if _, text, _, _ := words.Notice(t.Context(), l, port.Notice{Kind: kind, Channel: port.Mail}, map[string]string{ArgNumber: "{{.}}${7*7}{link}", "link": "x"}); strings.Contains(text, "49") || !strings.Contains(text, "{{.}}${7*7}{link}") {
				t.Errorf("%s %s: %q", kind, l, text)
			}
		}
	}
	if _, _, ok, _ := words.Notice(t.Context(), lang.KK, port.Notice{Kind: "nothing", Channel: port.Mail}, nil); ok {
		t.Error("words for nothing")
	}
}

func TestAttemptsAreFurtherAndFurtherApart(t *testing.T) {
	for i := 2; i < tries; i++ {
		if wait(i) <= wait(i-1) {
			t.Errorf("after %d failures %v", i, wait(i))
		}
	}
}
