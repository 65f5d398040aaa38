package ncalayer

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxMessage is the largest message, in bytes, over all its fragments.
const maxMessage = 8 << 20

// maxFragments bounds the frames of one message, so that empty ones cannot hold a connection for ever.
const maxFragments = 1 << 12

// Frame types of RFC 6455, 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
)

// Close codes of RFC 6455, 7.4.1.
const (
	closeNormal      = 1000
	closeProtocol    = 1002
	closeUnsupported = 1003
	closeNotUTF8     = 1007
	closeTooBig      = 1009
)

// closeError ends a connection with a code.
type closeError struct {
	code   int
	reason string
}

func (e *closeError) Error() string { return fmt.Sprintf("websocket: %s (%d)", e.reason, e.code) }

func violation(reason string) error { return &closeError{closeProtocol, reason} }

// frame is one frame, unmasked.
type frame struct {
	final   bool
	op      byte
	payload []byte
}

// readFrame reads one frame. Frames of a client are masked and those of a server are not (RFC 6455, 5.1); limit is the
// most payload a data frame may have.
func readFrame(r io.Reader, masked bool, limit int) (frame, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return frame{}, err
	}
	f := frame{final: head[0]&0x80 != 0, op: head[0] & 0x0f}
	control := f.op >= opClose
	length := uint64(head[1] & 0x7f)
	switch {
	case head[0]&0x70 != 0:
		return frame{}, violation("reserved bits")
	case f.op > opBinary && f.op < opClose || f.op > opPong:
		return frame{}, violation("unknown frame type")
	case control && (!f.final || length > 125):
		return frame{}, violation("control frame in pieces or too long")
	case (head[1]&0x80 != 0) != masked:
		return frame{}, violation("masking")
	}
	switch length {
	case 126:
		if _, err := io.ReadFull(r, head[:2]); err != nil {
			return frame{}, unexpected(err)
		}
		if length = uint64(binary.BigEndian.Uint16(head[:2])); length < 126 {
			return frame{}, violation("length not in its shortest form")
		}
	case 127:
		if _, err := io.ReadFull(r, head[:8]); err != nil {
			return frame{}, unexpected(err)
		}
		if length = binary.BigEndian.Uint64(head[:8]); length < 1<<16 || length>>63 != 0 {
			return frame{}, violation("length not in its shortest form")
		}
	}
	if !control && length > uint64(limit) {
		return frame{}, &closeError{closeTooBig, "message too big"}
	}
	var mask [4]byte
	if masked {
		if _, err := io.ReadFull(r, mask[:]); err != nil {
			return frame{}, unexpected(err)
		}
	}
	payload, err := readPayload(r, int(length))
	if err != nil {
		return frame{}, err
	}
	if masked {
		for i := range payload {
			payload[i] ^= mask[i&3]
		}
	}
	f.payload = payload
	return f, nil
}

// readPayload reads n bytes, taking memory only as they come.
func readPayload(r io.Reader, n int) ([]byte, error) {
	const step = 64 << 10
	out := make([]byte, 0, min(n, step))
	for len(out) < n {
		part := min(n-len(out), step)
		at := len(out)
		out = append(out, make([]byte, part)...)
		if _, err := io.ReadFull(r, out[at:]); err != nil {
			return nil, unexpected(err)
		}
	}
	return out, nil
}

// unexpected turns an end in the middle of a frame into an error of its own.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appendFrame writes one final frame; mask is nil for a server.
func appendFrame(b []byte, op byte, payload, mask []byte) []byte {
	var bit byte
	if mask != nil {
		bit = 0x80
	}
	b = append(b, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		b = append(b, bit|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), uint64(n))
	}
	b = append(b, mask...)
	at := len(b)
	b = append(b, payload...)
	if mask != nil {
		for i := range payload {
			b[at+i] ^= mask[i&3]
		}
	}
	return b
}

// socket is one end of an open connection.
type socket struct {
	conn   net.Conn
	reader *bufio.Reader
	client bool
	mu     sync.Mutex // one frame is written at a time
	closed bool       // a close frame was sent
}

// write sends one frame.
func (s *socket) write(op byte, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = op == opClose
	var mask []byte
	if s.client {
		mask = make([]byte, 4)
		if _, err := rand.Read(mask); err != nil {
			return err
		}
	}
	_, err := s.conn.Write(appendFrame(nil, op, payload, mask))
	return err
}

// shut sends a close frame.
func (s *socket) shut(code int, reason string) error {
	return s.write(opClose, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}

// read gives the next text message, answering control frames on the way. io.EOF means an orderly close. After a
// violation the close frame with its code has been sent.
func (s *socket) read() (string, error) {
	message, err := s.assemble()
	var broken *closeError
	if errors.As(err, &broken) {
		_ = s.shut(broken.code, broken.reason) // the connection ends in any case
	}
	return message, err
}

// assemble joins the fragments of one message.
func (s *socket) assemble() (string, error) {
	var message []byte
	for fragments := 0; ; {
		f, err := readFrame(s.reader, !s.client, maxMessage-len(message))
		if err != nil {
			return "", err
		}
		if f.op >= opClose {
			if err := s.control(f); err != nil {
				return "", err
			}
			continue
		}
		switch {
		case fragments > maxFragments:
			return "", violation("too many fragments")
		case f.op == opBinary:
			return "", &closeError{closeUnsupported, "text only"}
		case (f.op == opText) != (fragments == 0):
			return "", violation("fragments out of order")
		}
		fragments++
		message = append(message, f.payload...)
		if f.final {
			if !utf8.Valid(message) {
				return "", &closeError{closeNotUTF8, "not UTF-8"}
			}
			return string(message), nil
		}
	}
}

// control answers a ping and a close.
func (s *socket) control(f frame) error {
	switch f.op {
	case opPing:
		return s.write(opPong, f.payload)
	case opClose:
		if len(f.payload) == 1 || len(f.payload) > 2 && !utf8.Valid(f.payload[2:]) {
			return violation("malformed close")
		}
		_ = s.write(opClose, f.payload[:min(2, len(f.payload))]) // the other side may be gone already
		return io.EOF
	}
	return nil // a pong asks for nothing
}

// accept answers the opening handshake of a client (RFC 6455, 4.2) and takes the connection over. When it cannot, it
// has written the refusal.
func accept(w http.ResponseWriter, r *http.Request) (*socket, error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	nonce, err := base64.StdEncoding.DecodeString(key)
	switch {
	case r.Method != http.MethodGet || !hasToken(r.Header, "Upgrade", "websocket") || !hasToken(r.Header, "Connection", "upgrade"):
		http.Error(w, "a WebSocket is expected here", http.StatusUpgradeRequired)
		return nil, violation("no upgrade")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13")
		http.Error(w, "version 13 is expected", http.StatusUpgradeRequired)
		return nil, violation("version")
	case err != nil || len(nonce) != 16:
		http.Error(w, "bad key", http.StatusBadRequest)
		return nil, violation("key")
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "no WebSocket is possible here", http.StatusInternalServerError)
		return nil, err
	}
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + acceptKey(key) + "\r\n\r\n"
	if _, err := conn.Write([]byte(answer)); err != nil {
		_ = conn.Close() // the first error is the one to report
		return nil, err
	}
	return &socket{conn: conn, reader: buffered.Reader}, nil
}

// acceptKey proves that the server has understood the handshake. SHA-1 is the protocol's; it protects nothing.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// hasToken finds a token in a comma-separated header.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}
