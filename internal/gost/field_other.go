//go:build !amd64 || purego

package gost

// hasADX: without assembly the functions of its name are those in Go.
func hasADX() bool { return false }

func mul512ADX(z, x, y *fe) { mul512Generic(z, x, y) }

func sqr512ADX(z, x *fe) { sqr512Generic(z, x) }

func compress(h, n, m *block) { compressGeneric(h, n, m) }
