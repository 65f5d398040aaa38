package gost

import (
	"bytes"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// unhex reads hexadecimal digits; white space does not count.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reversed gives the bytes in the other order: the standards print numbers with the first digit first.
func reversed(b []byte) []byte {
	b = slices.Clone(b)
	slices.Reverse(b)
	return b
}

// The messages of RFC 6986, section 10, printed there with the last byte first.
const (
	streebogM1 = "323130393837363534333231303938373635343332313039383736353433323130393837363534333231303938373635343332313039383736353433323130"
	streebogM2 = "fbe2e5f0eee3c820fbeafaebef20fffbf0e1e0f0f520e0ed20e8ece0ebe5f0f2f120fff0eeec20f120faf2fee5e2202ce8f6f3ede220e8e6eee1e8f0f2d1202ce8f0f2e5e220e5d1"
)

func TestStreebogVectors(t *testing.T) {
	for _, v := range []struct{ name, message, digest string }{
		{"10.1.1", streebogM1, "486f64c1917879417fef082b3381a4e211c324f074654c38823a7b76f830ad00fa1fbae42b1285c0352f227524bc9ab16254288dd6863dccd5b9f54a1ad0541b"},
		{"10.1.2", streebogM1, "00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d"},
		{"10.2.1", streebogM2, "28fbc9bada033b1460642bdcddb90c3fb3e56c497ccd0f62b8a2ad4935e85f037613966de4ee00531ae60f3b5a47f8dae06915d5f2f194996fcabf2622e6881e"},
		{"10.2.2", streebogM2, "508f7e553c06501d749a66fc28c6cac0b005746d97537fa85d9e40904efed29d"},
	} {
		t.Run(v.name, func(t *testing.T) {
			message, want := reversed(unhex(t, v.message)), reversed(unhex(t, v.digest))
			h := hash.Hash(NewStreebog512())
			if len(want) == Streebog256Size {
				h = NewStreebog256()
			}
			h.Write(message)
			if got := h.Sum(nil); !bytes.Equal(got, want) {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}

// streebogSlow is RFC 6986 read aloud: bit by bit, no tables of ours.
func streebogSlow(message []byte, size int) []byte {
	add := func(a [64]byte, b [64]byte) [64]byte {
		carry := 0
		for i := range a {
			carry += int(a[i]) + int(b[i])
			a[i] = byte(carry)
			carry >>= 8
		}
		return a
	}
	xor := func(a, b [64]byte) [64]byte {
		for i := range a {
			a[i] ^= b[i]
		}
		return a
	}
	maps := func(a [64]byte) (out [64]byte) {
		for i := range a {
			a[i] = streebogPi[a[i]]
		}
		for word := range 8 {
			var sum uint64
			for bit := range 64 {
				at := 8*word + bit/8
				if a[8*(at%8)+at/8]>>(bit%8)&1 == 1 {
					sum ^= streebogA[63-bit]
				}
			}
			for i := range 8 {
				out[8*word+i] = byte(sum >> (8 * i))
			}
		}
		return out
	}
	g := func(h, n, m [64]byte) [64]byte {
		key, state := maps(xor(h, n)), m
		for i := range 12 {
			var c [64]byte
			for j := range c {
				c[j] = byte(streebogC[i][j/8] >> (8 * (j % 8)))
			}
			state = maps(xor(state, key))
			key = maps(xor(key, c))
		}
		return xor(xor(xor(state, key), h), m)
	}
	var h, n, sigma, zero [64]byte
	if size == 32 {
		for i := range h {
			h[i] = 1
		}
	}
	for len(message) >= 64 {
		m := [64]byte(message)
		h, n, sigma = g(h, n, m), add(n, [64]byte{0, 2}), add(sigma, m)
		message = message[64:]
	}
	var m [64]byte
	copy(m[:], message)
	m[len(message)] = 1
	length := 8 * len(message)
	h, n, sigma = g(h, n, m), add(n, [64]byte{byte(length), byte(length >> 8)}), add(sigma, m)
	h = g(g(h, zero, n), zero, sigma)
	return h[64-size:]
}

// TestStreebogAgainstSlow: the same digests as the plain reading, however the message is cut.
func TestStreebogAgainstSlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "message")
		cut := rapid.IntRange(0, len(message)).Draw(t, "cut")
		for _, h := range []*Streebog{NewStreebog256(), NewStreebog512()} {
			h.Write([]byte("something else"))
			h.Reset()
			h.Write(message[:cut])
			h.Sum(nil) // does not end the hash
			h.Write(message[cut:])
			if got, want := h.Sum([]byte{1}), append([]byte{1}, streebogSlow(message, h.Size())...); !bytes.Equal(got, want) {
				t.Fatalf("%d: got %x, want %x", h.Size(), got, want)
			}
		}
		if got := SumStreebog256(message); !bytes.Equal(got[:], streebogSlow(message, 32)) {
			t.Fatal("SumStreebog256 differs")
		}
		if got := SumStreebog512(message); !bytes.Equal(got[:], streebogSlow(message, 64)) {
			t.Fatal("SumStreebog512 differs")
		}
	})
}

// TestStreebogCarries: blocks of all ones drive the carries of the sum through every word.
func TestStreebogCarries(t *testing.T) {
	message := bytes.Repeat([]byte{0xff}, 5*64+63)
	if got := SumStreebog512(message); !bytes.Equal(got[:], streebogSlow(message, 64)) {
		t.Errorf("got %x", got)
	}
}

func FuzzStreebog(f *testing.F) {
	f.Add([]byte(nil), 0)
	f.Add(bytes.Repeat([]byte{0xff}, 200), 64)
	f.Fuzz(func(t *testing.T, message []byte, cut int) {
		cut = min(max(cut, 0), len(message))
		for _, h := range []*Streebog{NewStreebog256(), NewStreebog512()} {
			h.Write(message[:cut])
			h.Write(message[cut:])
			if got := h.Sum(nil); !bytes.Equal(got, streebogSlow(message, h.Size())) {
				t.Fatalf("%d: got %x", h.Size(), got)
			}
		}
	})
}

func TestHashesDoNotAllocate(t *testing.T) {
	message, room := make([]byte, 1000), make([]byte, 0, 64)
	for name, h := range map[string]hash.Hash{"Streebog-256": NewStreebog256(), "Streebog-512": NewStreebog512(), "GOST94": NewGOST94()} {
		if n := testing.AllocsPerRun(20, func() { h.Reset(); h.Write(message); h.Sum(room) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if n := testing.AllocsPerRun(20, func() { SumStreebog512(message) }); n != 0 {
		t.Errorf("SumStreebog512: %v allocations", n)
	}
}

func BenchmarkStreebog512(b *testing.B) {
	h, message := NewStreebog512(), make([]byte, 16<<10)
	b.SetBytes(int64(len(message)))
	cpuLoop(b, func() { h.Write(message) })
}
