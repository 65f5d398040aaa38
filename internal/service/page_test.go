package service_test

import (
	"testing"

	"elicense/internal/service"
)

func TestLibraryRevision(t *testing.T) {
	lib, err := service.ParseLibrary("common.yaml", []byte(`pages:
  - key: personal
    fields:
      - {key: small, type: yesno}
      - {key: sole, type: yesno, when: recipient != "legal_entity" && !small}
  - key: broken
    fields:
      - {key: a, type: text, when: nothing == "b"}
`))
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
	if _, err := lib.Revision("broken"); err == nil {
		t.Error("a rule about an unknown name was accepted")
	}
	if _, err := lib.Revision("absent"); err == nil {
		t.Error("an unknown page was accepted")
	}
}
