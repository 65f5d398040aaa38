// Package sqlite gives tests databases that were migrated once.
package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Shared is one database that is prepared for all tests of a process; each test gets a copy. A test package keeps one in a
// variable.
type Shared struct {
	once    sync.Once
	content []byte
	err     error
}

// TB is the part of testing.TB that is needed here.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	TempDir() string
}

// URL gives a database of the test's own: a copy of one that prepare filled once (migrations) and closed.
func (s *Shared) URL(t TB, prepare func(ctx context.Context, url string) error) string {
	t.Helper()
	s.once.Do(func() { s.content, s.err = prepared(prepare) })
	if s.err != nil {
		t.Fatalf("%v", s.err)
	}
	path := filepath.Join(t.TempDir(), "elicense.db")
	if err := os.WriteFile(path, s.content, 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	return "sqlite:" + path
}

func prepared(prepare func(ctx context.Context, url string) error) ([]byte, error) {
	folder, err := os.MkdirTemp("", "elicense-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // only scratch
	path := filepath.Join(folder, "elicense.db")
	if err := prepare(context.Background(), "sqlite:"+path); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return nil, fmt.Errorf("%s was not closed: its log is still there", path)
	}
	return os.ReadFile(filepath.Clean(path))
}
