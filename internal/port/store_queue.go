package port

import (
	"context"
	"io"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/party"
)

// Queue asks for the applications that officials of a state body work on; of those that their applicants correct only where
// Left is application.Paused, or Unread. Empty values do not filter.
type Queue struct {
	Body   string // always set
	Holder string // the official who holds it; None = held by nobody
	// Absent adds to a Holder's own what officials hold in whose place the holder works, by service.
	Absent []access.Absent
	Number string // a part of it
	// Department is the key of a department of the body.
	Department string
	Service    string
	Step       string
	// Left is the state of the term on the day Today.
	Left  application.Left
	Today civil.Date
	// Unread asks for those with a message of the applicant that nobody of the body has read.
	Unread bool
	// From and To bound the time of registration: [From, To).
	From, To time.Time
	// OpinionsOn asks instead for the applications at other bodies on which this one may still give its opinion on that day,
	// by the last day of the answer; nobody holds those. Of the filters only Number and Services count there.
	OpinionsOn civil.Date
	Services   []string // of the applications on which an opinion is asked; nil = all
	// After is a cursor: the last row of the page before.
	After QueuePlace
	Limit int
}

// None asks for applications that no official holds.
const None = "-"

// QueuePlace is a place in a queue: running terms by their last day, then work without a term, then terms that stand still.
type QueuePlace struct {
	Stopped bool
	Due     civil.Date // zero = no term
	Number  string
}

// Queued is an application of the queue with the name of its applicant.
type Queued struct {
	Application application.Application
	Applicant   string
}

// Found asks for everything that ever reached a body: of one number, of one applicant by IIN or BIN, or of applicants whose
// names have words that begin so. One of the three is set.
type Found struct {
	Body   string
	Number string
	Party  string   // IIN or BIN
	Words  []string // as party.Words gives them
	// Before is a cursor: the time of registration and number of the last row of the page before.
	Before       time.Time
	BeforeNumber string
	Limit        int
}

// SavedView is a set of filters that an official keeps under a name.
type SavedView struct {
	ID, Official, Name string
	Query              string // of the page's address
}

// Batch is an act that an official did with many applications at once.
type Batch struct {
	ID       string
	Official string
	Act      application.Act
	At       time.Time
	Rows     []BatchRow
	Done     bool // false = it is under way, or was interrupted
}

// BatchRow is what became of one application.
type BatchRow struct {
	Number  string     `json:"number"`
	Version int        `json:"version"`        // that the person saw
	Key     string     `json:"key,omitempty"`  // message key of why not; empty = done, once the batch is
	Args    fault.Args `json:"args,omitempty"` // of the message
}

// Export is a list that an official ordered as a file.
type Export struct {
	ID       string
	Official string
	Lang     string
	Query    Queue // of the queue, where Found.Body is empty
	Found    Found
	At       time.Time // ordered
	State    ExportState
	Rows     int // written so far
	Total    int // about how many there will be
	// BeatAt is when it last got on: one that is at work and has not moved for minutes was interrupted.
	BeatAt  time.Time
	Digest  string // of the file, SHA-256 in hex
	Size    int64  // bytes
	Version int
}

// ExportState is how far an export is.
type ExportState string

// The states of an export.
const (
	ExportWaits ExportState = "waits"
	ExportRuns  ExportState = "runs"
	ExportReady ExportState = "ready"
	ExportFails ExportState = "failed"
)

// Queues reads what officials have to do, and what they keep for it.
type Queues interface {
	// Queue lists what is to be done at a body, the nearest deadline first, without answers and attachments.
	Queue(ctx context.Context, q Queue) ([]Queued, error)
	// Count counts what each of the queues lists, each up to most; their places and limits do not count.
	Count(ctx context.Context, most int, queues ...Queue) ([]int, error)
	// Found lists what reached a body, decided or not, the newest first, without answers and attachments. Of applicants whose
	// names match the first thousand count.
	Found(ctx context.Context, f Found) ([]Queued, error)
	// Held counts what each official of a body holds, by account; those who hold nothing are left out.
	Held(ctx context.Context, body string) (map[string]int, error)
	// HandsOut tells whether a body has new applications given to officials by rule.
	HandsOut(ctx context.Context, body string) (bool, error)
	// Views lists the views of an official, by name.
	Views(ctx context.Context, official string) ([]SavedView, error)
	// Batch gives fault.NotFound for an unknown id.
	Batch(ctx context.Context, id string) (Batch, error)
	// Export gives fault.NotFound for an unknown id.
	Export(ctx context.Context, id string) (Export, error)
	// Exports lists those of an official, the newest first; all, the oldest first, for an empty one.
	Exports(ctx context.Context, official string) ([]Export, error)
	// Unnamed lists parties whose names cannot be searched by word yet, by id.
	Unnamed(ctx context.Context, limit int) ([]party.Party, error)
}

// QueueWrites writes what officials keep for their work.
type QueueWrites interface {
	// SetHandsOut says whether a body has new applications given to officials by rule.
	SetHandsOut(body string, on bool)
	// AddView: a second view of the official's under the name is fault.Conflict "store.view-exists".
	AddView(v SavedView)
	// RenameView names it anew, guarded by the official: otherwise fault.Conflict "store.race"; a taken name is as in AddView.
	RenameView(v SavedView)
	// DropView forgets a view of the official's; one that is not there changes nothing.
	DropView(official, id string)
	// AddBatch: a second one of the id is fault.Conflict "store.batch-exists".
	AddBatch(b Batch)
	// EndBatch writes rows and Done, guarded by "it is not done": otherwise fault.Conflict "store.race".
	EndBatch(b Batch)
	// DropBatches forgets those before a time.
	DropBatches(before time.Time)
	AddExport(e Export)
	// ChangeExport writes all but what was ordered, guarded by e.Version, and stores Version+1.
	ChangeExport(e Export)
	DropExport(id string)
	// Name makes the party's name searchable by its words.
	Name(p party.Party)
}

// Sheets writes lists as files of a spreadsheet program.
type Sheets interface {
	// Write writes a workbook of one sheet. No text becomes a formula.
	Write(w io.Writer, s Sheet) error
}

// Sheet is a list with a heading.
type Sheet struct {
	Columns []SheetColumn
	// Rows gives the rows in order, each to the function that it gets; the fault of that function ends it. Values are
	// string, int, int64 and civil.Date; the function may change the slice.
	Rows func(write func(values []any) error) error
}

// SheetColumn is the heading of a column and its width in characters.
type SheetColumn struct {
	Text  string
	Width int
}
