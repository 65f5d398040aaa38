package portal

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"elicense/internal/application"
	"elicense/internal/lang"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/web/page"
	"elicense/internal/workday"
	"elicense/locales"
)

// said finds the message keys that the pages name.
var said = regexp.MustCompile(`(?:Say\.[TN]|\bsay)\("([^"]+)"`)

// Every key that a page names has a text in every language.
func TestEveryKeyHasText(t *testing.T) {
	texts, err := lang.Load(locales.Files)
	must(t, err)
	files, err := filepath.Glob("*.go")
	must(t, err)
	keys := page.WordKeys()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		must(t, err)
		for _, m := range said.FindAllStringSubmatch(string(source), -1) {
			if !strings.HasSuffix(m[1], ".") { // what is put together from parts is listed below
				keys = append(keys, m[1])
			}
		}
	}
	keys = append(keys, "applications.none", "applications.none-text", "permits.none", "permits.none-text", "notifications.none", "notifications.none-text", "service.available", "service.presence",
		"value.yes", "value.no", "channel.yes", "channel.no", "channel.apply", "channel.issue", "check.number", "check.unknown", "check.unknown-file",
		"check.number-missing", "check.file-missing", "check.file-too-large", "check.file-broken", "fault.not-found", "fault.login", "field.date")
	for _, table := range []string{"applications", "bodies", "services", "subtypes", "reasons"} {
		keys = append(keys, "statistics."+table)
	}
	for _, holiday := range []string{"new-year", "christmas", "womens-day", "constitution", "nauryz", "unity", "defender", "victory", "capital", "republic",
		"first-president", "independence", "kurban-ait"} {
		keys = append(keys, workday.HolidayPrefix+holiday)
	}
	keys = append(keys, workday.Weekend, workday.Moved, workday.SwappedOff, workday.SwappedWork, workday.Works, "ask.fee-mci")
	for month := 1; month <= 12; month++ {
		keys = append(keys, "statistics.month."+strconv.Itoa(month))
	}
	for _, w := range []string{"paper", "post", "service_centre", "portal"} {
		keys = append(keys, "channel."+w)
	}
	for _, r := range service.Recipients() {
		keys = append(keys, "recipient."+string(r))
	}
	for _, p := range service.Parts() {
		keys = append(keys, "service.part."+string(p))
	}
	for class := 1; class <= 6; class++ {
		keys = append(keys, "service.class."+strconv.Itoa(class))
	}
	for _, s := range application.States() {
		keys = append(keys, "status."+string(s))
	}
	for _, s := range []permit.State{permit.Valid, permit.Expired, permit.Future} {
		keys = append(keys, "status.permit."+string(s))
	}
	for _, o := range []port.Operator{port.Equals, port.Contains, port.From, port.Until} {
		keys = append(keys, "operator."+string(o))
	}
	for _, l := range lang.All() {
		keys = append(keys, "document-lang."+string(l))
	}
	for _, l := range lang.All() {
		for _, key := range keys {
			if !texts.In(l).Has(key) {
				t.Errorf("%s: no text for %s", l, key)
			}
		}
	}
}

// The languages have the same keys, placeholders and plural forms.
func TestLocalesAgree(t *testing.T) {
	texts, err := lang.Load(locales.Files)
	must(t, err)
	for _, problem := range texts.Check() {
		t.Error(problem)
	}
}
