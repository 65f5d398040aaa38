// Package fault is the vocabulary of failure: every error that may reach a person carries a kind, which the edge turns
// into a status, and a message key, which the edge translates. The text of an underlying error is for logs only.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller may do about a fault; the edges map it to an HTTP status or an exit code.
type Kind uint8

// The kinds. Internal is the zero value, so an error that nobody classified is never shown as anything else.
const (
	Internal        Kind = iota // our mistake or a broken dependency; shown without detail
	Invalid                     // the input breaks a rule the person can mend
	NotFound                    // no such thing, or not this person's: the two are never told apart
	Denied                      // known person, not allowed
	Unauthenticated             // nobody is logged in
	Conflict                    // the world changed, or the thing exists already
	TooLarge                    // over a stated limit
	Throttled                   // too many attempts
	Unavailable                 // a dependency does not answer; trying again is safe
	Gone                        // it existed and its time is over (an expired challenge, a deleted draft)
)

var kindNames = [...]string{"internal", "invalid", "not-found", "denied", "unauthenticated", "conflict", "too-large", "throttled", "unavailable", "gone"}

// String names the kind in logs and metrics.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Args fill the placeholders of a message. They hold no personal data beyond what the reader typed.
type Args map[string]string

// Field is one broken rule at one field of a form. An empty Path speaks of the form as a whole.
type Field struct {
	Path string
	Key  string
	Args Args
}

// Fault is an error that is safe to show once its Key is translated.
type Fault struct {
	Kind   Kind
	Key    string
	Args   Args
	Fields []Field
	Cause  error
}

// New makes a fault of a kind with a message key such as "fault.draft-exists".
func New(k Kind, key string) *Fault { return &Fault{Kind: k, Key: key} }

// With returns a copy that carries the arguments of the message.
func (f *Fault) With(args Args) *Fault {
	c := *f
	c.Args = args
	return &c
}

// Because returns a copy that remembers the underlying error, for logs.
func (f *Fault) Because(err error) *Fault {
	c := *f
	c.Cause = err
	return &c
}

// Error is written for logs: kind, key and cause, never the values of Args.
func (f *Fault) Error() string {
	s := f.Kind.String() + ": " + f.Key
	for i, field := range f.Fields {
		if i == 8 {
			s += fmt.Sprintf(" (+%d more)", len(f.Fields)-i)
			break
		}
		s += " " + field.Path + "=" + field.Key
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap gives the cause to errors.Is and errors.As.
func (f *Fault) Unwrap() error { return f.Cause }

// Fields makes one Invalid fault of field errors, or nil when there are none.
func Fields(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Key: "fault.fields", Fields: fields}
}

// At is the fault of a single field.
func At(path, key string) *Fault {
	return &Fault{Kind: Invalid, Key: "fault.fields", Fields: []Field{{Path: path, Key: key}}}
}

// As finds the fault in an error chain.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// KindOf is the kind of the first fault in the chain; Internal for any other error.
func KindOf(err error) Kind {
	if f, ok := As(err); ok {
		return f.Kind
	}
	return Internal
}

// Is tells whether the chain holds a fault with this message key.
func Is(err error, key string) bool {
	f, ok := As(err)
	return ok && f.Key == key
}
