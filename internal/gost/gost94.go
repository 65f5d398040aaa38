package gost

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// GOST94Size and GOST94BlockSize are the sizes of GOST 34.311-95 in bytes.
const (
	GOST94Size      = 32
	GOST94BlockSize = 32
)

// quarter is 256 bits, least significant word first.
type quarter [4]uint64

// GOST94 is GOST 34.311-95, which is GOST R 34.11-94 (RFC 5831), with the substitution of
// id-GostR3411-94-TestParamSet that the National Certification Authority uses. Make it with NewGOST94. It is a hash.Hash;
// Write never fails, and neither Write nor Sum into a slice of enough capacity allocates.
type GOST94 struct {
	h     quarter // the chaining value
	sigma quarter // sum of all blocks
	bits  uint64  // of the message so far
	buf   [GOST94BlockSize]byte
	used  int
}

var _ hash.Hash = (*GOST94)(nil)

// NewGOST94 starts a hash. The starting vector is zero (RFC 5831, section 8).
func NewGOST94() *GOST94 { return &GOST94{} }

// SumGOST94 hashes data.
func SumGOST94(data []byte) [GOST94Size]byte {
	var g GOST94
	g.absorb(data)
	return g.finish()
}

// Size is the length of the digest in bytes.
func (g *GOST94) Size() int { return GOST94Size }

// BlockSize is 32 bytes.
func (g *GOST94) BlockSize() int { return GOST94BlockSize }

// Reset forgets what was written.
func (g *GOST94) Reset() { *g = GOST94{} }

// Write adds data to what is hashed.
func (g *GOST94) Write(data []byte) (int, error) {
	g.absorb(data)
	return len(data), nil
}

// Sum appends the digest of what was written so far to b. It does not end the hash.
func (g *GOST94) Sum(b []byte) []byte {
	last := *g
	digest := last.finish()
	return append(b, digest[:]...)
}

func (g *GOST94) absorb(data []byte) {
	if g.used > 0 {
		n := copy(g.buf[g.used:], data)
		g.used += n
		data = data[n:]
		if g.used < GOST94BlockSize {
			return
		}
		g.block(&g.buf, 8*GOST94BlockSize)
		g.used = 0
	}
	for len(data) >= GOST94BlockSize {
		g.block((*[GOST94BlockSize]byte)(data), 8*GOST94BlockSize)
		data = data[GOST94BlockSize:]
	}
	g.used = copy(g.buf[:], data)
}

// block is one iteration of RFC 5831, section 7.2, over a block with n bits of message in it.
func (g *GOST94) block(data *[GOST94BlockSize]byte, n int) {
	var m quarter
	var carry uint64
	for i := range m {
		m[i] = binary.LittleEndian.Uint64(data[8*i:])
		g.sigma[i], carry = bits.Add64(g.sigma[i], m[i], carry)
	}
	g.bits += uint64(n)
	gost94Step(&g.h, &m)
}

// finish is RFC 5831, section 7.3: the rest filled up with zeros, the length, the sum.
func (g *GOST94) finish() (digest [GOST94Size]byte) {
	if g.used > 0 {
		clear(g.buf[g.used:])
		g.block(&g.buf, 8*g.used)
	}
	gost94Step(&g.h, &quarter{g.bits})
	gost94Step(&g.h, &g.sigma)
	for i, w := range g.h {
		binary.LittleEndian.PutUint64(digest[8*i:], w)
	}
	return digest
}

// gost94Step is the step function of RFC 5831, section 6: keys, encryption of the four words, mixing.
func gost94Step(h, m *quarter) {
	var s quarter
	u, v := *h, *m
	for i := range s {
		if i > 0 {
			u = gost94A(u)
			if i == 2 {
				for j, c := range gost94C3 {
					u[j] ^= c
				}
			}
			v = gost94A(gost94A(v))
		}
		key := gost94Key(&quarter{u[0] ^ v[0], u[1] ^ v[1], u[2] ^ v[2], u[3] ^ v[3]})
		s[i] = gost94Encrypt(&key, h[i])
	}
	gost94Mix(h, m, &s)
}

// gost94C3 is the only constant of the key schedule that is not zero (RFC 5831, section 6.1), least significant word first.
var gost94C3 = quarter{0xff00ff00ff00ff00, 0x00ff00ff00ff00ff, 0xff0000ff00ffff00, 0xff00ffff000000ff}

// gost94A is A(x) = (x1 ⊕ x2) ‖ x4 ‖ x3 ‖ x2 (RFC 5831, section 6.1).
func gost94A(x quarter) quarter { return quarter{x[1], x[2], x[3], x[0] ^ x[1]} }

// gost94Key is the transposition P (RFC 5831, section 6.1): byte i + 4k of the result is byte 8i + k of w. The eight words
// of 32 bits are the key of the cipher.
func gost94Key(w *quarter) (key [8]uint32) {
	for k := range key {
		shift := 8 * k
		key[k] = uint32(w[0]>>shift&0xff) | uint32(w[1]>>shift&0xff)<<8 | uint32(w[2]>>shift&0xff)<<16 | uint32(w[3]>>shift&0xff)<<24
	}
	return key
}

// gost94Encrypt is GOST 28147-89 in the mode of simple replacement (RFC 5830, section 5).
func gost94Encrypt(key *[8]uint32, word uint64) uint64 {
	t := gost94Table
	n1, n2 := uint32(word), uint32(word>>32)
	f := func(x uint32) uint32 {
		return t[0][uint8(x)] ^ t[1][uint8(x>>8)] ^ t[2][uint8(x>>16)] ^ t[3][uint8(x>>24)]
	}
	for range 3 {
		for i := 0; i < 8; i += 2 {
			n2 ^= f(n1 + key[i])
			n1 ^= f(n2 + key[i+1])
		}
	}
	for i := 6; i >= 0; i -= 2 {
		n2 ^= f(n1 + key[i+1])
		n1 ^= f(n2 + key[i])
	}
	return uint64(n2) | uint64(n1)<<32
}

// gost94Mix is h = ψ^61(h ⊕ ψ(m ⊕ ψ^12(s))) (RFC 5831, section 6.3), where ψ shifts 16 words of 16 bits down and puts the
// sum of words 1, 2, 3, 4, 13 and 16 on top. The register is kept as a line that grows at its end.
func gost94Mix(h, m, s *quarter) {
	var line [16 + 61]uint16
	load := func(at int, x *quarter) {
		for i := range 16 {
			line[i] = line[at+i] ^ uint16(x[i/4]>>(16*(i%4)))
		}
	}
	run := func(n int) {
		for i := range n {
			line[i+16] = line[i] ^ line[i+1] ^ line[i+2] ^ line[i+3] ^ line[i+12] ^ line[i+15]
		}
	}
	load(0, s)
	run(12)
	load(12, m)
	run(1)
	load(1, h)
	run(61)
	for i := range h {
		h[i] = uint64(line[61+4*i]) | uint64(line[62+4*i])<<16 | uint64(line[63+4*i])<<32 | uint64(line[64+4*i])<<48
	}
}

// gost94S is the substitution of id-GostR3411-94-TestParamSet (RFC 4357, section 11.2; RFC 5831, section 8), the row for
// the least significant four bits first.
var gost94S = [8][16]byte{
	{4, 10, 9, 2, 13, 8, 0, 14, 6, 11, 1, 12, 7, 15, 5, 3},
	{14, 11, 4, 12, 6, 13, 15, 10, 2, 3, 8, 1, 0, 7, 5, 9},
	{5, 8, 1, 13, 10, 3, 4, 2, 14, 15, 12, 7, 6, 0, 9, 11},
	{7, 13, 10, 1, 0, 8, 9, 15, 14, 4, 6, 12, 11, 2, 5, 3},
	{6, 12, 7, 1, 5, 15, 13, 8, 4, 10, 9, 14, 0, 3, 11, 2},
	{4, 11, 10, 0, 7, 2, 1, 13, 3, 6, 8, 5, 9, 12, 15, 14},
	{13, 11, 4, 1, 3, 15, 5, 9, 0, 10, 14, 7, 6, 8, 2, 12},
	{1, 15, 13, 0, 5, 7, 10, 4, 9, 2, 3, 14, 6, 11, 8, 12},
}

// gost94Table holds, for each byte of a word, the two substitutions and the rotation by 11 bits.
var gost94Table = makeGOST94Table()

func makeGOST94Table() *[4][256]uint32 {
	var table [4][256]uint32
	for i := range table {
		for value := range table[i] {
			replaced := uint32(gost94S[2*i][value&15]) | uint32(gost94S[2*i+1][value>>4])<<4
			table[i][value] = bits.RotateLeft32(replaced<<(8*i), 11)
		}
	}
	return &table
}
