package cases_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"elicense/internal/cases"
	"elicense/services"
)

// The mistakes of rows, cases and of two services together have their places.
func TestCheck(t *testing.T) {
	if wrong := cases.Check(folderWith(t, "", "", ""), []string{"trade-licence", "advocacy"}); wrong != nil {
		t.Fatal(wrong)
	}
	const granted, rows = "trade-licence/cases/01-import-granted.yaml", "trade-licence/licensed_goods.csv"
	for _, c := range []struct{ file, old, put, want string }{
		{rows, "120000", "many", "trade-licence/licensed_goods.csv:2:129: quota: not a number"},
		{rows, "2026-12-31", "31.12.2026", "trade-licence/licensed_goods.csv:2:114: to: a date is written as 2026-01-31"},
		{rows, "2903710000,import", "x,import", `trade-licence/licensed_goods.csv:2:1: code "x": 2 to 10 digits`},
		{rows, "quota_year", "quotayear", `trade-licence/licensed_goods.csv:1:60: unknown column "quotayear": did you mean "quota_year"?`},
		{rows, ",166", ",166,", "trade-licence/licensed_goods.csv:2:1: the line has more or fewer fields than the header: a field with a comma stands in quotes"},
		{granted, "expect:", "expected:", `trade-licence/cases/01-import-granted.yaml:39:1: there is no key "expected": did you mean "expect"?`},
		{granted, "permit_kind:", "permit_knid:", `trade-licence/cases/01-import-granted.yaml:15:16: there is no field "permit_knid": did you mean "permit_kind"?`},
		{granted, "filed:", "operation: isue\nfiled:", `trade-licence/cases/01-import-granted.yaml:3:12: there is no operation "isue": did you mean "issue"?`},
		{granted, "filed:", "issued: {KZ40UAA00000001: isue}\nfiled:", `trade-licence/cases/01-import-granted.yaml:3:27: there is no operation "isue": did you mean "issue"?`},
		{granted, "kind: legal_entity", "kind: foreign_legal_entity", `trade-licence/cases/01-import-granted.yaml:2:15: the passport does not serve "foreign_legal_entity": name one of its recipients`},
		{granted, "documents: [contract]", "documents: [contrakt]", `trade-licence/cases/01-import-granted.yaml:38:13: there is no document "contrakt": did you mean "contract"?`},
		{granted, "decision: granted", "decision: grant", `trade-licence/cases/01-import-granted.yaml:43:13: decision is granted or refused, not "grant"`},
		{granted, "decision: granted", "decision: refused", "trade-licence/cases/01-import-granted.yaml:43:13: a refusal has grounds: name them"},
		{granted, "decision: granted", "decision: granted\n  grounds: [fee]", `trade-licence/cases/01-import-granted.yaml:44:3: a granted application has no grounds of refusal | trade-licence/cases/01-import-granted.yaml:44:13: there is no ground "fee"`},
		{granted, "house: \"8\"", "house: 8", "trade-licence/cases/01-import-granted.yaml:13:10: house needs a text: put 8 in quotes"},
		{"advocacy/service.yaml", "status: announced", "status: announced\nnumbers: {application: RAD, permit: LTL}", "trade-licence/service.yaml:81:37: numbers.permit: advocacy has the code LTL already: take another"},
		{"advocacy/service.yaml", "key: advocacy", "key: advocate", `advocacy/service.yaml:1:1: the service is called "advocate" and its folder "advocacy": call both the same`},
		{"catalogue.yaml", "key: moj", "key: justice", `advocacy/service.yaml:18:10: catalogue.yaml has no state body "moj": did you mean "moa"?`},
		{"common.yaml", "type: place", "type: palce", `common.yaml:37:15: field city: there is no type "palce": did you mean "place"?`},
	} {
		var got []string
		for _, m := range cases.Check(folderWith(t, c.file, c.old, c.put), []string{"trade-licence", "advocacy"}) {
			got = append(got, m.Error())
		}
		if strings.Join(got, " | ") != c.want {
			t.Errorf("%s → %s:\n got %s\nwant %s", c.old, c.put, strings.Join(got, " | "), c.want)
		}
	}
}

// folderWith is the folder of services with the first place of a text in one file replaced.
func folderWith(t *testing.T, file, old, put string) fs.FS {
	t.Helper()
	folder := fstest.MapFS{}
	err := fs.WalkDir(services.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(services.Files, name)
		if name == file {
			if !strings.Contains(string(b), old) {
				t.Fatalf("%s does not contain %s", file, old)
			}
			b = []byte(strings.Replace(string(b), old, put, 1))
		}
		folder[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}
