package app_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/app"
	"elicense/internal/catalogue"
	"elicense/internal/config"
	"elicense/internal/demo/ca"
	"elicense/internal/eds"
	"elicense/internal/service"
	"elicense/services"
)

// A new version of the program publishes its text after that of an older one, and never in place of what the office
// published: then it says so, at every start.
func TestUpgradeOfTheServices(t *testing.T) {
	authority, err := ca.Open(filepath.Join(t.TempDir(), "ca"), ca.Options{Now: app.World().Now})
	must(t, err)
	trust := eds.Config{Anchors: eds.Source{Certificates: authority.Anchors()}}
	for by, want := range map[string]struct {
		revision int
		warned   bool
	}{"built-in": {2, false}, "official-of-the-office": {1, true}} {
		cfg := config.Config{Listen: "127.0.0.1:1", OfficeListen: "127.0.0.1:2", Data: t.TempDir(), Environment: "test"}.Complete()
		publishOther(t, cfg, by)
		for range 2 { // a restart changes nothing
			var log bytes.Buffer
			a, err := app.Open(t.Context(), cfg, app.Extras{Trust: &trust}, slog.New(slog.NewTextHandler(&log, nil)))
			must(t, err)
			rev, err := a.Catalogue.Service("trade-licence")
			must(t, err)
			warned := strings.Contains(log.String(), "service=trade-licence")
			if rev.Number != want.revision || warned != want.warned || strings.Contains(log.String(), "service=numbering-resource") {
				t.Errorf("%s: revision %d, warned %v\n%s", by, rev.Number, warned, log.String())
			}
			must(t, a.Close(t.Context()))
		}
	}
}

// publishOther publishes another text of the trade licence than the program's.
func publishOther(t *testing.T, cfg config.Config, by string) {
	t.Helper()
	store, err := app.OpenStore(t.Context(), cfg)
	must(t, err)
	must(t, store.Migrate(t.Context()))
	cat, err := catalogue.New(store, app.World(), services.Files)
	must(t, err)
	folder, err := fs.Sub(services.Files, "trade-licence")
	must(t, err)
	src, err := service.ReadSource(folder)
	must(t, err)
	src["service.yaml"] = bytes.Replace(src["service.yaml"], []byte("fee: 10 * mci"), []byte("fee: 9 * mci"), 1)
	_, fresh, err := cat.Publish(t.Context(), src, by)
	must(t, err)
	if !fresh {
		t.Fatal("nothing was published")
	}
	must(t, store.Close())
}

// An operator who has nothing but the program compares and proposes the text that it carries.
func TestBuiltInTextByItsKey(t *testing.T) {
	s := []string{"--listen", "127.0.0.1:0", "--office-listen", "127.0.0.2:0", "--data", t.TempDir(), "--environment", "test"}
	cfg := config.Config{Listen: "127.0.0.1:1", OfficeListen: "127.0.0.1:2", Data: s[5], Environment: "test"}.Complete()
	publishOther(t, cfg, "official-of-the-office")
	if out, _ := command(t, 0, append([]string{"service", "diff", "trade-licence"}, s...)...); !strings.Contains(out, `"9 * mci", now "10 * mci"`) {
		t.Error(out)
	}
	if out, _ := command(t, 0, append([]string{"service", "publish", "trade-licence", "--by", "900101300017"}, s...)...); !strings.Contains(out, "proposed as") {
		t.Error(out)
	}
	command(t, 2, append([]string{"service", "diff", "no-such-service"}, s...)...)
}
