//go:build !purego

package gost

// The assembly is field_amd64.s and streebog_amd64.s; the tag purego leaves it out. Each function is held against its
// twin in Go by a fuzz test.

//go:noescape
func mul512ADX(z, x, y *fe)

//go:noescape
func sqr512ADX(z, x *fe)

func cpuid(leaf, sub uint32) (a, b, c, d uint32)

func xgetbv() uint32

// features are what the processor has and the operating system lets programs use.
type features struct {
	adx  bool // BMI2 and ADX: MULX, ADCX, ADOX
	gfni bool // AVX-512 with F, BW, VBMI, and GFNI
}

var cpu = detect()

func detect() (f features) {
	const osxsave, wideState = 1 << 27, 0xe6 // SSE, AVX and the three parts of AVX-512
	if most, _, _, _ := cpuid(0, 0); most < 7 {
		return f
	}
	_, _, c1, _ := cpuid(1, 0)
	_, b, c, _ := cpuid(7, 0)
	has := func(word uint32, bits ...int) bool {
		for _, bit := range bits {
			if word>>bit&1 == 0 {
				return false
			}
		}
		return true
	}
	f.adx = has(b, 8, 19)
	f.gfni = c1&osxsave != 0 && xgetbv()&wideState == wideState && has(b, 16, 30) && has(c, 1, 8)
	return f
}

// hasADX tells whether mul512ADX and sqr512ADX can be used.
func hasADX() bool { return cpu.adx }
