package service_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/service"
)

var update = flag.Bool("update", false, "write the mistakes as they are found, to be reviewed")

// good reads a definition without mistakes, by file.
func good(t testing.TB) map[string]string {
	files := map[string]string{}
	for _, name := range []string{"catalogue.yaml", "common.yaml", "service.yaml", "goods.csv"} {
		text, err := os.ReadFile(filepath.Join("testdata", "good", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

// check reads a definition as the folder of services is read.
func check(files map[string]string) error {
	root := folder{}
	for _, name := range []string{"catalogue.yaml", "common.yaml"} {
		root[name] = files[name]
	}
	_, _, lib, err := service.ReadCommon(root.fs())
	if err != nil {
		return err
	}
	_, _, err = service.Parse(service.Source{"service.yaml": []byte(files["service.yaml"]), "goods.csv": []byte(files["goods.csv"])}, lib)
	return err
}

// Each line of mistakes.tsv is one edit of the good definition and what must be said of it: the file, the text replaced,
// the text put in its place, and the mistakes with their places, divided by " | ".
func TestMistakes(t *testing.T) {
	if err := check(good(t)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("testdata", "mistakes", "mistakes.tsv")
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines []string
	rows := 0
	for in := bufio.NewScanner(file); in.Scan(); {
		line := in.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			lines = append(lines, line)
			continue
		}
		rows++
		f := strings.Split(line, "\t")
		if len(f) < 3 {
			t.Fatalf("%q", line)
		}
		got := oneEdit(t, f[0], f[1], f[2])
		lines = append(lines, strings.Join(append(f[:3:3], got), "\t"))
		if !*update && (len(f) != 4 || f[3] != got) {
			t.Errorf("%s → %s\n got %s", f[1], f[2], strings.ReplaceAll(got, " | ", "\n     "))
		}
	}
	if rows < 60 {
		t.Errorf("%d rows only", rows)
	}
	if *update {
		if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func oneEdit(t *testing.T, file, old, put string) string {
	plain := strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\x`, strings.Repeat("x", 1001))
	files := good(t)
	if old = plain.Replace(old); !strings.Contains(files[file], old) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	files[file] = strings.Replace(files[file], old, plain.Replace(put), 1)
	err := check(files)
	var found service.Mistakes
	if !errors.As(err, &found) {
		return fmt.Sprint("no mistakes: ", err)
	}
	all := make([]string, len(found))
	for i, m := range found {
		if m.Line == 0 || m.Line > 1+strings.Count(files[strings.TrimPrefix(m.File, "../")], "\n") {
			t.Errorf("%v is outside the file", m)
		}
		all[i] = m.Error()
	}
	return strings.Join(all, " | ")
}
