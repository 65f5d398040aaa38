package port

import (
	"context"
	"time"

	"elicense/internal/civil"
	"elicense/internal/permit"
)

// Quarantine reads imports of former registers, and what of the register of papers they are compared with.
type Quarantine interface {
	// Batch gives fault.NotFound for an unknown id.
	Batch(ctx context.Context, id string) (permit.Batch, error)
	// Batches lists those of a body, the newest first, without what they tell of rows; not those that are being received.
	Batches(ctx context.Context, body string, limit int) ([]permit.Batch, error)
	// In lists the ids of the batches of any body in a state, the oldest first.
	In(ctx context.Context, state permit.BatchState) ([]string, error)
	// SameFile finds a batch of a body with the file that waits, is being released or was; not a dropped one.
	SameFile(ctx context.Context, body, digest string) (b permit.Batch, ok bool, err error)
	// Lines lists good rows after a line of the file, in their order; at most limit.
	Lines(ctx context.Context, batch string, after, limit int) ([]permit.Line, error)
	// Waiting lists rows of the body's batches that wait or are being released, with one of the numbers as they are compared.
	Waiting(ctx context.Context, body string, numbers []string) ([]permit.Line, error)
	// Numbered lists papers of the body's register with one of the numbers as they are compared, by id.
	Numbered(ctx context.Context, body string, numbers []string) ([]permit.Paper, error)
	// Holders lists papers of the body's register that belong to one of the holders, by id.
	Holders(ctx context.Context, body string, holders []string) ([]permit.Paper, error)
	// Held lists papers of all bodies that belong to a holder and are not restored, the newest first; at most limit.
	Held(ctx context.Context, holder string, limit int) ([]permit.Paper, error)
	// Brought lists papers that a batch brought, by id after the given one; at most limit: for checks.
	Brought(ctx context.Context, batch, after string, limit int) ([]permit.Paper, error)
	// Restored lists papers that an application restores or restored, in order of id after the given one: for checks.
	Restored(ctx context.Context, after string, limit int) ([]permit.Paper, error)
}

// QuarantineWrites writes them.
type QuarantineWrites interface {
	Add(b permit.Batch)
	// AddLine stores a good row.
	AddLine(l permit.Line)
	// Change writes everything but who brought which file, guarded by the version, which grows. A second batch of the body
	// with the file, of which one is not dropped, is fault.Conflict "paper.same-file" when it is no longer being received.
	Change(b permit.Batch)
	// DropLines forgets the rows of a batch.
	DropLines(batch string)
	// DropForsaken forgets batches that began to be received before then and still are, with their rows.
	DropForsaken(before time.Time)
}

// Tables reads files of spreadsheet programs and CSV.
type Tables interface {
	// Read gives the rows of the first sheet that hold something, in order; what the file is its content says. A formula is
	// its text or last value, and is never computed. Faults: fault.Invalid "import.file" for what is no table, "import.encoding"
	// for CSV that is not UTF-8, fault.TooLarge "import.large". The fault of row ends it.
	Read(content []byte, row func(TableRow) error) error
}

// TableRow is a row of a table.
type TableRow struct {
	Line  int // from 1
	Cells []string
	// Broken says that the row could not be read as one: its cells are missing.
	Broken bool
	// DayZero is the day that 0 means in a cell of a day; zero where days are written out.
	DayZero civil.Date
}
