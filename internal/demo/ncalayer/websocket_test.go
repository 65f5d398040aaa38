package ncalayer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

var mask = []byte{1, 2, 3, 4}

// piece is one client's frame that need not be final.
func piece(op byte, final bool, payload string) []byte {
	b := appendFrame(nil, op, []byte(payload), mask)
	if !final {
		b[0] &^= 0x80
	}
	return b
}

// serve feeds bytes to a server's socket and gives what read said and what the server wrote.
func serve(t *testing.T, in []byte) (messages []string, wrote []byte, err error) {
	t.Helper()
	client, server := net.Pipe()
	s := &socket{conn: server, reader: bufio.NewReader(bytes.NewReader(in))}
	done := make(chan []byte)
	go func() {
		_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
		b, _ := io.ReadAll(client)
		done <- b
	}()
	for {
		var m string
		if m, err = s.read(); err != nil {
			break
		}
		messages = append(messages, m)
	}
	_ = server.Close()
	return messages, <-done, err
}

func TestMessages(t *testing.T) {
	long := strings.Repeat("ұ", 40_000)
	in := bytes.Join([][]byte{
		piece(opText, true, "hello"), piece(opText, true, strings.Repeat("a", 126)), piece(opText, true, long),
		piece(opText, false, "сәл"), piece(opPing, true, "p"), piece(opContinuation, false, ""), piece(opContinuation, true, "ем"),
		piece(opText, false, "\xd3"), piece(opContinuation, true, "\x99"), // one letter in two frames
		piece(opPong, true, "unasked"), piece(opClose, true, "\x03\xe8bye"),
	}, nil)
	messages, wrote, err := serve(t, in)
	if !errors.Is(err, io.EOF) || strings.Join(messages, "|") != "hello|"+strings.Repeat("a", 126)+"|"+long+"|сәлем|ә" {
		t.Fatalf("%v, %d messages", err, len(messages))
	}
	if want := append([]byte{0x80 | opPong, 1, 'p'}, 0x80|opClose, 2, 0x03, 0xe8); !bytes.Equal(wrote, want) {
		t.Fatalf("wrote %x, want %x", wrote, want)
	}
}

func TestViolations(t *testing.T) {
	raw := func(b ...byte) []byte { return b }
	cases := []struct {
		name string
		in   []byte
		code uint16
	}{
		{"not masked", appendFrame(nil, opText, []byte("a"), nil), closeProtocol},
		{"reserved bit", raw(0xc1, 0x80, 0, 0, 0, 0), closeProtocol},
		{"unknown data frame", raw(0x83, 0x80, 0, 0, 0, 0), closeProtocol},
		{"unknown control frame", raw(0x8b, 0x80, 0, 0, 0, 0), closeProtocol},
		{"ping in pieces", piece(opPing, false, "a"), closeProtocol},
		{"long ping", piece(opPing, true, strings.Repeat("a", 126)), closeProtocol},
		{"long form of a short length", raw(0x81, 0xfe, 0, 125), closeProtocol},
		{"longest form of a short length", raw(0x81, 0xff, 0, 0, 0, 0, 0, 0, 1, 0), closeProtocol},
		{"negative length", raw(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0), closeProtocol},
		{"huge", raw(0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0), closeTooBig},
		{"huge in pieces", append(piece(opText, false, strings.Repeat("a", maxMessage)), piece(opContinuation, true, "a")...), closeTooBig},
		{"endless pieces", append(piece(opText, false, "a"), bytes.Repeat(piece(opContinuation, false, ""), maxFragments+1)...), closeProtocol},
		{"continuation of nothing", piece(opContinuation, true, "a"), closeProtocol},
		{"text within a text", append(piece(opText, false, "a"), piece(opText, true, "b")...), closeProtocol},
		{"binary", piece(opBinary, true, "a"), closeUnsupported},
		{"not UTF-8", piece(opText, true, "\xff"), closeNotUTF8},
		{"close with half a code", piece(opClose, true, "\x03"), closeProtocol},
	}
	for _, c := range cases {
		messages, wrote, err := serve(t, c.in)
		var broken *closeError
		if !errors.As(err, &broken) || len(messages) != 0 {
			t.Errorf("%s: %v, %d messages", c.name, err, len(messages))
			continue
		}
		if len(wrote) < 4 || wrote[0] != 0x80|opClose || binary.BigEndian.Uint16(wrote[2:4]) != c.code {
			t.Errorf("%s: wrote %x, want code %d", c.name, wrote, c.code)
		}
	}
	for name, in := range map[string][]byte{"cut header": {0x81}, "cut length": {0x81, 0xfe, 1}, "cut mask": {0x81, 0x81, 1}, "cut payload": piece(opText, true, "abc")[:7]} {
		if _, _, err := serve(t, in); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAcceptKey(t *testing.T) {
	// The example of RFC 6455, 1.3.
	if got := acceptKey("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatal(got)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(piece(opText, true, "hello"), true)
	f.Add(appendFrame(nil, opText, bytes.Repeat([]byte("a"), 70_000), nil), false)
	f.Add([]byte{0x81, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, true)
	f.Fuzz(func(t *testing.T, in []byte, masked bool) {
		got, err := readFrame(bytes.NewReader(in), masked, 1<<17)
		if err != nil {
			return
		}
		if len(got.payload) > len(in) || got.op >= opClose && (len(got.payload) > 125 || !got.final) {
			t.Fatalf("%+v from %x", got, in)
		}
		if masked {
			return
		}
		again := appendFrame(nil, got.op, got.payload, nil)
		if !got.final {
			again[0] &^= 0x80
		}
		if !bytes.Equal(again, in[:len(again)]) {
			t.Fatalf("%x is not the frame %x", again, in[:len(again)])
		}
	})
}
