package port

import "context"

// Letter is a notice on its way out of the system. It holds no more of a person than the address.
type Letter struct {
	ID      string // of the notice: a provider that gets it twice takes it for one
	To      string // e-mail address or telephone number (E.164)
	Subject string // one line; of mail
	Text    string
	// Once says that two of it are worse than none: a decision. What may have gone out by one provider is not given to
	// another.
	Once bool
	// Provider is who was tried last; empty = nobody yet.
	Provider string
}

// Sender passes letters on by one channel.
type Sender interface {
	// Send gives a letter to a provider and names the one that took it, or was tried last. fault.Invalid: no provider will
	// ever take it (a wrong address). Every other fault: try again later. Faults hold no address and no text.
	Send(ctx context.Context, l Letter) (provider string, err error)
}
