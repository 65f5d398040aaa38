package gost

import (
	"crypto/rand"
	"testing"
)

func benchCurves() []*Curve { return []*Curve{Curve512A(), Curve256A(), CurveCryptoProA()} }

func BenchmarkVerify(b *testing.B) {
	for _, c := range benchCurves() {
		key, digest := benchKey(b, c)
		signature, err := key.Sign(rand.Reader, digest, nil)
		if err != nil {
			b.Fatal(err)
		}
		prepared := key.PublicKey().Prepare()
		b.Run(c.Name(), func(b *testing.B) {
			cpuLoop(b, func() { key.PublicKey().Verify(digest, signature) })
		})
		b.Run(c.Name()+"/prepared", func(b *testing.B) {
			cpuLoop(b, func() { prepared.Verify(digest, signature) })
		})
	}
}

func BenchmarkSign(b *testing.B) {
	for _, c := range benchCurves() {
		key, digest := benchKey(b, c)
		b.Run(c.Name(), func(b *testing.B) {
			cpuLoop(b, func() { key.Sign(rand.Reader, digest, nil) })
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	key, _ := benchKey(b, Curve512A())
	cpuLoop(b, func() { key.PublicKey().Prepare() })
}

func BenchmarkField(b *testing.B) {
	c := Curve512A()
	x, y := c.g.y, c.b
	b.Run("mul", func(b *testing.B) { cpuLoop(b, func() { hundred(func() { c.p.mul(&x, &x, &y) }) }) })
	b.Run("sqr", func(b *testing.B) { cpuLoop(b, func() { hundred(func() { c.p.sqr(&x, &x) }) }) })
	b.Run("add", func(b *testing.B) { cpuLoop(b, func() { hundred(func() { c.p.add(&x, &x, &y) }) }) })
	b.Run("invert", func(b *testing.B) { cpuLoop(b, func() { c.p.invertPublic(&x, &x); c.p.add(&x, &x, &y) }) })
}

func hundred(f func()) {
	for range 100 {
		f()
	}
}

func benchKey(b *testing.B, c *Curve) (*PrivateKey, []byte) {
	key, err := GenerateKey(c, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := make([]byte, c.Size())
	rand.Read(digest)
	return key, digest
}
