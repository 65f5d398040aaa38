package ncalayer

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// ErrCancelled is the person's refusal: the dialog was closed without signing.
var ErrCancelled = errors.New("ncalayer: cancelled")

// Refused is an error answered by the agent.
type Refused struct{ Code, Details string }

func (r *Refused) Error() string { return "ncalayer: " + r.Code + ": " + r.Details }

// Client speaks the protocol from the page's side, for tests. One call at a time, as the protocol has no correlation
// of answers with requests.
type Client struct{ s *socket }

// Dial opens a connection to ws://host:port/ and reads the greeting. origin is the page's; empty for a program.
func Dial(ctx context.Context, address, origin string) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "ws" {
		return nil, fmt.Errorf("ncalayer: %q is not a ws address", address)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s, err := connect(conn, u, origin)
	if err == nil {
		_, err = s.read() // the greeting
	}
	if err != nil {
		_ = conn.Close() // the first error is the one to report
		return nil, err
	}
	return &Client{s}, nil
}

// connect makes the client's half of the opening handshake (RFC 6455, 4.1).
func connect(conn net.Conn, u *url.URL, origin string) (*socket, error) {
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	key := base64.StdEncoding.EncodeToString(nonce)
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: u.Host, Path: "/"}, Host: u.Host, Header: http.Header{
		"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {key},
	}}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if err := r.Write(conn); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Sec-WebSocket-Accept") != acceptKey(key) {
		return nil, fmt.Errorf("ncalayer: the handshake is answered with %d", response.StatusCode)
	}
	return &socket{conn: conn, reader: reader, client: true}, nil
}

// Close says goodbye and closes the connection.
func (c *Client) Close() error {
	_ = c.s.shut(closeNormal, "") // an agent that is gone needs no goodbye
	return c.s.conn.Close()
}

// send sends one message and reads its answer.
func (c *Client) send(ctx context.Context, message []byte) (string, error) {
	defer context.AfterFunc(ctx, func() { _ = c.s.conn.Close() })()
	if err := c.s.write(opText, message); err != nil {
		return "", err
	}
	return c.s.read()
}

// Heartbeat keeps the connection alive.
func (c *Client) Heartbeat(ctx context.Context) error {
	answer, err := c.send(ctx, []byte(heartbeat))
	if err == nil && answer != heartbeat {
		err = fmt.Errorf("ncalayer: the heartbeat is answered with %q", answer)
	}
	return err
}

// Call makes one call and gives the result, ErrCancelled or *Refused.
func (c *Client) Call(ctx context.Context, module, method string, args any) (json.RawMessage, error) {
	message, err := json.Marshal(object{"module": module, "method": method, "args": args})
	if err != nil {
		return nil, err
	}
	text, err := c.send(ctx, message)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status    bool   `json:"status"`
		Code      string `json:"code"`
		ErrorCode string `json:"errorCode"`
		Details   string `json:"details"`
		Body      struct {
			Result json.RawMessage `json:"result"`
		} `json:"body"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, fmt.Errorf("ncalayer: %w", err)
	}
	switch {
	case !answer.Status:
		return nil, &Refused{answer.Code + answer.ErrorCode, answer.Details}
	case answer.Body.Result == nil:
		return nil, ErrCancelled
	}
	return answer.Body.Result, nil
}

// Keys lists the people of the demonstration.
func (c *Client) Keys(ctx context.Context) ([]Person, error) {
	raw, err := c.Call(ctx, moduleDemo, "keys", nil)
	if err != nil {
		return nil, err
	}
	var out []Person
	return out, json.Unmarshal(raw, &out)
}

// Choose selects the key of the next signature by the certificate's fingerprint; empty means that the person will
// close the dialog.
func (c *Client) Choose(ctx context.Context, fingerprint string) error {
	_, err := c.Call(ctx, moduleDemo, "choose", object{"id": fingerprint, "cancel": fingerprint == ""})
	return err
}

// Sign signs content with the chosen key and gives the CMS as PEM, detached, as the portal asks for it.
func (c *Client) Sign(ctx context.Context, content []byte) (string, error) {
	raw, err := c.Call(ctx, moduleBasics, "sign", object{
		"format": "cms", "data": base64.StdEncoding.EncodeToString(content), "locale": "kk",
		"signingParams": object{"decode": true, "encapsulate": false, "digested": false, "tsaProfile": nil},
		"signerParams":  object{"extKeyUsageOids": []string{"1.3.6.1.5.5.7.3.4"}, "iin": "", "bin": "", "chain": nil},
	})
	if err != nil {
		return "", err
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != 1 {
		return "", fmt.Errorf("ncalayer: want one signature, got %s", raw)
	}
	return list[0], nil
}
