//go:build linux

// Command gost measures internal/gost beside OpenSSL's gost engine on one core: runs of ours and of the engine alternate,
// each figure is the median of the rounds in processor time, so that other programs on the machine count for neither. The
// engine is driven by a small C program that calls it in a loop in its own process (the openssl command has no such loop);
// it is compiled when the measurement starts. The last line is `ratio X`: verifications of 512 bits, ours over the engine.
//
//	go run [-tags purego] ./bench/gost [-rounds 45]
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"elicense/internal/gost"
)

//go:embed engine.c.txt
var engineSource []byte

const install = "apt-get install -y --no-install-recommends gcc libc6-dev libssl-dev libengine-gost-openssl"

func main() {
	rounds := flag.Int("rounds", 45, "measurements of each kind, alternating")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench/gost:", err)
		os.Exit(1)
	}
}

// measurement is one thing that both do.
type measurement struct {
	name   string
	engine string // the engine's word for it; "" where it has none
	count  int
	ours   func()
}

func run(rounds int) error {
	dir, err := os.MkdirTemp("", "bench-gost")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, err := startEngine(dir)
	if err != nil {
		return err
	}
	defer e.stop()
	list, err := measurements(e)
	if err != nil {
		return err
	}
	runtime.LockOSThread() // the time read is the thread's
	fmt.Printf("%-34s %12s %12s %8s\n", "processor time of one, median", "ours", "engine", "ratio")
	var ratio float64
	for _, m := range list {
		var ours, engine []time.Duration
		m.ours()
		for range rounds {
			if m.engine != "" {
				d, err := e.run(m.engine, m.count)
				if err != nil {
					return err
				}
				engine = append(engine, d/time.Duration(m.count))
			}
			before := threadTime()
			for range m.count {
				m.ours()
			}
			ours = append(ours, (threadTime()-before)/time.Duration(m.count))
		}
		if m.engine == "" {
			fmt.Printf("%-34s %12v\n", m.name, median(ours))
			continue
		}
		r := float64(median(engine)) / float64(median(ours))
		if m.engine == "verify" && ratio == 0 {
			ratio = r
		}
		fmt.Printf("%-34s %12v %12v %8.2f\n", m.name, median(ours), median(engine), r)
	}
	fmt.Printf("ratio %.2f\n", ratio)
	return nil
}

// measurements makes the work from the engine's own key, digest and signature, so that both verify the same.
func measurements(e *engine) ([]measurement, error) {
	public, err := gost.NewPublicKey(gost.Curve512A(), e.public)
	if err != nil {
		return nil, err
	}
	prepared := public.Prepare()
	if err := errors.Join(public.Verify(e.digest, e.signature), prepared.Verify(e.digest, e.signature)); err != nil {
		return nil, err
	}
	private, err := gost.GenerateKey(gost.Curve512A(), rand.Reader)
	if err != nil {
		return nil, err
	}
	data, hash, old := make([]byte, 1<<20), gost.NewStreebog512(), gost.NewGOST94()
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	return []measurement{
		{"verify, 512 bits", "verify", 20, func() { must(public.Verify(e.digest, e.signature)) }},
		{"verify, 512 bits, key prepared", "verify", 20, func() { must(prepared.Verify(e.digest, e.signature)) }},
		{"sign, 512 bits", "sign", 20, func() { _, err := private.Sign(rand.Reader, e.digest, nil); must(err) }},
		{"Streebog-512, 1 MiB", "hash", 1, func() { hash.Reset(); hash.Write(data) }},
		{"GOST 34.311-95, 1 MiB", "oldhash", 1, func() { old.Reset(); old.Write(data) }},
	}, nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func threadTime() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		panic(errno)
	}
	return time.Duration(t.Nano())
}

// engine is the running C program with the key, digest and signature it made, in the byte orders of internal/gost.
type engine struct {
	command                   *exec.Cmd
	in                        *os.File
	out                       *bufio.Reader
	public, digest, signature []byte
}

func startEngine(dir string) (*engine, error) {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return nil, fmt.Errorf("no C compiler: %s", install)
	}
	source, binary := filepath.Join(dir, "engine.c"), filepath.Join(dir, "engine")
	if err := os.WriteFile(source, engineSource, 0o600); err != nil {
		return nil, err
	}
	if text, err := exec.Command(compiler, "-O2", "-o", binary, source, "-lcrypto").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s%w: %s", text, err, install)
	}
	e := &engine{command: exec.Command(binary)}
	e.command.Stderr = os.Stderr
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	e.command.Stdin, e.in = read, write
	out, err := e.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := e.command.Start(); err != nil {
		return nil, err
	}
	read.Close()
	e.out = bufio.NewReader(out)
	for _, b := range []*[]byte{&e.public, &e.digest, &e.signature} {
		line, err := e.out.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("the engine does not answer: %s", install)
		}
		if *b, err = hex.DecodeString(strings.TrimSpace(line)); err != nil {
			return nil, err
		}
	}
	e.signature = bytes.Clone(e.signature)
	slices.Reverse(e.signature) // s‖r, most significant byte first (RFC 9215)
	return e, nil
}

// run has the engine do something n times and gives the processor time it took.
func (e *engine) run(what string, n int) (time.Duration, error) {
	if _, err := fmt.Fprintf(e.in, "%s %d\n", what, n); err != nil {
		return 0, err
	}
	line, err := e.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	return time.Duration(ns), err
}

func (e *engine) stop() {
	e.in.Close()
	e.command.Wait()
}
