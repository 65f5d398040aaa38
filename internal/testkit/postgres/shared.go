//go:build unix

package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Shared is one server for all tests of a process, started when the first test asks. A test package keeps one in a
// variable and stops it in TestMain:
//
//	var shared postgres.Shared
//
//	func TestMain(m *testing.M) {
//		code := m.Run()
//		shared.Stop()
//		os.Exit(code)
//	}
type Shared struct {
	mu       sync.Mutex
	server   *Server
	err      error
	started  bool
	prepared bool
	count    int
}

// TB is the part of testing.TB that is needed here.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// template is the prepared database that every test gets a copy of.
const template = "template_elicense"

// URL gives a database of the test's own: a copy of one that prepare filled once (migrations). Where PostgreSQL is
// missing the test fails with the line that installs it.
func (s *Shared) URL(t TB, prepare func(ctx context.Context, url string) error) string {
	t.Helper()
	url, err := s.url(prepare)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return url
}

func (s *Shared) url(prepare func(ctx context.Context, url string) error) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		s.started = true
		s.server, s.err = Start(ctx, Options{})
	}
	if s.err != nil {
		return "", s.err
	}
	if !s.prepared {
		if s.err = s.server.Create(ctx, template, ""); s.err != nil {
			return "", s.err
		}
		if s.err = prepare(ctx, s.server.URL(template)); s.err != nil {
			return "", s.err
		}
		s.prepared = true
	}
	s.count++
	name := fmt.Sprintf("test_%d", s.count)
	if err := s.server.Create(ctx, name, template); err != nil {
		return "", err
	}
	return s.server.URL(name), nil
}

// Stop ends the server if it was started. What goes wrong is printed nowhere: the folder is temporary and the tests are over.
func (s *Shared) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		_ = s.server.Stop()
		s.server = nil
	}
}
