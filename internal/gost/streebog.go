package gost

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// Sizes in bytes.
const (
	Streebog256Size   = 32 // of a Streebog-256 digest
	Streebog512Size   = 64 // of a Streebog-512 digest
	StreebogBlockSize = 64 // of a block of either
)

// block is 512 bits as the standard's vector, least significant word first: byte 0 of a message is the standard's
// rightmost.
type block [8]uint64

// Streebog is GOST R 34.11-2012 (RFC 6986). Make it with NewStreebog256 or NewStreebog512. It is a hash.Hash; Write never
// fails, and neither Write nor Sum into a slice of enough capacity allocates.
type Streebog struct {
	h     block // the chaining value
	n     block // message bits hashed so far
	sigma block // sum of all blocks
	buf   [StreebogBlockSize]byte
	used  int // bytes in buf
	size  int // of the digest
}

var _ hash.Hash = (*Streebog)(nil)

// NewStreebog256 starts a hash with a digest of 32 bytes.
func NewStreebog256() *Streebog { return newStreebog(Streebog256Size) }

// NewStreebog512 starts a hash with a digest of 64 bytes.
func NewStreebog512() *Streebog { return newStreebog(Streebog512Size) }

func newStreebog(size int) *Streebog {
	s := &Streebog{size: size}
	s.Reset()
	return s
}

// SumStreebog256 hashes data.
func SumStreebog256(data []byte) [Streebog256Size]byte {
	s := Streebog{size: Streebog256Size}
	s.Reset()
	s.absorb(data)
	full := s.finish()
	return [Streebog256Size]byte(full[Streebog256Size:])
}

// SumStreebog512 hashes data.
func SumStreebog512(data []byte) [Streebog512Size]byte {
	s := Streebog{size: Streebog512Size}
	s.Reset()
	s.absorb(data)
	return s.finish()
}

// Size is the length of the digest in bytes.
func (s *Streebog) Size() int { return s.size }

// BlockSize is 64 bytes.
func (s *Streebog) BlockSize() int { return StreebogBlockSize }

// Reset forgets what was written.
func (s *Streebog) Reset() {
	var iv uint64 // RFC 6986, section 6.1: zero for 512 bits, every byte 01 for 256
	if s.size == Streebog256Size {
		iv = 0x0101010101010101
	}
	*s = Streebog{size: s.size, h: block{iv, iv, iv, iv, iv, iv, iv, iv}}
}

// Write adds data to what is hashed.
func (s *Streebog) Write(data []byte) (int, error) {
	s.absorb(data)
	return len(data), nil
}

// Sum appends the digest of what was written so far to b. It does not end the hash.
func (s *Streebog) Sum(b []byte) []byte {
	last := *s
	full := last.finish()
	return append(b, full[Streebog512Size-s.size:]...)
}

// absorb is RFC 6986, section 8, stage 2: every whole block that is followed by something or not, as soon as it is whole.
func (s *Streebog) absorb(data []byte) {
	if s.used > 0 {
		n := copy(s.buf[s.used:], data)
		s.used += n
		data = data[n:]
		if s.used < StreebogBlockSize {
			return
		}
		s.whole(&s.buf)
		s.used = 0
	}
	for len(data) >= StreebogBlockSize {
		s.whole((*[StreebogBlockSize]byte)(data))
		data = data[StreebogBlockSize:]
	}
	s.used = copy(s.buf[:], data)
}

// whole takes one block of 512 bits.
func (s *Streebog) whole(data *[StreebogBlockSize]byte) {
	var m block
	m.load(data)
	compress(&s.h, &s.n, &m)
	s.n.add(&block{8 * StreebogBlockSize})
	s.sigma.add(&m)
}

// finish is stage 3: the padded rest, the length, the sum. The digest of 256 bits is the second half of the result.
func (s *Streebog) finish() (digest [Streebog512Size]byte) {
	clear(s.buf[s.used:])
	s.buf[s.used] = 1
	var m, zero block
	m.load(&s.buf)
	compress(&s.h, &s.n, &m)
	s.n.add(&block{8 * uint64(s.used)})
	s.sigma.add(&m)
	compress(&s.h, &zero, &s.n)
	compress(&s.h, &zero, &s.sigma)
	for i, w := range s.h {
		binary.LittleEndian.PutUint64(digest[8*i:], w)
	}
	return digest
}

func (b *block) load(data *[StreebogBlockSize]byte) {
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(data[8*i:])
	}
}

// add is the addition modulo 2^512.
func (b *block) add(other *block) {
	var carry uint64
	for i := range b {
		b[i], carry = bits.Add64(b[i], other[i], carry)
	}
}

// compressGeneric is g_N(h, m) = E(LPS(h ⊕ N), m) ⊕ h ⊕ m of RFC 6986, section 7, put into h.
func compressGeneric(h, n, m *block) {
	t, c := streebogTable, streebogC
	var key, state block
	lps(t, &key, h, n)
	state = *m
	for i := range c {
		lps(t, &state, &state, &key)
		lps(t, &key, &key, &c[i])
	}
	for i := range h {
		h[i] ^= state[i] ^ key[i] ^ m[i]
	}
}

// lps is the substitution, the transposition and the linear map of a ⊕ b (RFC 6986, section 6) in one: byte k of word j
// goes to word k through the table of position j. The table comes as an argument so that its address stays in a register.
func lps(t *[8][256]uint64, out, a, b *block) {
	w0, w1, w2, w3 := a[0]^b[0], a[1]^b[1], a[2]^b[2], a[3]^b[3]
	w4, w5, w6, w7 := a[4]^b[4], a[5]^b[5], a[6]^b[6], a[7]^b[7]
	for k := range out {
		out[k] = t[0][uint8(w0)] ^ t[1][uint8(w1)] ^ t[2][uint8(w2)] ^ t[3][uint8(w3)] ^
			t[4][uint8(w4)] ^ t[5][uint8(w5)] ^ t[6][uint8(w6)] ^ t[7][uint8(w7)]
		w0, w1, w2, w3 = w0>>8, w1>>8, w2>>8, w3>>8
		w4, w5, w6, w7 = w4>>8, w5>>8, w6>>8, w7>>8
	}
}
