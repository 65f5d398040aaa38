package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/app"
	"elicense/internal/port"
	"elicense/internal/service"
	"elicense/internal/testkit/site"
)

// command runs the program and demands its exit code.
func command(t *testing.T, want int, args ...string) (out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	if code := app.Main(args, &o, &e); code != want {
		t.Errorf("%v: exit code %d, want %d\n%.2000s\n%.2000s", args, code, want, o.String(), e.String())
	}
	return o.String(), e.String()
}

// parsed runs the program with --json and reads what it printed.
func parsed[T any](t *testing.T, want int, args ...string) T {
	t.Helper()
	var v T
	out, _ := command(t, want, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Errorf("%v: %v\n%.500s", args, err, out)
	}
	return v
}

// flags are the settings of a site for the command line.
func flags(s *site.Site) []string {
	c := s.Config
	return []string{"--listen", "127.0.0.1:0", "--office-listen", "127.0.0.2:0", "--data", c.Data, "--database", c.Database, "--origin", c.Origin, "--environment", c.Environment,
		"--anchors", c.Anchors, "--authorities", c.Authorities, "--revocation-lists", c.Lists}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--no-such-flag"}, {"no-such-command"}, {}, {"version", "extra"}, {"verify"}, {"eds", "verify"}, {"eds", "cert"}, {"eds", "chain"}, {"ca"}, {"ca", "make"}, {"serve", "--listen"}, {"service"}} {
		if _, text := command(t, 2, args...); !strings.Contains(text, "elicense") {
			t.Errorf("%v: %q", args, text)
		}
	}
	if out, _ := command(t, 0, "--help"); !strings.Contains(out, "fsck") {
		t.Error(out)
	}
	if out, _ := command(t, 0, "version"); !strings.HasPrefix(out, "elicense ") {
		t.Error(out)
	}
	if v := parsed[map[string]string](t, 0, "version"); v["version"] == "" || v["go"] == "" {
		t.Error(v)
	}
}

func TestConfigCheckCommand(t *testing.T) {
	s := openSite(t, site.Options{})
	command(t, 0, append([]string{"config", "check"}, flags(s)...)...)
	type verdict struct {
		OK       bool     `json:"ok"`
		Mistakes []string `json:"mistakes"`
	}
	if v := parsed[verdict](t, 1, "config", "check", "--environment", "production", "--origin", "http://elicense.example"); v.OK || len(v.Mistakes) < 3 {
		t.Errorf("%+v", v)
	}
	file := filepath.Join(t.TempDir(), "elicense.yaml")
	must(t, os.WriteFile(file, []byte("environment: nowhere\norigin: https://elicense.example\n"), 0o600))
	if v := parsed[verdict](t, 1, "config", "check", "--config", file); len(v.Mistakes) != 1 || !strings.HasPrefix(v.Mistakes[0], "environment") {
		t.Errorf("%+v", v)
	}
	command(t, 0, "config", "check", "--config", file, "--environment", "test") // a flag stands above the file
	t.Setenv("ELICENSE_ENVIRONMENT", "test")
	command(t, 0, "config", "check", "--config", file) // so does the environment
	must(t, os.WriteFile(file, []byte("origine: x\n"), 0o600))
	if _, text := command(t, 1, "config", "check", "--config="+file); !strings.Contains(text, "elicense.yaml:1:1") {
		t.Error(text)
	}
	command(t, 1, "config", "check", "--config", file+"x")
	command(t, 1, "serve", "--environment", "production", "--data", t.TempDir()) // refuses to start
}

func TestServiceCommands(t *testing.T) {
	if out, _ := command(t, 0, "service", "check"); !strings.Contains(out, "no mistakes") {
		t.Error(out)
	}
	type verdict struct{ Passed, Failed int }
	if v := parsed[verdict](t, 0, "service", "test"); v.Passed < 20 || v.Failed != 0 {
		t.Errorf("%+v", v)
	}
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS("../../services")))
	command(t, 0, "service", "check", "--services", folder, "trade-licence")
	file := filepath.Join(folder, "trade-licence", "service.yaml")
	text, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, bytes.Replace(text, []byte("if: contract_date > today"), []byte("if: contract_date < today"), 1), 0o600))
	if v := parsed[verdict](t, 1, "service", "test", "--services", folder, "trade-licence"); v.Failed == 0 {
		t.Errorf("%+v", v)
	}
	must(t, os.WriteFile(file, bytes.Replace(text, []byte("status: open"), []byte("statsu: open"), 1), 0o600))
	if out, _ := command(t, 1, "service", "check", "--services", folder); !strings.Contains(out, "trade-licence") || !strings.Contains(out, `there is no key "statsu": did you mean "status"?`) {
		t.Error(out)
	}
	out, _ := command(t, 1, "service", "check", "--format", "json", filepath.Join(folder, "trade-licence"))
	var mistakes service.Mistakes
	if err := json.Unmarshal([]byte(out), &mistakes); err != nil || len(mistakes) == 0 || mistakes[0].File != "trade-licence/service.yaml" || mistakes[0].Line == 0 {
		t.Error(err, out)
	}
	if out, _ := command(t, 0, "service", "schema"); out != string(service.Schema()) {
		t.Error(out)
	}
}

func TestSignatureCommand(t *testing.T) {
	s := openSite(t, site.Options{At: app.World().Now()})
	a := s.Organisation(1)
	dir := t.TempDir()
	content, signature := filepath.Join(dir, "content"), filepath.Join(dir, "signature")
	must(t, os.WriteFile(content, []byte("something"), 0o600))
	must(t, os.WriteFile(signature, s.Sign([]byte("something"), a.Key), 0o600))
	type verdict struct {
		Valid              bool
		Reason, Revocation string
		Signer             *struct{ IIN, BIN string }
		Chain              []struct {
			Anchor              bool
			Signature, Validity string
		}
	}
	args := append([]string{"eds", "verify", signature, "--content", content}, flags(s)...)
	if v := parsed[verdict](t, 0, args...); !v.Valid || v.Signer.BIN != a.Person.BIN || v.Revocation != "good" || len(v.Chain) != 3 || !v.Chain[2].Anchor {
		t.Errorf("%+v", v)
	}
	if v := parsed[verdict](t, 1, append(args, "--time", "2001-01-01T00:00:00Z")...); v.Valid || v.Reason != "signature.not-yet-valid" || v.Chain[0].Validity != v.Reason {
		t.Errorf("%+v", v)
	}
	if v := parsed[verdict](t, 1, append(args, "--revocation-lists", "")...); v.Valid || v.Reason != "signature.pending" {
		t.Errorf("%+v", v)
	}
	command(t, 2, append(args, "--time", "yesterday")...)
	command(t, 2, append([]string{"eds", "verify", signature}, flags(s)...)...) // detached, without its content
	must(t, os.WriteFile(content, []byte("something else"), 0o600))
	if v := parsed[verdict](t, 1, args...); v.Valid || v.Reason != "signature.content-changed" {
		t.Errorf("%+v", v)
	}
	command(t, 1, append([]string{"eds", "verify", signature + "x", "--content", content}, flags(s)...)...)
}

func TestPermitCommands(t *testing.T) {
	s := openSite(t, site.Options{At: app.World().Now()})
	a := s.Organisation(1)
	sent, err := a.Send(a.Complete(nil))
	must(t, err)
	pdf := s.LogIn(a).Get("/kk/permits/" + sent.Permit + "/document/kk").Body
	file := filepath.Join(t.TempDir(), "permit.pdf")
	must(t, os.WriteFile(file, []byte(pdf), 0o600))
	type verdict struct {
		Known               bool
		Number, Lang, State string
	}
	if v := parsed[verdict](t, 0, append([]string{"verify", file}, flags(s)...)...); !v.Known || v.Number != sent.Permit || v.Lang != "kk" {
		t.Errorf("%+v", v)
	}
	must(t, os.WriteFile(file, []byte(strings.Replace(pdf, "%%EOF", "%%EOE", 1)), 0o600))
	if v := parsed[verdict](t, 1, append([]string{"verify", file}, flags(s)...)...); v.Known {
		t.Errorf("%+v", v)
	}
	command(t, 0, append([]string{"migrate"}, flags(s)...)...)
	if out, _ := command(t, 0, append([]string{"fsck"}, flags(s)...)...); !strings.Contains(out, "every promise holds") {
		t.Error(out)
	}
	s.Update(func(tx port.Tx) error {
		draft := s.Application(sent.Number)
		draft.Permit = ""
		tx.Write().Applications().Change(draft)
		return nil
	})
	if v := parsed[struct{ Broken []struct{ Promise string } }](t, 1, append([]string{"fsck"}, flags(s)...)...); len(v.Broken) == 0 {
		t.Error("fsck found nothing")
	}
}

func TestDoctorCommand(t *testing.T) {
	s := openSite(t, site.Options{At: app.World().Now()})
	type finding struct {
		Check  string
		OK     bool
		Remedy string
	}
	for _, f := range parsed[[]finding](t, 0, append([]string{"doctor"}, flags(s)...)...) {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
	wrong := 0
	for _, f := range parsed[[]finding](t, 1, append([]string{"doctor"}, append(flags(s), "--anchors", t.TempDir(), "--data", filepath.Join(t.TempDir(), "no", "such"))...)...) {
		if !f.OK {
			wrong++
			if f.Remedy == "" {
				t.Errorf("%s: no remedy", f.Check)
			}
		}
	}
	if wrong < 2 {
		t.Errorf("%d things found wrong", wrong)
	}
}

func TestImportCommand(t *testing.T) {
	s := openSite(t, site.Options{})
	file := filepath.Join(t.TempDir(), "rows.csv")
	head := "code,variant,name_kk,name_ru,name_en,from,to,section,quota,quota_year,unit\n"
	must(t, os.WriteFile(file, []byte(head+"290399,import,А,Б,C,2026-01-01,,201,,,166\n"), 0o600))
	command(t, 0, append([]string{"import", "trade-licence/licensed_goods", file}, flags(s)...)...)
	must(t, os.WriteFile(file, []byte(head+"2903x9,import,А,Б,C,2026-13-01,,201,many,,166\n"), 0o600))
	command(t, 1, append([]string{"import", "trade-licence/licensed_goods", file}, flags(s)...)...)
	command(t, 1, append([]string{"import", "no-such-service/x", file}, flags(s)...)...)
}
