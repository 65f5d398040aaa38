package gost

import (
	"bytes"
	"crypto/rand"
	"errors"
	"flag"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// testCurves are the two curves of the examples in RFC 7091, section 7. They are for tests only.
func testCurves() []*Curve {
	return []*Curve{
		makeCurve(&parameters{
			name: "test 256", cofactor: 1,
			p: "8000000000000000000000000000000000000000000000000000000000000431",
			a: "7", b: "5FBFF498AA938CE739B8E022FBAFEF40563F6E6A3472FC2A514C0CE9DAE23B7E",
			q: "8000000000000000000000000000000150FE8A1892976154C59CFC193ACCF5B3",
			x: "2", y: "8E2A8A0E65147D4BD6316030E16D19C85C97F0A9CA267122B96ABBCEA7E8FC8",
		}),
		makeCurve(&parameters{
			name: "test 512", cofactor: 1,
			p: "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15DF1D852741AF4704A0458047E80E4546D35B8336FAC224DD81664BBF528BE6373",
			a: "7", b: "1CFF0806A31116DA29D8CFA54E57EB748BC5F377E49400FDD788B649ECA1AC4361834013B2AD7322480A89CA58E0CF74BC9E540C2ADD6897FAD0A3084F302ADC",
			q: "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15DA82F2D7ECB1DBAC719905C5EECC423F1D86E25EDBE23C595D644AAF187E6E6DF",
			x: "24D19CC64572EE30F396BF6EBBFD7A6C5213B3B3D7057CC825F91093A68CD762FD60611262CD838DC6B60AA7EEE804E28BC849977FAC33B4B530F1B120248A9A",
			y: "2BB312A43BD2CE6E0D020613C857ACDDCFBF061E91E5F2C3F32447C259F39B2C83AB156D77F1496BF7EB3351E1EE4E43DC1A18B91B24640B6DBB92CB1ADD371E",
		}),
	}
}

// slowPoint is a point in the numbers of math/big; x is nil for the neutral one.
type slowPoint struct{ x, y *big.Int }

// slowCurve is the arithmetic of the schoolbook (RFC 7091, section 5.1).
type slowCurve struct {
	p, q, a, b *big.Int
	g          slowPoint
}

func slow(c *Curve) slowCurve {
	value := func(x *fe) *big.Int {
		var v fe
		c.p.value(&v, x)
		return toBig(&v)
	}
	return slowCurve{toBig(&c.p.m), toBig(&c.q.m), value(&c.a), value(&c.b), slowPoint{value(&c.g.x), value(&c.g.y)}}
}

func (c *slowCurve) add(p, q slowPoint) slowPoint {
	if p.x == nil {
		return q
	}
	if q.x == nil {
		return p
	}
	var l big.Int
	if p.x.Cmp(q.x) == 0 {
		if new(big.Int).Mod(new(big.Int).Add(p.y, q.y), c.p).Sign() == 0 {
			return slowPoint{}
		}
		l.Mul(p.x, p.x).Mul(&l, big.NewInt(3)).Add(&l, c.a)
		l.Mul(&l, new(big.Int).ModInverse(new(big.Int).Lsh(p.y, 1), c.p))
	} else {
		l.Sub(q.x, p.x).Mod(&l, c.p).ModInverse(&l, c.p)
		l.Mul(&l, new(big.Int).Sub(q.y, p.y))
	}
	x := new(big.Int).Mul(&l, &l)
	x.Sub(x, p.x).Sub(x, q.x).Mod(x, c.p)
	y := new(big.Int).Sub(p.x, x)
	y.Mul(y, &l).Sub(y, p.y).Mod(y, c.p)
	return slowPoint{x, y}
}

func (c *slowCurve) multiply(k *big.Int, p slowPoint) (sum slowPoint) {
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = c.add(sum, sum)
		if k.Bit(i) == 1 {
			sum = c.add(sum, p)
		}
	}
	return sum
}

func (c *slowCurve) has(p slowPoint) bool {
	left := new(big.Int).Mul(p.y, p.y)
	right := new(big.Int).Mul(p.x, p.x)
	right.Add(right, c.a).Mul(right, p.x).Add(right, c.b)
	return left.Sub(left, right).Mod(left, c.p).Sign() == 0
}

// verify is RFC 7091, section 6.2, on little-endian inputs.
func (c *slowCurve) verify(q slowPoint, digest, signature []byte) bool {
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(reversed(b)) }
	r, s := number(signature[:len(signature)/2]), number(signature[len(signature)/2:])
	if r.Sign() == 0 || s.Sign() == 0 || r.Cmp(c.q) >= 0 || s.Cmp(c.q) >= 0 {
		return false
	}
	e := number(digest)
	if e.Mod(e, c.q).Sign() == 0 {
		e.SetInt64(1)
	}
	v := new(big.Int).ModInverse(e, c.q)
	z1 := new(big.Int).Mul(s, v)
	z2 := new(big.Int).Mul(new(big.Int).Neg(r), v)
	p := c.add(c.multiply(z1.Mod(z1, c.q), c.g), c.multiply(z2.Mod(z2, c.q), q))
	return p.x != nil && new(big.Int).Mod(p.x, c.q).Cmp(r) == 0
}

func (c *slowCurve) point(k *PublicKey) slowPoint {
	b := k.Bytes()
	return slowPoint{new(big.Int).SetBytes(reversed(b[:len(b)/2])), new(big.Int).SetBytes(reversed(b[len(b)/2:]))}
}

// TestParameters: primes are prime, G is on the curve and has the order that is given, the cofactor is right.
func TestParameters(t *testing.T) {
	for _, c := range append(Curves(), testCurves()...) {
		t.Run(c.Name(), func(t *testing.T) {
			s := slow(c)
			if !s.p.ProbablyPrime(20) || !s.q.ProbablyPrime(20) {
				t.Error("p or q is not prime")
			}
			if !s.has(s.g) || !c.contains(&c.g) {
				t.Error("G is not on the curve")
			}
			if s.multiply(s.q, s.g).x != nil || !c.inSubgroup(&c.g) {
				t.Error("q·G is not the neutral point")
			}
			// Hasse: |h·q − p − 1| ≤ 2·√p
			gap := new(big.Int).Mul(big.NewInt(int64(c.cofactor)), s.q)
			gap.Sub(gap, s.p).Sub(gap, big.NewInt(1))
			if gap.Mul(gap, gap).Cmp(new(big.Int).Lsh(s.p, 2)) > 0 {
				t.Error("the cofactor does not go with p and q")
			}
		})
	}
}

// fewer limits the draws of a test that asks the schoolbook, unless the command line says how many.
func fewer(t *testing.T, n string) {
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Value.Set(f.DefValue) })
}

// TestMultiply: all ways to multiply agree with the schoolbook, also for the numbers where windows go wrong.
func TestMultiply(t *testing.T) {
	fewer(t, "10")
	for _, c := range append(Curves(), testCurves()...) {
		t.Run(c.Name(), func(t *testing.T) {
			s := slow(c)
			q := c.multiplySecret(&fe{12345, 6789})
			prepared := c.makeMultiples(&q, widthPrepared)
			number := rapid.Custom(func(t *rapid.T) fe {
				v := toBig(new(words(c.q.n).Draw(t, "k")))
				if rapid.Bool().Draw(t, "near q") {
					v.Sub(s.q, big.NewInt(rapid.Int64Range(1, 40).Draw(t, "distance")))
				}
				return fromBig(v.Mod(v, s.q))
			})
			rapid.Check(t, func(t *rapid.T) {
				u, v := number.Draw(t, "u"), number.Draw(t, "v")
				want := s.add(s.multiply(toBig(&u), s.g), s.multiply(toBig(&v), asSlow(c, &q)))
				var once, twice jacobian
				c.sumOnce(&once, &u, &v, &q)
				c.sumPrepared(&twice, &u, &v, prepared)
				for _, p := range []*jacobian{&once, &twice} {
					if want.x == nil {
						if c.p.isZero(&p.z) != 1 {
							t.Fatal("the neutral point is expected")
						}
						continue
					}
					var out [1]affine
					c.toAffine(out[:], []jacobian{*p})
					if got := asSlow(c, &out[0]); got.x.Cmp(want.x) != 0 || got.y.Cmp(want.y) != 0 {
						t.Fatalf("got %x, %x", got.x, got.y)
					}
				}
				if u != (fe{}) {
					p := c.multiplySecret(&u)
					if got, want := asSlow(c, &p), s.multiply(toBig(&u), s.g); got.x.Cmp(want.x) != 0 || got.y.Cmp(want.y) != 0 {
						t.Fatalf("secret: got %x, %x", got.x, got.y)
					}
				}
			})
		})
	}
}

func asSlow(c *Curve, p *affine) slowPoint {
	var x, y fe
	c.p.value(&x, &p.x)
	c.p.value(&y, &p.y)
	return slowPoint{toBig(&x), toBig(&y)}
}

// TestSignatureVectors: the examples of RFC 7091, section 7: key, public key, and the signature with the nonce given.
func TestSignatureVectors(t *testing.T) {
	for i, v := range []struct{ d, x, y, e, k, r, s string }{
		{
			"7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28",
			"7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B",
			"26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA",
			"2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5",
			"77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3",
			"41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493",
			"01456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40",
		},
		{
			"0BA6048AADAE241BA40936D47756D7C93091A0E8514669700EE7508E508B102072E8123B2200A0563322DAD2827E2714A2636B7BFD18AADFC62967821FA18DD4",
			"115DC5BC96760C7B48598D8AB9E740D4C4A85A65BE33C1815B5C320C854621DD5A515856D13314AF69BC5B924C8B4DDFF75C45415C1D9DD9DD33612CD530EFE1",
			"37C7C90CD40B0F5621DC3AC1B751CFA0E2634FA0503B3D52639F5D7FB72AFD61EA199441D943FFE7F0C70A2759A3CDB84C114E1F9339FDF27F35ECA93677BEEC",
			"3754F3CFACC9E0615C4F4A7C4D8DAB531B09B6F9C170C533A71D147035B0C5917184EE536593F4414339976C647C5D5A407ADEDB1D560C4FC6777D2972075B8C",
			"0359E7F4B1410FEACC570456C6801496946312120B39D019D455986E364F365886748ED7A44B3E794434006011842286212273A6D14CF70EA3AF71BB1AE679F1",
			"2F86FA60A081091A23DD795E1E3C689EE512A3C82EE0DCC2643C78EEA8FCACD35492558486B20F1C9EC197C90699850260C93BCBCD9C5C3317E19344E173AE36",
			"1081B394696FFE8E6585E7A9362D26B6325F56778AADBC081C0BFBE933D52FF5823CE288E8C4F362526080DF7F70CE406A6EEB1F56919CB92A9853BDE73E5B4A",
		},
	} {
		little := func(text string) []byte { return reversed(unhex(t, text)) }
		c := testCurves()[i]
		key, err := NewPrivateKey(c, little(v.d))
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Concat(little(v.x), little(v.y)); !bytes.Equal(key.PublicKey().Bytes(), want) {
			t.Errorf("%s: public key %x", c.Name(), key.PublicKey().Bytes())
		}
		e, nonce := c.digestNumber(little(v.e)), c.q.load(little(v.k))
		got, _ := key.signWith(&nonce, &e)
		if want := slices.Concat(little(v.r), little(v.s)); !bytes.Equal(got, want) {
			t.Errorf("%s: signature %x", c.Name(), got)
		}
		if err := key.PublicKey().Verify(little(v.e), got); err != nil {
			t.Error(err)
		}
		if err := key.PublicKey().Prepare().Verify(little(v.e), got); err != nil {
			t.Error(err)
		}
	}
}

// TestSignVerify: what is signed verifies, by us and by the schoolbook; with one bit changed anywhere it does not.
func TestSignVerify(t *testing.T) {
	fewer(t, "10")
	for _, c := range append(Curves(), testCurves()...) {
		t.Run(c.Name(), func(t *testing.T) {
			s := slow(c)
			key, err := GenerateKey(c, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			prepared := key.PublicKey().Prepare()
			rapid.Check(t, func(t *rapid.T) {
				digest := rapid.SliceOfN(rapid.Byte(), c.Size(), c.Size()).Draw(t, "digest")
				signature, err := key.Sign(rand.Reader, digest, nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(key.PublicKey().Verify(digest, signature), prepared.Verify(digest, signature)); err != nil {
					t.Fatal(err)
				}
				if !s.verify(s.point(key.PublicKey()), digest, signature) {
					t.Fatal("the schoolbook refuses our signature")
				}
				bad := slices.Clone(signature)
				bad[rapid.IntRange(0, len(bad)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
				if err := prepared.Verify(digest, bad); err != ErrSignature && err != ErrSignatureRange {
					t.Fatalf("changed signature: %v", err)
				}
				if key.PublicKey().Verify(digest, bad) == nil {
					t.Fatal("changed signature")
				}
				digest[rapid.IntRange(0, len(digest)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
				if err := key.PublicKey().Verify(digest, signature); err != ErrSignature {
					t.Fatalf("changed digest: %v", err)
				}
			})
		})
	}
}
