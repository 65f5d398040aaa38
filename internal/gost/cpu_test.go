package gost

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// cpuLoop runs f as a benchmark and reports the processor time of its thread beside the clock: other programs on the
// machine do not disturb it.
func cpuLoop(b *testing.B, f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
	before := threadTime(b)
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(threadTime(b)-before)/float64(b.N), "cpu-ns/op")
}

func threadTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(1, &u); err != nil { // RUSAGE_THREAD
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
