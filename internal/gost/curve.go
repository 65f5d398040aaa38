package gost

import "sync"

// Curve is an elliptic curve y² = x³ + a·x + b with its point G of prime order q (RFC 7091, section 5.1). The functions
// named after the curves give them; a Curve is safe for concurrent use.
type Curve struct {
	name     string
	p, q     field
	a, b, b3 fe // in the field's form; b3 is 3·b
	halfA    fe
	three    bool
	cofactor int
	g        affine

	publicOnce sync.Once
	public     *oddMultiples // of G, for verification
	secretOnce sync.Once
	secret     *windows // of G, for signing
}

// affine is a point of the curve that is not the neutral one.
type affine struct{ x, y fe }

// Name is the curve's name in RFC 7836 or RFC 4357.
func (c *Curve) Name() string { return c.name }

// Size is the length in bytes of a coordinate, of r, of s, of a private key and of a digest: 32 or 64.
func (c *Curve) Size() int { return c.p.size() }

// parameters are a curve as it is printed: hexadecimal, most significant digit first.
type parameters struct {
	name       string
	p, a, b, q string
	x, y       string
	cofactor   int
}

// lazyCurve makes a curve when it is first asked for.
type lazyCurve struct {
	parameters
	once  sync.Once
	curve *Curve
}

func (l *lazyCurve) get() *Curve {
	l.once.Do(func() { l.curve = makeCurve(&l.parameters) })
	return l.curve
}

func makeCurve(d *parameters) *Curve {
	p := parseHex(d.p)
	n := len(p)
	for p[n-1] == 0 {
		n--
	}
	c := &Curve{name: d.name, p: makeField(p, n), q: makeField(parseHex(d.q), n), cofactor: d.cofactor}
	in := func(z *fe, text string) {
		v := parseHex(text)
		c.p.set(z, &v)
	}
	in(&c.a, d.a)
	in(&c.b, d.b)
	in(&c.g.x, d.x)
	in(&c.g.y, d.y)
	c.p.mul(&c.halfA, &c.a, &c.p.half)
	c.p.add(&c.b3, &c.b, &c.b)
	c.p.add(&c.b3, &c.b3, &c.b)
	var three fe
	in(&three, "3")
	c.p.add(&three, &three, &c.a)
	c.three = c.p.isZero(&three) == 1
	return c
}

// parseHex reads one of the numbers below.
func parseHex(text string) (x fe) {
	for _, digit := range []byte(text) {
		value := uint64(digit - '0')
		if digit > '9' {
			value = uint64(digit - 'A' + 10)
		}
		for i := len(x) - 1; i > 0; i-- {
			x[i] = x[i]<<4 | x[i-1]>>60
		}
		x[0] = x[0]<<4 | value
	}
	return x
}

// contains tells whether a point is on the curve.
func (c *Curve) contains(p *affine) bool {
	f := &c.p
	var left, right fe
	f.sqr(&left, &p.y)
	f.sqr(&right, &p.x)
	f.add(&right, &right, &c.a)
	f.mul(&right, &right, &p.x)
	f.add(&right, &right, &c.b)
	return f.equal(&left, &right) == 1
}

// Curve512A is id-tc26-gost-3410-12-512-paramSetA (RFC 7836, appendix A.1), the curve of the certificates issued today:
// 1.2.398.3.10.1.1.2.2.1.
func Curve512A() *Curve { return curve512A.get() }

// Curve512B is id-tc26-gost-3410-12-512-paramSetB (RFC 7836, appendix A.1).
func Curve512B() *Curve { return curve512B.get() }

// Curve512C is id-tc26-gost-3410-2012-512-paramSetC (RFC 7836, appendix A.2); its subgroup is a quarter of the curve.
func Curve512C() *Curve { return curve512C.get() }

// Curve256A is id-tc26-gost-3410-2012-256-paramSetA (RFC 7836, appendix A.2), 1.2.398.3.10.1.1.2.1.1; its subgroup is a
// quarter of the curve.
func Curve256A() *Curve { return curve256A.get() }

// CurveCryptoProA is id-GostR3410-2001-CryptoPro-A-ParamSet, also -XchA- (RFC 4357, section 11.4) and
// id-tc26-gost-3410-2012-256-paramSetB: the curve of GOST 34.310-2004, 1.2.398.3.10.1.1.1.1.1.
func CurveCryptoProA() *Curve { return curveCryptoProA.get() }

// CurveCryptoProB is id-GostR3410-2001-CryptoPro-B-ParamSet (RFC 4357, section 11.4).
func CurveCryptoProB() *Curve { return curveCryptoProB.get() }

// CurveCryptoProC is id-GostR3410-2001-CryptoPro-C-ParamSet, also -XchB- (RFC 4357, section 11.4).
func CurveCryptoProC() *Curve { return curveCryptoProC.get() }

// Curves gives all curves, those of 512 bits first.
func Curves() []*Curve {
	return []*Curve{Curve512A(), Curve512B(), Curve512C(), Curve256A(), CurveCryptoProA(), CurveCryptoProB(), CurveCryptoProC()}
}

var curve512A = &lazyCurve{parameters: parameters{
	name:     "id-tc26-gost-3410-12-512-paramSetA",
	p:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC7",
	a:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC4",
	b:        "E8C2505DEDFC86DDC1BD0B2B6667F1DA34B82574761CB0E879BD081CFD0B6265EE3CB090F30D27614CB4574010DA90DD862EF9D4EBEE4761503190785A71C760",
	q:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275",
	x:        "3",
	y:        "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4",
	cofactor: 1,
}}

var curve512B = &lazyCurve{parameters: parameters{
	name:     "id-tc26-gost-3410-12-512-paramSetB",
	p:        "8000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006F",
	a:        "8000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006C",
	b:        "687D1B459DC841457E3E06CF6F5E2517B97C7D614AF138BCBF85DC806C4B289F3E965D2DB1416D217F8B276FAD1AB69C50F78BEE1FA3106EFB8CCBC7C5140116",
	q:        "800000000000000000000000000000000000000000000000000000000000000149A1EC142565A545ACFDB77BD9D40CFA8B996712101BEA0EC6346C54374F25BD",
	x:        "2",
	y:        "1A8F7EDA389B094C2C071E3647A8940F3C123B697578C213BE6DD9E6C8EC7335DCB228FD1EDF4A39152CBCAAF8C0398828041055F94CEEEC7E21340780FE41BD",
	cofactor: 1,
}}

var curve512C = &lazyCurve{parameters: parameters{
	name:     "id-tc26-gost-3410-2012-512-paramSetC",
	p:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC7",
	a:        "DC9203E514A721875485A529D2C722FB187BC8980EB866644DE41C68E143064546E861C0E2C9EDD92ADE71F46FCF50FF2AD97F951FDA9F2A2EB6546F39689BD3",
	b:        "B4C4EE28CEBC6C2C8AC12952CF37F16AC7EFB6A9F69F4B57FFDA2E4F0DE5ADE038CBC2FFF719D2C18DE0284B8BFEF3B52B8CC7A5F5BF0A3C8D2319A5312557E1",
	q:        "3FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC98CDBA46506AB004C33A9FF5147502CC8EDA9E7A769A12694623CEF47F023ED",
	x:        "E2E31EDFC23DE7BDEBE241CE593EF5DE2295B7A9CBAEF021D385F7074CEA043AA27272A7AE602BF2A7B9033DB9ED3610C6FB85487EAE97AAC5BC7928C1950148",
	y:        "F5CE40D95B5EB899ABBCCFF5911CB8577939804D6527378B8C108C3D2090FF9BE18E2D33E3021ED2EF32D85822423B6304F726AA854BAE07D0396E9A9ADDC40F",
	cofactor: 4,
}}

var curve256A = &lazyCurve{parameters: parameters{
	name:     "id-tc26-gost-3410-2012-256-paramSetA",
	p:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD97",
	a:        "C2173F1513981673AF4892C23035A27CE25E2013BF95AA33B22C656F277E7335",
	b:        "295F9BAE7428ED9CCC20E7C359A9D41A22FCCD9108E17BF7BA9337A6F8AE9513",
	q:        "400000000000000000000000000000000FD8CDDFC87B6635C115AF556C360C67",
	x:        "91E38443A5E82C0D880923425712B2BB658B9196932E02C78B2582FE742DAA28",
	y:        "32879423AB1A0375895786C4BB46E9565FDE0B5344766740AF268ADB32322E5C",
	cofactor: 4,
}}

var curveCryptoProA = &lazyCurve{parameters: parameters{
	name:     "id-GostR3410-2001-CryptoPro-A-ParamSet",
	p:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD97",
	a:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD94",
	b:        "A6",
	q:        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893",
	x:        "1",
	y:        "8D91E471E0989CDA27DF505A453F2B7635294F2DDF23E3B122ACC99C9E9F1E14",
	cofactor: 1,
}}

var curveCryptoProB = &lazyCurve{parameters: parameters{
	name:     "id-GostR3410-2001-CryptoPro-B-ParamSet",
	p:        "8000000000000000000000000000000000000000000000000000000000000C99",
	a:        "8000000000000000000000000000000000000000000000000000000000000C96",
	b:        "3E1AF419A269A5F866A7D3C25C3DF80AE979259373FF2B182F49D4CE7E1BBC8B",
	q:        "800000000000000000000000000000015F700CFFF1A624E5E497161BCC8A198F",
	x:        "1",
	y:        "3FA8124359F96680B83D1C3EB2C070E5C545C9858D03ECFB744BF8D717717EFC",
	cofactor: 1,
}}

var curveCryptoProC = &lazyCurve{parameters: parameters{
	name:     "id-GostR3410-2001-CryptoPro-C-ParamSet",
	p:        "9B9F605F5A858107AB1EC85E6B41C8AACF846E86789051D37998F7B9022D759B",
	a:        "9B9F605F5A858107AB1EC85E6B41C8AACF846E86789051D37998F7B9022D7598",
	b:        "805A",
	q:        "9B9F605F5A858107AB1EC85E6B41C8AA582CA3511EDDFB74F02F3A6598980BB9",
	x:        "0",
	y:        "41ECE55743711A8C3CBF3783CD08C0EE4D4DC440D4641A8F366E550DFDB3BB67",
	cofactor: 1,
}}
