package registers_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"elicense/internal/classifier"
	"elicense/internal/demo"
	"elicense/internal/demo/registers"
	"elicense/internal/fault"
	"elicense/internal/ident"
)

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func TestMadeUpOrganisations(t *testing.T) {
	set, err := classifier.Load()
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"city", "postal_index", "street_kk", "street_ru", "house", "house_letter", "flat", "small_business", "sole_proprietor", "representative_address", "faxes"}
	list := registers.MadeUp()
	seen := map[string]bool{}
	types := map[byte]bool{}
	for _, e := range list {
		b, err := ident.ParseBIN(e.BIN)
		if err != nil || seen[e.BIN] {
			t.Errorf("BIN %s: %v", e.BIN, err)
		}
		seen[e.BIN], types[b.Type()] = true, true
		if !e.Name.Complete() || !e.Position.Complete() || e.Head == "" {
			t.Errorf("%s is not complete", e.BIN)
		}
		for key, value := range e.Values {
			if !slices.Contains(known, key) || value == "" {
				t.Errorf("%s: %s is no typical field", e.BIN, key)
			}
		}
		if _, ok := set.Places.Get(e.Values["city"]); !ok {
			t.Errorf("%s: no place %s", e.BIN, e.Values["city"])
		}
		if fax := e.Values["faxes"]; fax != "" {
			if canonical, err := ident.ParsePhone(fax); err != nil || canonical != fax {
				t.Errorf("%s: %v", fax, err)
			}
		}
	}
	if len(types) != 3 || len(list) < 5 {
		t.Errorf("%d organisations of %d types", len(list), len(types))
	}
	for _, bin := range []string{demo.TradeBIN(), demo.ImportBIN()} {
		if !seen[bin] {
			t.Errorf("an organisation of the demonstration's people is not registered: %s", bin)
		}
	}
	for _, p := range demo.People() { // what the certificate says, the register says
		for _, e := range list {
			if e.BIN == p.Key.BIN && e.Name.KK != p.Key.Organisation {
				t.Errorf("%s is %q in the register and %q in the certificate", e.BIN, e.Name.KK, p.Key.Organisation)
			}
		}
	}
}

func TestLegalEntity(t *testing.T) {
	r := registers.New(noon)
	e, err := r.LegalEntity(t.Context(), demo.TradeBIN())
	if err != nil || e.BIN != demo.TradeBIN() || !e.FetchedAt.Equal(noon()) {
		t.Fatalf("%+v %v", e, err)
	}
	e.Values["house"] = "changed"
	if again, err := r.LegalEntity(t.Context(), demo.TradeBIN()); err != nil || again.Values["house"] == "changed" {
		t.Fatal("the register can be changed from outside", err)
	}
	if _, err := r.LegalEntity(t.Context(), "200140000015"); err == nil || fault.KindOf(err) != fault.NotFound {
		t.Fatal(err)
	}
	r.SetDown(true)
	if _, err := r.LegalEntity(t.Context(), demo.TradeBIN()); fault.KindOf(err) != fault.Unavailable {
		t.Fatal(err)
	}
	r.SetDown(false)
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := r.LegalEntity(ended, demo.TradeBIN()); fault.KindOf(err) != fault.Unavailable {
		t.Fatal(err)
	}
	if only := registers.New(noon, registers.MadeUp()[0]); only != nil {
		if _, err := only.LegalEntity(t.Context(), demo.ImportBIN()); fault.KindOf(err) != fault.NotFound || err == nil {
			t.Fatal(err)
		}
	}
}
