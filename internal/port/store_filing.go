package port

import (
	"context"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/civil"
	"elicense/internal/lang"
	"elicense/internal/ledger"
	"elicense/internal/party"
	"elicense/internal/permit"
)

// Operator compares in a search panel.
type Operator string

// The operators of the search panels.
const (
	Equals   Operator = "eq"
	Contains Operator = "has"
	From     Operator = "from" // on or after
	Until    Operator = "to"   // on or before
)

// Search asks for an applicant's own applications or permits. Empty values do not filter.
type Search struct {
	Party    string // always set, but for the permits of a body
	Number   string
	NumberOp Operator // Equals or Contains
	// Day is compared with the day of sending (applications) or of issue (permits), as UTC bounds [DayFrom, DayTo).
	DayFrom, DayTo time.Time
	Body           string
	Service        string
	State          application.State
	// Slips asks, of permits, for the slips of notifications, which the list otherwise leaves out.
	Slips bool
	// Standing is the state of permits on the day On; "" = any. Holder is the IIN or BIN of a permit's holder.
	Standing permit.State
	On       civil.Date
	Holder   string
	// Before is a cursor: the creation time (or time of issue) and number of the last row of the page before.
	Before       time.Time
	BeforeNumber string
	Concerns     string // of applications: the permit that they concern
	Limit        int
}

// Applications reads applications.
type Applications interface {
	// Application gives fault.NotFound for an unknown or deleted one; Attached comes with it.
	Application(ctx context.Context, number string) (application.Application, error)
	// Dossier gives the application with its applicant and its invoice in one reading; fault.NotFound as Application.
	Dossier(ctx context.Context, number string) (Dossier, error)
	// Asked gives a challenge with its application's dossier in one reading; fault.NotFound where either is missing.
	Asked(ctx context.Context, nonce string) (Asked, error)
	// OpenOf tells by ok whether the party has a draft (or one being signed) of the service at the body.
	OpenOf(ctx context.Context, party, service, body string) (a application.Application, ok bool, err error)
	// List gives the newest first, without answers and attachments, deleted ones left out.
	List(ctx context.Context, s Search) ([]application.Application, error)
	// Happenings gives the timeline, oldest first.
	Happenings(ctx context.Context, number string) ([]application.Happening, error)
	// Signatures lists what was signed, oldest first, with the evidence of each, oldest first.
	Signatures(ctx context.Context, number string) ([]StoredSignature, error)
	// Consulted lists the different pieces of evidence of kind EvidenceList, of every signature.
	Consulted(ctx context.Context) ([]Evidence, error)
	// Pending lists numbers of applications in state Signing, oldest first.
	Pending(ctx context.Context, limit int) ([]string, error)
	// Unstamped lists signatures whose time stamp has not come yet, in order of id after the given one.
	Unstamped(ctx context.Context, after string, limit int) ([]Unstamped, error)
	// Undispatched lists events that work follows and that no job was made of, oldest first.
	Undispatched(ctx context.Context, limit int) ([]application.Happening, error)
	Bundles() Bundles
}

// Unstamped is a signature that waits for its time stamp.
type Unstamped struct {
	Signature string // id
	CMS       []byte
}

// Asked is a challenge with the application that it asks a signature for.
type Asked struct {
	Challenge Challenge
	Dossier   Dossier
}

// Dossier is an application with what belongs to it.
type Dossier struct {
	Application application.Application
	Party       party.Party
	Invoice     charge.Invoice // the one that is not void
	Invoiced    bool
}

// StoredSignature is what was signed, by whom, with everything needed to judge it again.
type StoredSignature struct {
	ID          string
	Application string
	Purpose     string
	Content     []byte // the canonical document
	Answers     []byte // the canonical answers whose digest the content holds
	Signature   Signature
}

// ApplicationWrites writes applications.
type ApplicationWrites interface {
	// Add: a second open application of the party for the service and body is fault.Conflict "store.draft-exists".
	Add(a application.Application)
	// Change writes everything that may change, guarded by a.Version, and stores Version+1. Attachments are written by
	// Attach and Detach.
	Change(a application.Application)
	// Attach adds or replaces the attachment of a key.
	Attach(number string, at application.Attachment)
	Detach(number, key string)
	// Happen adds the event: one row per change of state. The outbox are those that work follows.
	Happen(h application.Happening)
	// Sign stores a signature with its evidence. The same signer, document and purpose a second time is fault.Conflict "store.signature-exists".
	Sign(s StoredSignature)
	// SetRevocation records what a re-check of a pending signature learned.
	SetRevocation(id string, r Revocation, at time.Time)
	// AddEvidence adds what was learned about a stored signature later; the same evidence a second time changes nothing. A
	// time stamp ends the waiting of Unstamped.
	AddEvidence(signature string, e Evidence)
	// Dispatched marks events as handed to the jobs.
	Dispatched(ids []string, at time.Time)
	Bundles() BundleWrites
}

// StoredDocument is a file in a party's personal store.
type StoredDocument struct {
	ID        string
	Party     string
	Name      string // what the person calls it
	File      string // the file's name as uploaded
	Type      string // media type found by content
	Digest    string // SHA-256, hex: its place in Blobs
	Size      int64
	CreatedAt time.Time
	DeletedAt time.Time // zero = not; attached documents stay readable
}

// Documents reads the personal store.
type Documents interface {
	// Document gives fault.NotFound for an unknown id.
	Document(ctx context.Context, id string) (StoredDocument, error)
	// Each visits every document, also deleted ones, in order of id: for checks.
	Each(ctx context.Context, f func(StoredDocument) error) error
	// ListOf gives a party's documents that are not deleted, newest first.
	ListOf(ctx context.Context, party string) ([]StoredDocument, error)
}

// DocumentWrites writes the personal store.
type DocumentWrites interface {
	Add(d StoredDocument)
	// Delete hides a document from the store, guarded by "not deleted yet".
	Delete(id string, at time.Time)
}

// Invoices reads invoices.
type Invoices interface {
	// Invoice gives fault.NotFound for an unknown id.
	Invoice(ctx context.Context, id string) (charge.Invoice, error)
	// OfApplication gives the invoice that is not void; ok tells whether there is one.
	OfApplication(ctx context.Context, number string) (i charge.Invoice, ok bool, err error)
	// Noticed tells whether a notice of the gateway was handled.
	Noticed(ctx context.Context, notice string) (bool, error)
}

// InvoiceWrites writes invoices.
type InvoiceWrites interface {
	// Add: a second living invoice of an application is fault.Conflict "store.invoice-exists".
	Add(i charge.Invoice)
	// Change is guarded by i.Version and stores Version+1.
	Change(i charge.Invoice)
	// Notice remembers a handled notice together with its effect: a second one is fault.Conflict "store.notice-exists".
	Notice(n charge.Notice)
}

// Ledger reads quotas and the numbering resource.
type Ledger interface {
	// Quota tells by ok whether it exists.
	Quota(ctx context.Context, id string) (q ledger.Quota, ok bool, err error)
	// Entries lists what was granted from a quota, by application: for checks.
	Entries(ctx context.Context, quota string) ([]ledger.Entry, error)
	// Granted lists what an application took, by quota.
	Granted(ctx context.Context, application string) ([]ledger.Entry, error)
	// Quotas lists all, by id.
	Quotas(ctx context.Context) ([]ledger.Quota, error)
	// Codes lists the codes with how many numbers each has in each state, by code.
	Codes(ctx context.Context) ([]ledger.CodeCount, error)
	// Ranges lists ranges by code and first number.
	Ranges(ctx context.Context, s RangeSearch) ([]ledger.Range, error)
	// Order gives fault.NotFound for an unknown id.
	Order(ctx context.Context, id string) (ledger.Order, error)
	// Orders lists orders about numbers, the oldest first.
	Orders(ctx context.Context, s OrderSearch) ([]ledger.Order, error)
}

// OrderSearch asks for orders about numbers. Empty values do not filter.
type OrderSearch struct {
	Code   ledger.Code
	Permit string
	State  ledger.OrderState
}

// RangeSearch asks for ranges. Empty values do not filter.
type RangeSearch struct {
	Code        ledger.Code
	State       ledger.RangeState
	Application string
	Permit      string
	// Over finds quarantines whose last day is before this one.
	Over civil.Date
	// AfterCode and After are a cursor: code and first number of the last row of the page before.
	AfterCode ledger.Code
	After     int64
	Limit     int // 0 = all
}

// LedgerWrites writes quotas and the numbering resource.
type LedgerWrites interface {
	// SetTotal adds a quota or changes its total and unit; what was granted stays.
	SetTotal(q ledger.Quota)
	// Take adds the entry and raises the granted amount, guarded by "as much is left": otherwise fault.Conflict
	// "store.race", so that the decision is made again with what is left.
	Take(e ledger.Entry)
	// Release gives back what Take took, guarded by "the entry stands as it was read": otherwise fault.Conflict "store.race".
	Release(e ledger.Entry)
	// PutCode adds a code or changes its name. A code that begins with another, or the other way round, is fault.Conflict
	// "store.code-prefix".
	PutCode(code ledger.Code, name lang.Text)
	// AddRange puts new numbers under a code that exists (otherwise fault.Conflict "store.race"). Numbers that are there
	// already are fault.Conflict "store.range-overlap".
	AddRange(r ledger.Range)
	// ReplaceRanges puts ranges in the place of others that hold exactly the same numbers (anything else is
	// fault.Internal). It is guarded by "the old ones stand as they were read": otherwise fault.Conflict "store.race".
	ReplaceRanges(old, with []ledger.Range)
	// AddOrder adds an order: a second one of the id is fault.Conflict "store.order-exists".
	AddOrder(o ledger.Order)
	// CloseOrder writes what became of an order, by whom and when, guarded by "it is still proposed": otherwise
	// fault.Conflict "store.race".
	CloseOrder(o ledger.Order)
}

// Idempotent is the remembered answer to a POST that creates: the same key and body give the same answer.
type Idempotent struct {
	Key    string // chosen by the client, bound to the actor
	Actor  string
	Body   string // SHA-256 of what was asked, hex
	Answer string // address or number that was answered
	At     time.Time
}

// Keys reads what can be used once: challenges, idempotency keys, blocks of numbers.
type Keys interface {
	// Challenge gives fault.NotFound for an unknown nonce.
	Challenge(ctx context.Context, nonce string) (Challenge, error)
	Idempotent(ctx context.Context, actor, key string) (i Idempotent, ok bool, err error)
	// Next gives the first number of a code that was never leased.
	Next(ctx context.Context, code string) (int, error)
	// Leases lists leased blocks of a code, oldest first; an empty code means all.
	Leases(ctx context.Context, code string) ([]Lease, error)
}

// Lease is a block of numbers that one node took in a transaction of its own.
type Lease struct {
	Code        string
	First, Last int
	Node        string
	At          time.Time
	// ReturnedFrom is the first number that the node gave back unused when it stopped; 0 = none given back.
	ReturnedFrom int
}

// KeyWrites writes challenges, idempotency keys, blocks and tombstones.
type KeyWrites interface {
	AddChallenge(c Challenge)
	// UseChallenge marks it used, guarded by "not used yet": a second use is fault.Conflict "store.challenge-used".
	UseChallenge(nonce string, at time.Time)
	// ForgetChallenges deletes unused ones that ended before a time.
	ForgetChallenges(before time.Time)
	// Remember: the same actor and key a second time is fault.Conflict "store.key-exists".
	Remember(i Idempotent)
	// Lease takes a block, guarded by "First is next": otherwise fault.Conflict "store.race".
	Lease(l Lease)
	// Return notes the unused rest of a block.
	Return(code string, first, returnedFrom int)
	// Bury records a number that will never stand for anything, with the cause.
	Bury(number, cause string, at time.Time)
}

// Records reads what is kept about everything that happened: audit rows, numbers, statistics.
type Records interface {
	// Page lists rows in order of id after the given one.
	Page(ctx context.Context, after string, limit int) ([]Record, error)
	// Tombstones lists buried numbers.
	Tombstones(ctx context.Context) (map[string]string, error)
	// Numbers lists all application and permit numbers after the given one, in order, for checks.
	Numbers(ctx context.Context, table string, after string, limit int) ([]string, error)
	// Listed gives by what lists find a permit, for checks; fault.NotFound for an unknown number.
	Listed(ctx context.Context, number string) (ListedPermit, error)
	// Uncounted lists occurrences that no fold has counted, oldest first. One that was committed late is among them all
	// the same: the mark is the event's own.
	Uncounted(ctx context.Context, limit int) ([]Occurrence, error)
	// Counted lists occurrences that the folds up to a number have counted, in order of id after the given one.
	Counted(ctx context.Context, folds int, after string, limit int) ([]Occurrence, error)
	// Figures lists the figures of the months from first to last, both included, in order of all their names.
	Figures(ctx context.Context, first, last string) ([]Figure, error)
	// Counting tells how far the statistics are.
	Counting(ctx context.Context) (Counting, error)
}

// Record is an audit row as stored.
type Record struct {
	ID     string
	Bytes  []byte
	Digest string
}

// RecordWrites writes audit rows and statistics.
type RecordWrites interface {
	Audit(e audit.Entry)
	// Fold marks occurrences as counted by the fold of this number and adds what they came to, guarded by "it follows the
	// last fold" and "none of them is counted": otherwise fault.Conflict "store.race".
	Fold(number int, occurrences []string, add []Figure)
	// Correct adds to figures, also negative amounts, guarded by "it follows the last correction": otherwise
	// fault.Conflict "store.race".
	Correct(number int, add []Figure)
}
