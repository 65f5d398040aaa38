package app_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"elicense/internal/classifier"
	"elicense/internal/testkit/postgres"
	"elicense/internal/testkit/site"
)

// shared is the PostgreSQL server of this test process.
var shared postgres.Shared

// directories are those of the program, which nobody changes, read once for all sites.
var directories *classifier.Set

// made is the folder of the keys and the database that the sites of this process begin with.
var made string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	defer shared.Stop()
	var err error
	if made, err = os.MkdirTemp("", "made"); err == nil {
		defer func() { _ = os.RemoveAll(made) }() // only scratch
		err = site.Make(context.Background(), made, "")
	}
	if err == nil {
		directories, err = classifier.Load()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// openSite opens the program for a test.
func openSite(t testing.TB, o site.Options) *site.Site {
	t.Helper()
	if o.At.IsZero() {
		o.Made = made // for the start of every site's clock; a site of today needs keys of today
	}
	o.Directories = directories
	return site.Open(t, o)
}

// database gives a PostgreSQL database of the test's own, with the services published.
func database(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: PostgreSQL is left out")
	}
	folder := t.TempDir()
	return shared.URL(t, func(ctx context.Context, url string) error { return site.Make(ctx, folder, url) })
}

// onBoth runs a test on both engines.
func onBoth(t *testing.T, f func(t *testing.T, s *site.Site)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, openSite(t, site.Options{})) })
	t.Run("postgres", func(t *testing.T) { f(t, openSite(t, site.Options{Database: database(t)})) })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The whole way on both engines: complete, paid, signed, issued, and every promise holds.
func TestIssued(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site.Site) {
		a := s.Organisation(1)
		sent, err := a.Send(a.Complete(nil))
		must(t, err)
		if sent.State != "issued" || sent.Permit == "" {
			t.Fatalf("state %s, decision %+v", sent.State, sent.Decision)
		}
		report := s.Clean()
		if report.Applications != 1 || report.Permits != 1 || report.Signatures != 1 {
			t.Errorf("%+v", report)
		}
		if got := s.LogIn(a).Get("/kk/applications/" + sent.Number); got.Status != 200 {
			t.Errorf("status %d", got.Status)
		}
	})
}
