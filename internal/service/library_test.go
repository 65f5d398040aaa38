package service_test

import (
	"strings"
	"testing"

	"elicense/internal/service"
)

func TestLibraryRevision(t *testing.T) {
	const good = `pages:
  - key: personal
    title: {kk: а, ru: а, en: a}
    fields:
      - {key: small, type: yesno, label: {kk: а, ru: а, en: a}}
      - {key: sole, type: yesno, label: {kk: а, ru: а, en: a}, when: recipient != "legal_entity" && !small}
`
	lib, err := service.ParseLibrary("common.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	rev, err := lib.Revision("personal")
	if err != nil {
		t.Fatal(err)
	}
	field, _ := rev.Definition.Field("sole")
	for recipient, want := range map[string]bool{"legal_entity": false, "individual": true} {
		vars := rev.Program.Zero()
		vars["recipient"] = recipient
		if got, err := rev.Program.Bool(field.When, vars); err != nil || got != want {
			t.Errorf("%s: %v, %v", recipient, got, err)
		}
	}
	_, err = service.ParseLibrary("common.yaml", []byte(strings.Replace(good, "!small", "!smal", 1)))
	if err == nil || err.Error() != `common.yaml:6:102: field sole: rule: there is no name "smal": did you mean "small"?` {
		t.Error(err)
	}
	if _, err := lib.Revision("absent"); err == nil {
		t.Error("an unknown page was accepted")
	}
}
