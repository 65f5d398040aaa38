//go:build !purego

package gost

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// TestAssembly: the same words as from the twins in Go, where carries run and where they do not.
func TestAssembly(t *testing.T) {
	if !cpu.adx {
		t.Skip("this processor has no ADX: all arithmetic runs in Go here")
	}
	rapid.Check(t, func(t *rapid.T) {
		x, y := words(8).Draw(t, "x"), words(8).Draw(t, "y")
		checkAssembly(t, x, y)
	})
}

func checkAssembly(t interface{ Fatalf(string, ...any) }, x, y fe) {
	var got, want fe
	mul512ADX(&got, &x, &y)
	mul512Generic(&want, &x, &y)
	if got != want {
		t.Fatalf("mul(%x, %x) = %x, want %x", x, y, got, want)
	}
	sqr512ADX(&got, &x)
	sqr512Generic(&want, &x)
	if got != want {
		t.Fatalf("sqr(%x) = %x, want %x", x, got, want)
	}
	mul512Generic(&want, &x, &y)
	mul512ADX(&x, &x, &y) // in place
	if x != want {
		t.Fatalf("in place: %x, want %x", x, want)
	}
}

func FuzzAssembly(f *testing.F) {
	f.Add(make([]byte, 128))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !cpu.adx {
			t.Skip("no ADX")
		}
		var x, y fe
		data = append(data, make([]byte, 128)...)
		for i := range x {
			x[i], y[i] = binary.LittleEndian.Uint64(data[8*i:]), binary.LittleEndian.Uint64(data[64+8*i:])
		}
		checkAssembly(t, x, y)
	})
}

// TestCompressAssembly: the compression of Streebog agrees with its twin.
func TestCompressAssembly(t *testing.T) {
	if !cpu.gfni {
		t.Skip("this processor has no AVX-512 with VBMI and GFNI: Streebog runs in Go here")
	}
	rapid.Check(t, func(t *rapid.T) {
		checkCompress(t, block(words(8).Draw(t, "h")), block(words(8).Draw(t, "n")), block(words(8).Draw(t, "m")))
	})
}

func checkCompress(t interface{ Fatalf(string, ...any) }, h, n, m block) {
	got, want := h, h
	compressGFNI(&got, &n, &m, streebogGFNI)
	compressGeneric(&want, &n, &m)
	if got != want {
		t.Fatalf("compress(%x, %x, %x) = %x, want %x", h, n, m, got, want)
	}
}

func FuzzCompressAssembly(f *testing.F) {
	f.Add(make([]byte, 192))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !cpu.gfni {
			t.Skip("no AVX-512 with VBMI and GFNI")
		}
		var b [3]block
		data = append(data, make([]byte, 192)...)
		for i := range b {
			b[i].load((*[64]byte)(data[64*i:]))
		}
		checkCompress(t, b[0], b[1], b[2])
	})
}
