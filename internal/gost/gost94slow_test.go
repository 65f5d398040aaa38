package gost

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// cryptoProS is the substitution of id-GostR3411-94-CryptoProParamSet (RFC 4357, section 11.2), only for the engine.
var cryptoProS = [8][16]byte{
	{10, 4, 5, 6, 8, 1, 3, 7, 13, 12, 14, 0, 9, 2, 11, 15},
	{5, 15, 4, 0, 2, 13, 11, 9, 1, 7, 6, 3, 12, 14, 10, 8},
	{7, 15, 12, 14, 9, 4, 1, 0, 3, 11, 5, 2, 6, 10, 8, 13},
	{4, 10, 7, 12, 0, 15, 2, 8, 14, 1, 6, 5, 13, 11, 9, 3},
	{7, 6, 4, 11, 9, 12, 2, 10, 1, 8, 0, 14, 15, 13, 3, 5},
	{7, 6, 2, 4, 13, 9, 15, 0, 10, 1, 5, 11, 8, 14, 12, 3},
	{13, 14, 4, 1, 7, 0, 5, 10, 3, 12, 8, 15, 6, 2, 9, 11},
	{1, 3, 10, 9, 5, 11, 4, 15, 8, 6, 7, 14, 13, 0, 2, 12},
}

// number is 256 bits, least significant byte first.
type number [32]byte

func (a number) xor(b number) number {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}

func (a number) add(b number) number {
	carry := 0
	for i := range a {
		carry += int(a[i]) + int(b[i])
		a[i], carry = byte(carry), carry>>8
	}
	return a
}

// shift is the function A.
func (a number) shift() (out number) {
	copy(out[:24], a[8:])
	for i := range 8 {
		out[24+i] = a[i] ^ a[8+i]
	}
	return out
}

// psi is the function ψ.
func (a number) psi() (out number) {
	copy(out[:], a[2:])
	for _, word := range []int{0, 1, 2, 3, 12, 15} {
		out[30] ^= a[2*word]
		out[31] ^= a[2*word+1]
	}
	return out
}

// encryptSlow is GOST 28147-89 on one word.
func encryptSlow(s *[8][16]byte, key number, out, word []byte) {
	n1, n2 := binary.LittleEndian.Uint32(word), binary.LittleEndian.Uint32(word[4:])
	for round := range 32 {
		at := round % 8
		if round >= 24 {
			at = 7 - at
		}
		sum, replaced := n1+binary.LittleEndian.Uint32(key[4*at:]), uint32(0)
		for i := range 8 {
			replaced |= uint32(s[i][sum>>(4*i)&15]) << (4 * i)
		}
		n1, n2 = n2^(replaced<<11|replaced>>21), n1
	}
	binary.LittleEndian.PutUint32(out, n2) // the last round does not exchange the halves
	binary.LittleEndian.PutUint32(out[4:], n1)
}

// gost94Slow is RFC 5831 read aloud, on bytes, with any substitution.
func gost94Slow(message []byte, s *[8][16]byte) []byte {
	step := func(h, m number) number {
		var c [4]number
		copy(c[2][:], "\x00\xff\x00\xff\x00\xff\x00\xff\xff\x00\xff\x00\xff\x00\xff\x00\x00\xff\xff\x00\xff\x00\x00\xff\xff\x00\x00\x00\xff\xff\x00\xff")
		u, v := h, m
		var mixed number
		for i := range 4 {
			if i > 0 {
				u, v = u.shift().xor(c[i]), v.shift().shift()
			}
			w := u.xor(v)
			var key number
			for k := range 8 {
				for j := range 4 {
					key[j+4*k] = w[8*j+k]
				}
			}
			encryptSlow(s, key, mixed[8*i:], h[8*i:])
		}
		for range 12 {
			mixed = mixed.psi()
		}
		mixed = h.xor(m.xor(mixed).psi())
		for range 61 {
			mixed = mixed.psi()
		}
		return mixed
	}
	var h, sigma, length number
	binary.LittleEndian.PutUint64(length[:], 8*uint64(len(message)))
	for len(message) > 0 {
		var m number
		message = message[copy(m[:], message):]
		h, sigma = step(h, m), sigma.add(m)
	}
	h = step(step(h, length), sigma)
	return h[:]
}

func TestGOST94AgainstSlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "message")
		if got := SumGOST94(message); !bytes.Equal(got[:], gost94Slow(message, &gost94S)) {
			t.Fatalf("got %x", got)
		}
	})
}

// TestGOST94SlowVector: the published digest of the empty message with the substitution of CryptoPro.
func TestGOST94SlowVector(t *testing.T) {
	want := unhex(t, "981e5f3ca30c841487830f84fb433e13ac1101569b9c13584ac483234cd656c0")
	if got := gost94Slow(nil, &cryptoProS); !bytes.Equal(got, want) {
		t.Errorf("got %x", got)
	}
}

func FuzzGOST94(f *testing.F) {
	f.Add([]byte(nil), 0)
	f.Add(bytes.Repeat([]byte{0xff}, 100), 40)
	f.Fuzz(func(t *testing.T, message []byte, cut int) {
		cut = min(max(cut, 0), len(message))
		h := NewGOST94()
		h.Write(message[:cut])
		h.Write(message[cut:])
		if got := h.Sum(nil); !bytes.Equal(got, gost94Slow(message, &gost94S)) {
			t.Fatalf("got %x", got)
		}
	})
}
