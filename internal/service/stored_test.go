package service_test

import (
	"strings"
	"testing"

	"elicense/internal/service"
)

// A published revision stays readable when checks are added; what cannot run is refused.
func TestStored(t *testing.T) {
	files := good(t)
	lib, err := service.ParseLibrary("common.yaml", []byte(files["common.yaml"]))
	if err != nil {
		t.Fatal(err)
	}
	for put, readable := range map[string]bool{"when: urgent || !urgent": true, "when: nothing": false, "wehn: urgent": false} {
		src := service.Source{"service.yaml": []byte(strings.Replace(files["service.yaml"], `when: direction == "import"`, put, 1))}
		if _, err := service.NewRevision(src, lib, 1); err == nil {
			t.Errorf("%s was published", put)
		}
		rev, err := service.Stored(src, lib, 7)
		if (err == nil) != readable {
			t.Errorf("%s: %v", put, err)
		}
		if readable && (rev.Number != 7 || rev.Digest != src.Digest()) {
			t.Errorf("%+v", rev)
		}
	}
}
