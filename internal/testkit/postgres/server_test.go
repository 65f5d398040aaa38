package postgres

import (
	"context"
	"os"
	"strings"
	"testing"
)

func TestServer(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	ctx := context.Background()
	s, err := Start(ctx, Options{Fsync: true, Settings: map[string]string{"work_mem": "5MB"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Create(ctx, "one", ""); err != nil {
		t.Error(err)
	}
	out, err := s.Command(ctx, "psql", "-d", "one", "-At", "-c", "show fsync", "-c", "show work_mem", "-c", "select 'ә' < 'б'").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "on\n5MB\nt" {
		t.Errorf("%v %s", err, out)
	}
	folder := s.Folder()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s was left behind: %v", folder, err)
	}
}

func TestSharedGivesEachItsOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	var s Shared
	defer s.Stop()
	prepared := 0
	prepare := func(context.Context, string) error { prepared++; return nil }
	a, b := s.URL(t, prepare), s.URL(t, prepare)
	if a == b || prepared != 1 {
		t.Errorf("%s %s, prepared %d times", a, b, prepared)
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	_, err := Start(context.Background(), Options{Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v", err)
	}
}
