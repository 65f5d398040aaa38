package port

import (
	"context"
	"time"
)

// MessageSide is who wrote a message.
type MessageSide string

// The sides.
const (
	FromApplicant MessageSide = "applicant"
	FromBody      MessageSide = "body" // an official of the state body that the application is at
)

// Message is what applicant and officials wrote to each other about an application. It is never changed.
type Message struct {
	ID          string
	Application string // number
	Side        MessageSide
	Author      string // account
	Text        string // as typed; may be empty beside a file
	Files       []MessageFile
	At          time.Time
	ReadAt      time.Time // when somebody of the other side first read it; zero = nobody did
	ReadBy      string    // account
}

// MessageFile is a stored document that was sent with a message, as it was called then.
type MessageFile struct {
	Document string `json:"document"` // id
	Name     string `json:"name"`
	File     string `json:"file"`
	Type     string `json:"type"` // media type
	Digest   string `json:"digest"`
	Size     int64  `json:"size"`
}

// Messages reads messages.
type Messages interface {
	// Thread lists the messages of an application, oldest first.
	Thread(ctx context.Context, number string) ([]Message, error)
	// Unread counts, by application, the messages of a side that nobody of the other side read; applications without any
	// are left out.
	Unread(ctx context.Context, side MessageSide, numbers ...string) (map[string]int, error)
}

// MessageWrites writes messages.
type MessageWrites interface {
	Add(m Message)
	// Read marks the messages with these ids as read; one that is read already keeps who read it first.
	Read(ids []string, by string, at time.Time)
}
