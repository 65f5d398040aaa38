//go:build unix

// Package postgres starts a private PostgreSQL server from the binaries that are installed, for tests and benchmarks:
// in a temporary folder, reachable only through a unix socket there, gone when it is stopped.
package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrMissing is what Start gives where PostgreSQL is not installed. It names the line that installs it.
var ErrMissing = errors.New("PostgreSQL is not installed: apt-get install postgresql")

// role owns everything in the private server.
const role = "elicense"

// Options choose the kind of server.
type Options struct {
	// Fsync keeps the server durable, as in production. Without it nothing is flushed: for tests, not for measuring.
	Fsync bool
	// Settings are further server settings by name, such as "synchronous_standby_names".
	Settings map[string]string
}

// Server is a running server.
type Server struct {
	bin    string
	folder string
	owner  *syscall.Credential
	signal chan os.Signal
	done   chan error
	log    *bytes.Buffer
}

// Start makes a cluster and starts it; it takes one to three seconds. The caller stops it.
func Start(ctx context.Context, opts Options) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, signal: make(chan os.Signal, 1), done: make(chan error, 1), log: &bytes.Buffer{}}
	if s.owner, err = owner(); err != nil {
		return nil, err
	}
	if s.folder, err = os.MkdirTemp("", "pg"); err != nil {
		return nil, err
	}
	if s.owner != nil {
		err = os.Chown(s.folder, int(s.owner.Uid), int(s.owner.Gid))
	}
	if err == nil {
		// The default collation is Kazakh on purpose: a column that should compare byte by byte has to say so itself.
		err = s.run(ctx, "initdb", "-D", s.data(), "-U", role, "--auth=trust", "--no-sync", "-E", "UTF8",
			"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=kk")
	}
	if err == nil {
		err = s.start(ctx, opts)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	return s, nil
}

// binaries finds the newest installed version.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		return "", ErrMissing
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 outside Debian's folders
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	return filepath.Dir(found[0]), nil
}

// owner is the user that runs the server: PostgreSQL refuses to run as root.
func owner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// Folder holds the socket; it is the host for clients such as psql.
func (s *Server) Folder() string { return s.folder }

// Bin is the path of an installed client such as "pgbench".
func (s *Server) Bin(name string) string { return filepath.Join(s.bin, name) }

// PID names the server's first process.
func (s *Server) PID() (int, error) {
	b, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(first)
}

// URL is the address of a database of this server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s", role, database, s.folder)
}

// Command prepares a client of this server: host, user and the arguments.
func (s *Server) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.Bin(name), args...)
	cmd.Dir = s.folder
	cmd.Env = append(os.Environ(), "PGHOST="+s.folder, "PGUSER="+role)
	return cmd
}

// run runs an installed program as the owner of the server.
func (s *Server) run(ctx context.Context, name string, args ...string) error {
	cmd := s.Command(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

func (s *Server) start(ctx context.Context, opts Options) error {
	settings := map[string]string{"listen_addresses": "", "unix_socket_directories": s.folder, "max_connections": "200", "shared_buffers": "256MB"}
	if !opts.Fsync {
		settings["fsync"], settings["full_page_writes"], settings["synchronous_commit"] = "off", "off", "off"
		settings["shared_buffers"] = "64MB"
	}
	for k, v := range opts.Settings {
		settings[k] = v
	}
	args := []string{"-D", s.data()}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	go s.supervise(args)
	for {
		if s.run(ctx, "pg_isready", "-q", "-d", "postgres") == nil {
			return nil
		}
		select {
		case err := <-s.done:
			return fmt.Errorf("postgres: %w: %s", err, strings.TrimSpace(s.log.String()))
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.Stop())
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// supervise runs the server on a thread of its own, whose end takes the server with it where the system can do that.
func (s *Server) supervise(args []string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command(s.Bin("postgres"), args...)
	cmd.Dir = s.folder
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.SysProcAttr = dieWithParent(&syscall.SysProcAttr{Credential: s.owner})
	if err := cmd.Start(); err != nil {
		s.done <- err
		return
	}
	ended := make(chan struct{})
	go func() {
		select {
		case sig := <-s.signal:
			_ = cmd.Process.Signal(sig) // it may have ended by itself
		case <-ended:
		}
	}()
	err := cmd.Wait()
	close(ended)
	s.done <- err
}

// Stop ends the server at once and removes its folder.
func (s *Server) Stop() error {
	s.signal <- syscall.SIGQUIT // immediate shutdown: the data is thrown away
	select {
	case <-s.done:
	case <-time.After(20 * time.Second):
		return errors.New("postgres: does not stop")
	}
	return os.RemoveAll(s.folder)
}

// Create makes a database, from a template unless that is "".
func (s *Server) Create(ctx context.Context, name, template string) error {
	args := []string{name}
	if template != "" {
		args = []string{"-T", template, name}
	}
	return s.run(ctx, "createdb", args...)
}
