package port

import (
	"context"

	"elicense/internal/civil"
	"elicense/internal/permit"
)

// Permits reads permits, and the register of paper licences.
type Permits interface {
	// Permit gives fault.NotFound for an unknown number.
	Permit(ctx context.Context, number string) (permit.Permit, error)
	// List gives the newest first, of the holder s.Party, or where that is empty those that s.Body issued. The number is that of the
	// permit, its second one, or that of the paper that it restores.
	List(ctx context.Context, s Search) ([]permit.Permit, error)
	// Acts lists the acts with permits, by permit and in order.
	Acts(ctx context.Context, numbers ...string) ([]permit.Act, error)
	// Ending lists permits by the last day of what ends, then by number.
	Ending(ctx context.Context, s EndingSearch) ([]permit.Permit, error)
	// Orders lists proposed acts and what became of them, the oldest first.
	Orders(ctx context.Context, s PermitOrderSearch) ([]permit.Order, error)
	// Documents reads what was made of permits.
	Documents() PermitDocuments
	// Paper gives fault.NotFound for an unknown id.
	Paper(ctx context.Context, id string) (permit.Paper, error)
	// PaperOf finds the paper of a body by series and number, as they are compared.
	PaperOf(ctx context.Context, body, series, number string) (p permit.Paper, ok bool, err error)
	// Candidates lists papers of a body with the number, as it is compared, or of the holder, by id; at most limit.
	Candidates(ctx context.Context, body, number, holder string, limit int) ([]permit.Paper, error)
	// Numbered lists papers of any body with the number, as it is compared, by id; at most limit.
	Numbered(ctx context.Context, number string, limit int) ([]permit.Paper, error)
	// Quarantine reads imports of former registers.
	Quarantine() Quarantine
}

// EndingSearch asks for permits that nothing ended and of which something ends by time alone.
type EndingSearch struct {
	Suspended bool // their suspension; else they themselves
	// From and To bound the last day, both included; a zero From is open.
	From, To civil.Date
	// AfterDay and After are a cursor: the last day and the number of the last row of the page before.
	AfterDay civil.Date
	After    string
	Limit    int
}

// PermitDocuments reads the documents of permits.
type PermitDocuments interface {
	// Files lists the documents of a permit: its editions, appendices and acts.
	Files(ctx context.Context, number string) ([]permit.File, error)
	// FileByDigest finds a document by the SHA-256 of its bytes.
	FileByDigest(ctx context.Context, digest string) (f permit.File, ok bool, err error)
	// Undrawn lists permits after the given one with acts that are to have documents (permit.Act.Drawn), by number.
	Undrawn(ctx context.Context, after string, limit int) ([]string, error)
}

// ListedPermit is what the store keeps beside the standing of a permit, because lists ask for it: see permit.Standing.
type ListedPermit struct {
	Acts                         int
	Ended                        permit.State // "" = nothing ended it
	SuspendedFrom, SuspendedTill civil.Date   // zero = not suspended, until it is resumed
	LastDay                      civil.Date   // zero = without end
}

// Listing is what lists have to find a permit by.
func Listing(s permit.Standing) ListedPermit {
	l := ListedPermit{Acts: s.Acts, Ended: s.Ended(), SuspendedFrom: s.Since, SuspendedTill: s.Until, LastDay: s.To}
	if l.Ended != "" {
		l.SuspendedFrom, l.SuspendedTill = civil.Date{}, civil.Date{}
	}
	return l
}

// PermitOrderSearch asks for proposed acts. Empty values do not filter.
type PermitOrderSearch struct {
	ID     string
	Permit string
	Body   string
	State  permit.OrderState
}

// PermitWrites writes permits, and the register of paper licences.
type PermitWrites interface {
	// Add writes the permit as issued; its standing follows from that.
	Add(p permit.Permit)
	// Act adds an act and writes p.Standing, which is what holds after it. It is guarded by "as many acts are known as before it":
	// otherwise fault.Conflict "store.race".
	Act(p permit.Permit, a permit.Act)
	// AddOrder: a second one that waits with the permit is fault.Conflict "permit.order-waits".
	AddOrder(o permit.Order)
	// CloseOrder writes what became of an order, by whom and when, guarded by "it is still proposed": otherwise fault.Conflict
	// "store.race".
	CloseOrder(o permit.Order)
	// AddFile stores a document; a second one of the same edition, appendix, act and language is fault.Conflict "store.file-exists".
	AddFile(f permit.File)
	// Drawn notes that the documents of the permit's acts up to this one, and of what they leave, are made.
	Drawn(number string, act int)
	// AddPaper: a second paper of the body with series and number, as they are compared, is fault.Conflict
	// "store.paper-exists".
	AddPaper(p permit.Paper)
	// ClaimPaper notes the application that restores the paper: while another does or did, or when the application claims
	// two, it is fault.Conflict "store.paper-claimed".
	ClaimPaper(id, application string)
	// ReleasePaper gives the paper back from an application that did not restore it, guarded by both: otherwise
	// fault.Conflict "store.race".
	ReleasePaper(id, application string)
	// RestorePaper notes the permit that the paper became, guarded by the claim of the application: otherwise fault.Conflict
	// "store.paper-claimed".
	RestorePaper(id, application, number string)
	// Quarantine writes imports of former registers.
	Quarantine() QuarantineWrites
}
