package gost

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestGOST94Vectors: the two messages of RFC 5831, section 8, and the short messages that are published with the hash.
func TestGOST94Vectors(t *testing.T) {
	for _, v := range []struct{ message, digest string }{
		{"This is message, length=32 bytes", "b1c466d37519b82e8319819ff32595e047a28cb6f83eff1c6916a815a637fffa"},
		{"Suppose the original message has length = 50 bytes", "471aba57a60a770d3a76130635c1fbea4ef14de51f78b4ae57dd893b62f55208"},
		{"", "ce85b99cc46752fffee35cab9a7b0278abb4c2d2055cff685af4912c49490f8d"},
		{"a", "d42c539e367c66e9c88a801f6649349c21871b4344c6a573f849fdce62f314dd"},
		{"message digest", "ad4434ecb18f2c99b60cbe59ec3d2469582b65273f48de72db2fde16a4889a4d"},
	} {
		got := SumGOST94([]byte(v.message))
		if want := unhex(t, v.digest); !bytes.Equal(got[:], want) {
			t.Errorf("%q: got %x, want %x", v.message, got, want)
		}
	}
}

// TestGOST94Cut: the digest does not depend on how the message arrives.
func TestGOST94Cut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "message")
		cut := rapid.IntRange(0, len(message)).Draw(t, "cut")
		h := NewGOST94()
		h.Write([]byte("something else"))
		h.Reset()
		h.Write(message[:cut])
		h.Sum(nil) // does not end the hash
		h.Write(message[cut:])
		want := SumGOST94(message)
		if got := h.Sum([]byte{1}); !bytes.Equal(got, append([]byte{1}, want[:]...)) {
			t.Fatalf("got %x, want %x", got, want)
		}
	})
}

func BenchmarkGOST94(b *testing.B) {
	h, message := NewGOST94(), make([]byte, 16<<10)
	b.SetBytes(int64(len(message)))
	cpuLoop(b, func() { h.Write(message) })
}
