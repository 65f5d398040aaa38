package reference_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"elicense/internal/reference"
	"elicense/internal/service"
)

// Whatever is uploaded, reading gives rows that are safe to show and to store, or says which line is wrong.
func FuzzReadRows(f *testing.F) {
	for _, s := range []string{"code,name_kk\n710000000,Астана\n", "\ufeffcode;name_ru;from;to\n01;А;2026-01-01;\n", "code\n", "code,name_kk\n\"a\"\"b\",\n", "code,name_kk\n71,=1\n", "\xff\xfec\x00", "code,amount,name_kk\n0102,1.50,x\n"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	dir := &service.Directory{Columns: []service.Column{{Key: "amount", Type: "number"}, {Key: "n", Type: "int"}}}
	f.Fuzz(func(t *testing.T, text string, own bool) {
		key, d := reference.Places, (*service.Directory)(nil)
		if own {
			key, d = "s/d", dir
		}
		rows, err := reference.ReadRows(strings.NewReader(text), key, d)
		if err != nil {
			bad, ok := reference.Mistakes(err)
			if !ok || len(bad) == 0 || bad[0].Line < 1 || bad[0].Key == "" || len(rows) > 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, r := range rows {
			id := r.Code + "\x00" + r.Variant + "\x00" + r.From.String()
			all := r.Code + r.Variant + r.Name.KK + r.Name.RU + r.Name.EN + r.Values["amount"]
			if seen[id] || r.Code == "" || r.Name.IsZero() || !utf8.ValidString(all) || strings.ContainsFunc(all, unicode.IsControl) || strings.HasPrefix(r.Name.KK, "=") || key == reference.Places && len(r.Code) != 9 {
				t.Fatalf("%+v", r)
			}
			seen[id] = true
		}
	})
}
