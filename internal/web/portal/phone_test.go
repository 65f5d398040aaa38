package portal

import (
	"encoding/json"
	"strings"
	"testing"

	"elicense/internal/fault"
	"elicense/internal/web/signing"
)

func FuzzSignedByPhone(f *testing.F) {
	f.Add([]byte(`{"signMethod":"CMS_SIGN_ONLY","documentsToSign":[{"id":1,"nameRu":"x","meta":[{"name":"a","value":"b"}],"document":{"file":{"mime":"","data":"MIIB"}}}]}`))
	f.Add([]byte(`{"signMethod":"XML","documentsToSign":[{"id":1,"documentXml":"<a/>"}]}`))
	f.Add([]byte(`{"signMethod":"CMS_SIGN_ONLY","documentsToSign":[{"id":2,"document":{"file":{"data":"MIIC"}}},{"id":1,"document":{"file":{"data":"MIIB"}}}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, in []byte) {
		for of := 1; of < 3; of++ {
			all, err := signedByPhone(in, of)
			if err != nil {
				if fault.KindOf(err) != fault.Invalid || all != nil {
					t.Fatal(all, err)
				}
				continue
			}
			if !json.Valid(in) || len(all) != of {
				t.Fatalf("%q gives %q", in, all)
			}
			for _, cms := range all {
				if len(cms) == 0 || len(cms) > signing.MaxCMS*3/2 {
					t.Fatalf("%q gives %q", in, cms)
				}
			}
		}
	})
}

func TestSignatureOfATelephoneIsBounded(t *testing.T) {
	body := func(n int) []byte {
		return []byte(`{"signMethod":"CMS_SIGN_ONLY","documentsToSign":[{"id":1,"document":{"file":{"data":"` + strings.Repeat("A", n) + `"}}}]}`)
	}
	if _, err := signedByPhone(body(signing.MaxCMS*3/2), 1); err != nil {
		t.Errorf("control: %v", err)
	}
	if _, err := signedByPhone(body(signing.MaxCMS*3/2+1), 1); !fault.Is(err, "signature.too-large") {
		t.Errorf("too large: %v", err)
	}
}
