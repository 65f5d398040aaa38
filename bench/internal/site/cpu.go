package site

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is what the kernel counts processor time in (proc(5): sysconf(_SC_CLK_TCK) is 100 on every Linux of today).
const tick = 10 * time.Millisecond

// CPU is the processor time that a process has used, from /proc/PID/stat; with its children, those that ended included.
func CPU(pid int, children bool) (time.Duration, error) {
	own, parent := strconv.Itoa(pid), ""
	stats := []string{filepath.Join("/proc", own, "stat")}
	if children {
		all, err := filepath.Glob("/proc/[0-9]*/stat")
		if err != nil {
			return 0, err
		}
		stats, parent = all, own
	}
	var sum time.Duration
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		// The command's name stands in brackets and may hold spaces.
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		itself := filepath.Base(filepath.Dir(name)) == own
		if len(f) < 15 || !itself && f[1] != parent {
			continue
		}
		fields := f[11:13] // user and system time
		if itself && children {
			fields = f[11:15] // and those of the children that ended
		}
		for _, v := range fields {
			n, err := strconv.Atoi(v)
			if err != nil {
				return 0, err
			}
			sum += time.Duration(n) * tick
		}
	}
	if sum == 0 {
		return 0, fmt.Errorf("process %d: no time", pid)
	}
	return sum, nil
}
