package casework

import (
	"bytes"
	"io/fs"
	"testing"

	"elicense/internal/service"
	"elicense/services"
)

// Only what a rule of the application asks for is waited for.
func TestNeedsMCI(t *testing.T) {
	_, _, library, err := service.ReadCommon(services.Files)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key, from, to  string
		invoiced, want bool
	}{
		"fee in indices":       {"trade-licence", "", "", false, true},
		"fee that is invoiced": {"trade-licence", "", "", true, false},
		"fee in tenge":         {"trade-licence", "fee: 10 * mci", "fee: 4325000", false, false},
		"free":                 {"numbering-resource", "", "", false, false},
		"ground of refusal":    {"trade-licence", "if: contract_date > today", "if: contract_date > today && quantity > mci", true, true},
	} {
		folder, err := fs.Sub(services.Files, c.key)
		if err != nil {
			t.Fatal(err)
		}
		src, err := service.ReadSource(folder)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(src["service.yaml"], []byte(c.from)) {
			t.Fatalf("%s: no %s", c.key, c.from)
		}
		src["service.yaml"] = bytes.Replace(src["service.yaml"], []byte(c.from), []byte(c.to), 1)
		rev, err := service.NewRevision(src, library, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := needsMCI(rev, rev.Definition.Operations[0], c.invoiced); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
