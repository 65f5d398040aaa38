//go:build !linux

package gost

import "testing"

// cpuLoop runs f as a benchmark.
func cpuLoop(b *testing.B, f func()) {
	for b.Loop() {
		f()
	}
}
