// Package ncalayer is a double of NCALayer, the desktop program by which people sign in the browser: it speaks the same
// WebSocket protocol (modules kz.gov.pki.knca.basics and the older kz.gov.pki.knca.commonUtils) with the keys of made-up
// people. It is for the demonstration and for tests only.
//
// It makes CMS signatures. XML signatures and NCALayer's windows are refused in NCALayer's own way of refusing. A request
// is answered before the next one of its connection is read, since answers carry no numbers; the older module repeats the
// uuid of a request that has one.
//
// Where NCALayer shows a dialog, this one cannot: it has no screen. The page chooses the key instead, by a module that
// NCALayer does not have:
//
//	{"module":"kz.elicense.demo","method":"keys"}                              the people
//	{"module":"kz.elicense.demo","method":"choose","args":{"id":"…"}} the key of the next signature
//	{"module":"kz.elicense.demo","method":"choose","args":{"cancel":true}}     the next dialog is closed without signing
//
// Without a choice, signerParams.iin and .bin of the request choose, when they leave one key; else the answer is that
// of a person who has closed the dialog.
package ncalayer

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"elicense/internal/cms"
	"elicense/internal/demo/ca"
)

// The words of the protocol.
const (
	moduleBasics = "kz.gov.pki.knca.basics"
	moduleCommon = "kz.gov.pki.knca.commonUtils"
	moduleDemo   = "kz.elicense.demo"
	heartbeat    = "--heartbeat--"
	version      = "1.4"
)

// Options of the agent.
type Options struct {
	Keys func() []ca.KeyPair // the keys on offer, asked for at every request
	Now  func() time.Time    // the signing time claimed in signatures
	// Stamp adds a time stamp (RFC 3161) to a CMS in DER, where a request asks for one; nil = none is added.
	Stamp   func(cms []byte) ([]byte, error)
	Origins []string      // pages that may talk to the agent; empty means any, as with NCALayer. A program without an origin always may
	Idle    time.Duration // a connection silent for so long is closed; 0 means 10 minutes
}

// Agent is an http.Handler that serves the protocol at every path. It belongs on a loopback address.
type Agent struct{ o Options }

// New makes an agent.
func New(o Options) *Agent {
	if o.Idle <= 0 {
		o.Idle = 10 * time.Minute
	}
	return &Agent{o}
}

// ServeHTTP opens a WebSocket and serves it until it is closed.
func (a *Agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if origin := r.Header.Get("Origin"); origin != "" && len(a.o.Origins) != 0 && !slices.Contains(a.o.Origins, origin) {
		http.Error(w, "this page may not talk to the demonstration's signing agent", http.StatusForbidden)
		return
	}
	s, err := accept(w, r)
	if err != nil {
		return // the refusal has been written
	}
	defer func() { _ = s.conn.Close() }() // nothing is left to be said
	idle := time.AfterFunc(a.o.Idle, func() { _ = s.conn.Close() })
	defer idle.Stop()
	if s.write(opText, []byte(`{"result":{"version":"`+version+`"}}`)) != nil {
		return
	}
	session := &session{agent: a}
	for {
		message, err := s.read()
		if err != nil {
			return
		}
		idle.Reset(a.o.Idle)
		answer := []byte(heartbeat)
		if message != heartbeat {
			answer = session.answer([]byte(message))
		}
		if s.write(opText, answer) != nil {
			return
		}
	}
}

// session is one connection: the choice made on it serves its next signature only.
type session struct {
	agent  *Agent
	chosen string // fingerprint
	cancel bool
}

// request is any call.
type request struct {
	Module string          `json:"module"`
	Method string          `json:"method"`
	Args   json.RawMessage `json:"args"`
	UUID   json.RawMessage `json:"uuid"`
}

// object is a JSON answer.
type object map[string]any

// failure is the answer of NCALayer to a call that failed.
func failure(code, details string) object {
	return object{"status": false, "code": code, "message": "An invoked method threw an exception.", "details": details}
}

// done is the answer to a call that succeeded.
func done(result any) object { return object{"status": true, "body": object{"result": result}} }

// answer serves one message.
func (s *session) answer(message []byte) []byte {
	var r request
	var out object
	if err := json.Unmarshal(message, &r); err != nil {
		out = object{"success": false, "code": "COMMON_JSON_WRAPPING_EXCEPTION"}
	} else {
		out = s.call(r)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return []byte(`{"status":false,"code":"GENERAL_ERROR"}`)
	}
	return b
}

// call finds the module and the method.
func (s *session) call(r request) object {
	switch {
	case r.Module == moduleBasics && r.Method == "sign":
		return s.sign(r.Args)
	case r.Module == moduleCommon:
		out := s.commonUtils(r.Method, r.Args)
		if len(r.UUID) > 0 {
			out["uuid"] = r.UUID
		}
		return out
	case r.Module == moduleDemo && r.Method == "keys":
		return done(s.agent.people())
	case r.Module == moduleDemo && r.Method == "choose":
		return s.choose(r.Args)
	case r.Module == moduleBasics || r.Module == moduleDemo:
		return failure("INVOCATION_ERROR", "no such method")
	}
	return object{"success": false, "errorCode": "MODULE_NOT_FOUND"}
}

// Person is one key on offer, as the demo module lists it.
type Person struct {
	Fingerprint  string     `json:"id"` // SHA-256 of the certificate: names the key in choose
	Name         string     `json:"name"`
	IIN          string     `json:"iin"`
	BIN          string     `json:"bin"`
	Organisation string     `json:"organisation"`
	Roles        []cms.Role `json:"roles"`
	Algorithm    string     `json:"algorithm"` // RSA, GOST512, ...: a person may have a key of each
	Demo         bool       `json:"demo"`      // always true: the page must say so
}

// people lists the keys; a certificate that names nobody is left out.
func (a *Agent) people() []Person {
	out := []Person{}
	for _, k := range a.o.Keys() {
		s, err := cms.SubjectOf(k.Certificate)
		if err != nil {
			continue
		}
		name := s.Surname + " " + s.GivenName
		if s.Patronymic != "" {
			name += " " + s.Patronymic
		}
		out = append(out, Person{cms.Fingerprint(k.Certificate.Raw), name, s.IIN, s.BIN, s.Organisation, s.Roles, strings.ToUpper(string(k.Algorithm())), true})
	}
	return out
}

// choose keeps the choice for the next signature.
func (s *session) choose(raw json.RawMessage) object {
	var args struct {
		Fingerprint string `json:"id"`
		Cancel      bool   `json:"cancel"`
	}
	if err := json.Unmarshal(raw, &args); err != nil {
		return failure("INVOCATION_ERROR", "arguments of choose")
	}
	if !args.Cancel && !slices.ContainsFunc(s.agent.people(), func(p Person) bool { return p.Fingerprint == args.Fingerprint }) {
		return failure("GENERAL_ERROR", "no such key")
	}
	s.chosen, s.cancel = args.Fingerprint, args.Cancel
	return done(true)
}
