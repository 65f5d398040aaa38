package port

import (
	"context"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
)

// Trail reads the log of the audit: rows that were numbered, in the order of their numbers from 0 on, and the checkpoints
// over them. A row waits for its number from the moment it is written.
type Trail interface {
	// Waiting gives rows that have no number yet, by id.
	Waiting(ctx context.Context, limit int) ([]Record, error)
	// Backlog tells how many rows wait.
	Backlog(ctx context.Context) (int, error)
	// Last gives the newest checkpoint; ok is false before the first.
	Last(ctx context.Context) (c StoredCheckpoint, ok bool, err error)
	// Covering gives the first checkpoint over a number; ok is false where there is none.
	Covering(ctx context.Context, seq int64) (c StoredCheckpoint, ok bool, err error)
	// Checkpoints lists them by number, from one on.
	Checkpoints(ctx context.Context, from int64, limit int) ([]StoredCheckpoint, error)
	// Leaves lists numbered rows from a number on, each with the row as stored; a row that is gone has no bytes.
	Leaves(ctx context.Context, from int64, limit int) ([]Numbered, error)
	// Numbered gives one by its row's id.
	Numbered(ctx context.Context, id string) (n Numbered, ok bool, err error)
	// Hashes gives the hashes kept with leaves; numbers that do not exist are left out.
	Hashes(ctx context.Context, seqs []int64) (map[int64][]byte, error)
	// List lists numbered rows, the newest first, without hashes.
	List(ctx context.Context, q TrailQuery) ([]Numbered, error)
	// Strays gives what belongs to no order, at most limit of each kind.
	Strays(ctx context.Context, limit int) (Strays, error)
}

// TrailWrites writes the log of the audit.
type TrailWrites interface {
	// Append numbers rows and stores the checkpoint over them; the rows wait no longer. Somebody else's row or checkpoint of one
	// of the numbers is "store.race".
	Append(c StoredCheckpoint, rows []Numbered)
}

// Numbered is an audit row in its place in the log.
type Numbered struct {
	Seq    int64
	Kept   []byte // the hashes of the tree that end here, see audit.Tree.Add
	Record Record
	audit.Heads
}

// StoredCheckpoint is a signed checkpoint as kept.
type StoredCheckpoint struct {
	Number int64
	Size   int64
	At     time.Time
	Note   []byte
}

// TrailQuery asks for rows of the log; empty values do not filter.
type TrailQuery struct {
	Body                  string // what officials of this state body did
	Object, Actor, Action string
	From, Until           time.Time // Until is the first moment after
	// BeforeAt and BeforeSeq are a cursor: the last row of the page before.
	BeforeAt  time.Time
	BeforeSeq int64
	Limit     int
}

// Strays are rows that belong to no order.
type Strays struct {
	Inserted []string // ids of audit rows that neither wait nor have a number
	Lost     []string // ids that wait for a number without an audit row
	Twice    []string // ids that wait although they have a number
	Beyond   []int64  // numbers that no checkpoint covers
}

// Sight is what an official read: a row of the audit says so.
type Sight struct {
	Action  string // such as "application.seen"
	Object  string // such as "application/KZ…"; never a number of a person
	Details map[string]string
}

// Witness notes who read what.
type Witness interface {
	// Saw writes the audit row of an official's reading, unless the same official read the same thing a short while ago. Other
	// actors leave none: what they read is their own. What cannot be noted is not to be shown.
	Saw(ctx context.Context, actor access.Actor, what Sight) error
}
