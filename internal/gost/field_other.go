//go:build !amd64 || purego

package gost

func mul512(z, x, y *fe) { mul512Generic(z, x, y) }

func sqr512(z, x *fe) { sqr512Generic(z, x) }

func compress(h, n, m *block) { compressGeneric(h, n, m) }
