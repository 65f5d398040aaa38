// Package integrity holds what is stored against the promises of the system. It only reads, and every breach is named
// with the promise, the thing and what is wrong with it.
package integrity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/charge"
	"elicense/internal/cms"
	"elicense/internal/evidence"
	"elicense/internal/fault"
	"elicense/internal/ident"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// page is how many rows are read at once.
const page = 500

// Breach is one broken promise.
type Breach struct {
	Promise string `json:"promise"` // I1 … I8
	Thing   string `json:"thing"`
	Text    string `json:"text"`
}

// Report is what a check found.
type Report struct {
	Applications int      `json:"applications"`
	Permits      int      `json:"permits"`
	Signatures   int      `json:"signatures"`
	AuditRows    int      `json:"audit_rows"`
	Files        int      `json:"files"`
	Orphans      int      `json:"orphan_files"` // stored files that nothing names: uploads cut short by a crash
	Collected    int      `json:"collected_files"`
	Gaps         []Gap    `json:"gaps"`
	Broken       []Breach `json:"broken"`
	// OrphanDigests names the orphans. An upload under way is among them until its row is written.
	OrphanDigests []string `json:"-"`
}

// Gap is a run of numbers of a code that stand for nothing, with the cause.
type Gap struct {
	Code  string `json:"code"`
	First int    `json:"first"`
	Last  int    `json:"last"`
	Cause string `json:"cause"`
}

// Text writes the report for people.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d applications, %d permits, %d signatures, %d audit rows, %d files (%d orphans), %d gaps of numbers, all with a cause\n",
		r.Applications, r.Permits, r.Signatures, r.AuditRows, r.Files, r.Orphans, len(r.Gaps))
	if r.Collected > 0 {
		fmt.Fprintf(&b, "%d orphans older than a day were removed\n", r.Collected)
	}
	for _, x := range r.Broken {
		fmt.Fprintf(&b, "BROKEN %s %s: %s\n", x.Promise, x.Thing, x.Text)
	}
	if len(r.Broken) == 0 {
		b.WriteString("every promise holds")
	}
	return strings.TrimRight(b.String(), "\n")
}

// checker collects.
type checker struct {
	ctx     context.Context
	v       port.View
	blobs   port.Blobs
	keys    audit.PublicKeys
	report  Report
	numbers map[string]map[int]bool // by code: numbers in use or buried
	files   map[string]string       // digest to who names it
	audits  map[string]int          // "action object" to how many rows
	told    told
}

// Check reads everything. keys judge the signatures of the audit's checkpoints; without any they are not judged.
func Check(ctx context.Context, store port.Store, blobs port.Blobs, keys audit.PublicKeys) (Report, error) {
	var c *checker
	err := store.View(ctx, func(v port.View) error {
		c = &checker{ctx: ctx, v: v, blobs: blobs, keys: keys, numbers: map[string]map[int]bool{}, files: map[string]string{}, audits: map[string]int{}, told: tellNothing()}
		c.report.Broken = []Breach{}
		for _, step := range []func() error{c.auditRows, c.auditLog, c.applications, c.permits, c.unmade, c.quotas, c.numberRanges, c.papers, c.imports, c.gaps, c.consulted, c.storedFiles} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	return c.report, nil
}

func (c *checker) broken(promise, thing, format string, args ...any) {
	c.report.Broken = append(c.report.Broken, Breach{promise, thing, fmt.Sprintf(format, args...)})
}

// auditRows checks that every row is canonical and has its digest (I8).
func (c *checker) auditRows() error {
	after := ""
	for {
		rows, err := c.v.Records().Page(c.ctx, after, page)
		if err != nil {
			return err
		}
		for _, r := range rows {
			c.report.AuditRows++
			after = r.ID
			e, err := audit.Parse(r.Bytes)
			if err != nil || e.ID != r.ID || e.Digest() != r.Digest {
				c.broken("I8", "audit/"+r.ID, "the row is not what was written")
				continue
			}
			c.audits[e.Action+" "+e.Object]++
			c.told.hear(e)
		}
		if len(rows) < page {
			return nil
		}
	}
}

// auditLog checks that the rows are those that were numbered and signed (I8).
func (c *checker) auditLog() error {
	report, err := evidence.Verify(c.ctx, c.v, c.keys, nil)
	for _, x := range report.Found {
		c.broken("I8", "audit "+x.Place, "%s", x.Text)
	}
	return err
}

// each visits the numbers of a table in order.
func (c *checker) each(table string, f func(number string) error) error {
	after := ""
	for {
		numbers, err := c.v.Records().Numbers(c.ctx, table, after, page)
		if err != nil {
			return err
		}
		for _, n := range numbers {
			after = n
			if err := f(n); err != nil {
				return err
			}
		}
		if len(numbers) < page {
			return nil
		}
	}
}

// number checks I2 and remembers the number as used.
func (c *checker) number(number string) {
	code, n, err := ident.ParseDocumentNumber(number)
	if err != nil {
		c.broken("I2", number, "not a valid document number")
		return
	}
	c.use(code, n)
}

func (c *checker) use(code string, n int) {
	if c.numbers[code] == nil {
		c.numbers[code] = map[int]bool{}
	}
	c.numbers[code][n] = true
}

func (c *checker) applications() error {
	buried, err := c.v.Records().Tombstones(c.ctx)
	if err != nil {
		return err
	}
	open := map[string]string{}
	return c.each("application", func(number string) error {
		c.report.Applications++
		c.number(number)
		a, err := c.v.Applications().Application(c.ctx, number)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			if buried[number] == "" {
				c.broken("I2", number, "deleted without a tombstone")
			}
			return nil
		}
		if err != nil {
			return err
		}
		if a.State.Open() {
			key := a.Party + " " + a.Service + " " + a.Body
			if open[key] != "" {
				c.broken("I3", number, "a second draft beside %s", open[key])
			}
			open[key] = number
		}
		if err := c.bundle(a); err != nil {
			return err
		}
		return c.application(a)
	})
}

// bundle checks that an application is filed together with others of its applicant only (I3).
func (c *checker) bundle(a application.Application) error {
	if a.Bundle == "" {
		return nil
	}
	b, err := c.v.Applications().Bundles().Bundle(c.ctx, a.Bundle)
	if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && b.Party != a.Party {
		c.broken("I3", a.Number, "filed together with others of no, or of another, applicant")
		return nil
	}
	return err
}

// application checks one application: its history (I4), signature (I1, I7), payment (I5) and decision (I6).
func (c *checker) application(a application.Application) error {
	happened, err := c.v.Applications().Happenings(c.ctx, a.Number)
	if err != nil {
		return err
	}
	c.history(a, happened)
	c.opinions(a)
	for _, at := range a.Attached {
		c.files[at.Digest] = a.Number
	}
	if err := c.payment(a); err != nil {
		return err
	}
	if a.State == application.Draft {
		return nil
	}
	return c.signatures(a)
}

// payment checks that an invoice is paid by a notice of the gateway (I5): the audit row of the settlement names a notice
// that is remembered, and the sum and receipt of the invoice.
func (c *checker) payment(a application.Application) error {
	i, ok, err := c.v.Invoices().OfApplication(c.ctx, a.Number)
	if err != nil || !ok {
		return err
	}
	if (i.State == charge.Paid) != !i.PaidAt.IsZero() {
		c.broken("I5", a.Number, "invoice is %s, paid at %v", i.State, i.PaidAt)
	}
	if i.State != charge.Paid {
		return nil
	}
	d := c.told.settled["invoice/"+i.ID]
	if d.notice == "" {
		c.broken("I5", a.Number, "paid without a notice of the gateway")
		return nil
	}
	if d.paid != strconv.FormatInt(int64(i.Amount), 10) || d.receipt != i.Receipt {
		c.broken("I5", a.Number, "the invoice is of %d with receipt %q, the gateway's notice of %s with receipt %q", int64(i.Amount), i.Receipt, d.paid, d.receipt)
	}
	known, err := c.v.Invoices().Noticed(c.ctx, d.notice)
	if err == nil && !known {
		c.broken("I5", a.Number, "the notice that it was paid by is not stored")
	}
	return err
}

// history checks that the events lead from nothing to the present state, each with its audit row.
func (c *checker) history(a application.Application, happened []application.Happening) {
	state := application.State("")
	for _, h := range happened {
		if h.From != state {
			c.broken("I4", a.Number, "event %s begins at %q, the one before ended at %q", h.Event, h.From, state)
		}
		if next, err := application.Next(h.From, h.Event); h.From != "" && (err != nil || next != h.To) {
			c.broken("I4", a.Number, "%s from %s to %s is no legal move", h.Event, h.From, h.To)
		}
		if c.audits["application."+string(h.Event)+" application/"+a.Number] == 0 {
			c.broken("I4", a.Number, "event %s has no audit row", h.Event)
		}
		state = h.To
	}
	if state != a.State {
		c.broken("I4", a.Number, "is %s, but its events end at %q", a.State, state)
	}
	decided := a.State == application.Issued || a.State == application.Returned
	if decided != (a.Decision != nil) || (a.State == application.Issued) != (a.Permit != "") {
		c.broken("I6", a.Number, "state %s, decision %v, permit %q", a.State, a.Decision != nil, a.Permit)
	}
}

// signatures checks that what was signed is what is stored.
func (c *checker) signatures(a application.Application) error {
	stored, err := c.v.Applications().Signatures(c.ctx, a.Number)
	if err != nil {
		return err
	}
	if len(stored) == 0 {
		c.broken("I1", a.Number, "sent without a signature")
	}
	var filed port.StoredSignature // the applicant's last: of the highest version, for the clock may have been put back since
	var as signdoc.Document
	for _, s := range stored {
		c.report.Signatures++
		doc, err := signdoc.Parse(s.Content)
		if err != nil {
			c.broken("I7", a.Number, "the signed document cannot be read: %v", err)
			continue
		}
		sum := sha256.Sum256(s.Answers)
		about := a.Number
		if s.Purpose == string(signdoc.Act) {
			about = a.Permit
		}
		if doc.Application != about || doc.Answers != hex.EncodeToString(sum[:]) {
			c.broken("I7", a.Number, "the signed document is not of these answers")
		}
		switch {
		case s.Purpose == string(signdoc.Decision):
			err = c.asDecided(a, s, doc)
		case s.Purpose == string(signdoc.Act):
			err = c.asActed(a, doc)
		case doc.Version >= as.Version:
			filed, as = s, doc
		}
		if err != nil {
			return err
		}
		for _, at := range doc.Attachments {
			c.files[at.Digest] = a.Number
		}
		signed, err := cms.Parse(s.Signature.CMS)
		if err == nil {
			_, err = signed.Verify(s.Content)
		}
		if err != nil {
			c.broken("I7", a.Number, "the signature does not hold: %v", err)
			continue
		}
		c.stamped(a.Number, signed, s.Signature.Evidence)
	}
	if filed.ID == "" {
		return nil
	}
	return c.asSigned(a, filed, as)
}

func (c *checker) permits() error {
	return c.each("permit", func(number string) error {
		c.report.Permits++
		c.number(number)
		p, err := c.v.Permits().Permit(c.ctx, number)
		if err != nil {
			return err
		}
		a, err := c.v.Applications().Application(c.ctx, p.Application)
		if err != nil || a.Permit != number || a.State != application.Issued {
			c.broken("I6", number, "its application %s does not lead to it", p.Application)
		}
		if err := c.life(p); err != nil {
			return err
		}
		files, err := c.v.Permits().Documents().Files(c.ctx, number)
		if err != nil {
			return err
		}
		for _, f := range files {
			c.files[f.Digest] = f.Permit + " " + f.Lang
			c.document(p, f)
		}
		return nil
	})
}

// quotas checks that what was granted is the sum of the entries and never more than there is.
func (c *checker) quotas() error {
	list, err := c.v.Ledger().Quotas(c.ctx)
	if err != nil {
		return err
	}
	for _, q := range list {
		entries, err := c.v.Ledger().Entries(c.ctx, q.ID)
		if err != nil {
			return err
		}
		var sum int64
		for _, e := range entries {
			sum += e.Amount
			a, err := c.v.Applications().Application(c.ctx, e.Application)
			if err != nil || a.State != application.Issued {
				c.broken("I6", q.ID, "granted to %s, which was not issued", e.Application)
			}
		}
		if sum != q.Granted || q.Granted > q.Total {
			c.broken("I6", q.ID, "granted %d, entries %d, total %d", q.Granted, sum, q.Total)
		}
	}
	return nil
}

// consulted notes the revocation lists that signatures rest on: each is a file that has to be there (I7).
func (c *checker) consulted() error {
	all, err := c.v.Applications().Consulted(c.ctx)
	if err != nil {
		return err
	}
	for _, e := range all {
		if len(e.DER)%sha256.Size != 0 {
			c.broken("I7", "evidence", "%x names no revocation lists", e.DER)
			continue
		}
		for digest := range slices.Chunk(e.DER, sha256.Size) {
			c.files[hex.EncodeToString(digest)] = "a revocation list that signatures rest on"
		}
	}
	return nil
}

// storedFiles checks that every file that something names is there with its bytes.
func (c *checker) storedFiles() error {
	have := map[string]bool{}
	err := c.blobs.Each(c.ctx, func(digest string, _ int64) error {
		have[digest] = true
		return nil
	})
	if err != nil {
		return err
	}
	err = c.v.Documents().Each(c.ctx, func(d port.StoredDocument) error {
		c.files[d.Digest] = "document " + d.ID
		return nil
	})
	if err != nil {
		return err
	}
	exports, err := c.v.Office().Queues().Exports(c.ctx, "")
	if err != nil {
		return err
	}
	for _, e := range exports {
		if e.Digest != "" {
			c.files[e.Digest] = "export " + e.ID
		}
	}
	for digest, who := range c.files {
		c.report.Files++
		switch err := c.whole(digest); { // asked of the folder itself: a file may have come after it was listed
		case err == nil:
		case fault.KindOf(err) == fault.NotFound:
			c.broken("I1", who, "the file %s is missing", digest)
		default:
			c.broken("I7", who, "the file %s is damaged: %v", digest, err)
		}
	}
	for digest := range have {
		if c.files[digest] == "" {
			c.report.Orphans++
			c.report.OrphanDigests = append(c.report.OrphanDigests, digest)
		}
	}
	return nil
}

func (c *checker) whole(digest string) error {
	f, err := c.blobs.Open(c.ctx, digest)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != digest {
		return fault.New(fault.Internal, "file.damaged")
	}
	return nil
}
