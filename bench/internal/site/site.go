// Package site runs the program as a process over a prepared installation, and talks to it as browsers do.
package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"elicense/bench/internal/prepare"
)

// Build compiles the program into a folder and gives its path.
func Build(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, "elicense")
	out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "elicense/cmd/elicense").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

// FreeAddress gives a loopback address on which nobody listens at the moment.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Process is a running server.
type Process struct {
	cmd  *exec.Cmd
	log  bytes.Buffer
	done chan error
	// Ready is how long it took from the start until it was ready to serve.
	Ready time.Duration
}

// Start starts the program and waits until it says that it is ready.
func Start(ctx context.Context, program string, s prepare.Site) (*Process, error) {
	p := &Process{cmd: exec.CommandContext(ctx, program, s.Args()...), done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.done <- p.cmd.Wait() }()
	client := http.Client{Timeout: time.Second}
	for time.Since(begin) < 30*time.Second {
		select {
		case err := <-p.done:
			return nil, fmt.Errorf("the program ended: %w\n%s", err, p.log.String())
		default:
		}
		if resp, err := client.Get("http://" + s.Config.Listen + "/readyz"); err == nil {
			_ = resp.Body.Close() // only the status counts
			if resp.StatusCode == http.StatusOK {
				p.Ready = time.Since(begin)
				return p, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("the program did not become ready"), p.Kill())
}

// Kill ends the program as a power failure would: kill -9.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	<-p.done
	return nil
}

// Stop asks the program to end and waits.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		return err
	case <-time.After(30 * time.Second):
		return errors.Join(errors.New("the program did not stop"), p.Kill())
	}
}

// PID names the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Memory is the resident memory of the process in bytes.
func (p *Process) Memory() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			return kb << 10, nil
		}
	}
	return 0, errors.New("no VmRSS")
}

// Client makes an HTTP client that keeps n connections and follows no redirect.
func Client(n int) *http.Client {
	return &http.Client{
		Timeout:       20 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: n, MaxConnsPerHost: n, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Submit posts one signed application and gives where the answer leads. Anything but the redirect to the application is
// an error.
func Submit(ctx context.Context, c *http.Client, base string, s prepare.Submission) (string, error) {
	form := url.Values{"csrf_token": {s.Token}, "cms": {s.CMS}}
	address := base + "/kk/applications/" + s.Number + "/sign?challenge=" + s.Nonce
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", base)
	req.AddCookie(&http.Cookie{Name: "elicense", Value: s.Cookie})
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	location := resp.Header.Get("Location")
	if resp.StatusCode != http.StatusSeeOther || !strings.Contains(location, s.Number) {
		return "", &Refused{resp.StatusCode, location, string(body)}
	}
	return location, nil
}

// Refused is an answer that is no confirmation.
type Refused struct {
	Status   int
	Location string
	Body     string
}

// Error gives the status and where it leads.
func (r *Refused) Error() string { return fmt.Sprintf("status %d to %q", r.Status, r.Location) }
