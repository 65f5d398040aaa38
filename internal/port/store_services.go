package port

import (
	"context"
	"time"

	"elicense/internal/application"
	"elicense/internal/service"
)

// Published is one revision of a service as it is stored: its source, for ever.
type Published struct {
	Service     string
	Number      int
	Digest      string
	Source      service.Source
	PublishedAt time.Time
	PublishedBy string
}

// Proposal is the text of a service that one person wants published; another one decides it. Neither the proposal nor the
// decision ever changes.
type Proposal struct {
	ID       string
	Service  string
	Base     int    // number of the revision that it is to follow; 0 = the service is new
	Digest   string // of the source
	Source   service.Source
	Cases    service.Source // the files of the folder's cases, by name
	Note     string
	Proposer Author
	At       time.Time
	Verdict  Verdict
}

// Author is who answers for a proposal or its decision.
type Author struct {
	Actor string // as in audit rows
	IIN   string // tells persons apart, whichever account they use
}

// Verdict is what became of a proposal; the zero value while nothing has.
type Verdict struct {
	Approved bool
	Number   int // of the revision that came of it; 0 = refused
	Reason   string
	By       Author
	At       time.Time
}

// Decided tells whether the proposal was approved or refused.
func (p Proposal) Decided() bool { return !p.Verdict.At.IsZero() }

// Services reads revisions, what is proposed to become one, and what new ones did to drafts.
type Services interface {
	// Newest lists the newest revision of each service, by key.
	Newest(ctx context.Context) ([]Published, error)
	// Revision gives fault.NotFound for an unknown one.
	Revision(ctx context.Context, service string, number int) (Published, error)
	// Revisions lists all revisions of a service, newest first, without their sources.
	Revisions(ctx context.Context, service string) ([]Published, error)
	// Stamp is a number that grows with every publication: caches compare it.
	Stamp(ctx context.Context) (int64, error)
	// Proposal gives fault.NotFound for an unknown id.
	Proposal(ctx context.Context, id string) (Proposal, error)
	// Proposals lists the newest first, without sources and cases.
	Proposals(ctx context.Context, limit int) ([]Proposal, error)
	// Undecided lists the numbers of a service's applications that are drafts, being signed or registered, in order,
	// after the given one.
	Undecided(ctx context.Context, service, after string, limit int) ([]string, error)
	// Moves lists how a draft moved from revision to revision, oldest first.
	Moves(ctx context.Context, application string) ([]application.Move, error)
}

// ServiceWrites writes revisions and proposals. Of these there is no change and no deletion: the tables refuse both by
// triggers.
type ServiceWrites interface {
	// Publish adds a revision; the number must follow the newest (fault.Conflict "store.revision" otherwise).
	Publish(p Published)
	// Propose adds a proposal without its verdict.
	Propose(p Proposal)
	// Decide adds the verdict; a second one is fault.Conflict "store.proposal-decided".
	Decide(proposal string, v Verdict)
	// Move adds how a draft moved. Of a move that is there already it writes what was set aside and whether it was seen.
	// The application's version guards both, so Change belongs into the same unit.
	Move(m application.Move)
	// SeeMoves notes that the applicant has seen the moves that were not seen yet.
	SeeMoves(application string, at time.Time)
	// ForgetMoves removes what a deleted draft held.
	ForgetMoves(application string)
}
