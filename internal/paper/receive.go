package paper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/permit"
	"elicense/internal/port"
)

// MaxFile bounds a file, in bytes.
const MaxFile = 32 << 20

// File is a former register as it comes.
type File struct {
	Name    string
	Content []byte
}

// Received is what became of a file.
type Received struct {
	Batches []permit.Batch   // that wait, one for each body; one without a good row is dropped at once
	Same    []permit.Batch   // of bodies that have this file already: nothing new came
	Wrong   int              // rows that name no state body
	Notes   []permit.RowNote // of those, the first permit.MostTold
}

// Rows counts the good rows.
func (r Received) Rows() int {
	n := 0
	for _, b := range r.Batches {
		n += b.Rows
	}
	return n
}

// Refused counts the wrong rows.
func (r Received) Refused() int {
	n := r.Wrong
	for _, b := range r.Batches {
		n += b.WrongRows
	}
	return n
}

// Receive takes a former register into the quarantine: a CSV file or Excel workbook with a row of Columns first. An executor
// of a body brings rows of that body; the operator those of any. What is wrong with rows is told and left out; rows that may
// be one paper twice are told and stay. Faults: fault.Invalid "papers.header", "import.rows", and those of port.Tables; a
// file that the official's body has already is fault.Conflict "paper.same-file".
func (p *Papers) Receive(ctx context.Context, actor access.Actor, f File) (Received, error) {
	var out Received
	own, err := mayBring(actor)
	if err != nil {
		return out, err
	}
	switch {
	case len(f.Content) == 0:
		return out, atFile(fault.Invalid, "import.empty", nil)
	case len(f.Content) > MaxFile:
		return out, atFile(fault.Invalid, "import.large", nil)
	}
	groups, loose, err := p.read(f.Content, own)
	if err != nil {
		return out, err
	}
	out.Wrong, out.Notes = loose.count, loose.list
	digest := sha256.Sum256(f.Content)
	for _, g := range groups {
		b := permit.Batch{ID: p.World.ID(), Body: g.body, File: fileName(f.Name), Digest: hex.EncodeToString(digest[:]), State: permit.BatchReceiving, Version: 1,
			Brought: permit.Hand{Account: actor.Name(), Person: actor.Person, At: p.World.Now()}}
		same, err := p.receive(ctx, actor, g, &b)
		switch {
		case err != nil:
			return out, err
		case same.ID != "" && own != "":
			return out, sameFile(same)
		case same.ID != "":
			out.Same = append(out.Same, same)
		default:
			out.Batches = append(out.Batches, b)
		}
	}
	return out, nil
}

// atFile is the fault of the file, at its field.
func atFile(kind fault.Kind, key string, args fault.Args) *fault.Fault {
	return &fault.Fault{Kind: kind, Key: key, Args: args, Fields: []fault.Field{{Path: "file", Key: key, Args: args}}}
}

func sameFile(b permit.Batch) error {
	return atFile(fault.Conflict, "paper.same-file", fault.Args{"file": b.File})
}

// mayBring gives the body whose rows the actor may bring; "" = each.
func mayBring(actor access.Actor) (string, error) {
	if actor.Role == access.System || actor.Role == access.Operator {
		return "", nil
	}
	if err := actor.AtWork(); err != nil {
		return "", err
	}
	if !actor.Holds(access.Executor) || actor.Body == "" {
		return "", fault.New(fault.Denied, "office.no-duty")
	}
	return actor.Body, nil
}

// fileName is the last part of a name, as far as a page shows it.
func fileName(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	if n := []rune(s); len(n) > 120 {
		s = string(n[:120])
	}
	return s
}

// receive compares a group with what is known and stores it, part by part; same is a batch that has the file already.
func (p *Papers) receive(ctx context.Context, actor access.Actor, g *group, b *permit.Batch) (same permit.Batch, err error) {
	err = p.Store.View(ctx, func(v port.View) error {
		q, found := v.Permits().Quarantine(), false
		if same, found, err = q.SameFile(ctx, b.Body, b.Digest); err != nil || found {
			return err
		}
		return g.compare(ctx, q)
	})
	if err != nil || same.ID != "" {
		return same, err
	}
	b.Rows, b.WrongRows, b.Wrong, b.DoubtfulRows, b.Doubtful = len(g.lines), g.wrong.count, g.wrong.list, g.doubt.count, g.doubt.list
	if err := p.unit(ctx, func(w port.Writes) { w.Permits().Quarantine().Add(*b) }); err != nil {
		return same, err
	}
	sum := ""
	for _, l := range g.lines {
		sum = l.Sum(sum)
	}
	for part := range slices.Chunk(g.lines, unitRows) {
		err := p.unit(ctx, func(w port.Writes) {
			for _, l := range part {
				l.Batch = b.ID
				w.Permits().Quarantine().AddLine(l)
			}
		})
		if err != nil {
			return same, err
		}
	}
	b.State = permit.BatchWaiting
	if b.Rows == 0 {
		b.State, b.Closed = permit.BatchDropped, permit.Hand{Account: access.TheSystem().Name(), At: b.Brought.At}
	}
	err = p.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Permits().Quarantine().Change(*b)
		p.note(tx, actor, "paper.received", *b, map[string]string{"digest": b.Digest, "rows": strconv.Itoa(b.Rows), "refused": strconv.Itoa(b.WrongRows), "doubtful": strconv.Itoa(b.DoubtfulRows), "sum": sum})
		return nil
	})
	if fault.Is(err, "paper.same-file") {
		err = sameFile(*b) // it came twice at once
	}
	b.Version++
	return same, err
}

// compare takes out rows whose number the body's register or another batch has, and notes those that are like a paper of the
// register.
func (g *group) compare(ctx context.Context, q port.Quarantine) error {
	var good []permit.Line
	for part := range slices.Chunk(g.lines, unitRows) {
		registered, waiting, err := taken(ctx, q, g.body, part)
		if err != nil {
			return err
		}
		var holders []string
		for _, l := range part {
			key := l.Paper.Key()
			switch {
			case registered[key]:
				g.wrong.add(permit.RowNote{Line: l.No, Column: "number", Key: "paper.wrong.known"})
			case waiting[key]:
				g.wrong.add(permit.RowNote{Line: l.No, Column: "number", Key: "paper.wrong.waiting"})
			default:
				good = append(good, l)
				if l.Paper.HolderNumber != "" {
					holders = append(holders, l.Paper.HolderNumber)
				}
			}
		}
		slices.Sort(holders)
		list, err := q.Holders(ctx, g.body, slices.Compact(holders))
		if err != nil {
			return err
		}
		g.likeRegistered(part, list)
	}
	g.lines = good
	byLine := func(a, b permit.RowNote) int { return a.Line - b.Line }
	slices.SortStableFunc(g.wrong.list, byLine)
	slices.SortStableFunc(g.doubt.list, byLine)
	return nil
}

// likeRegistered notes rows that have holder, kind and day of issue of a paper that is registered under another number.
func (g *group) likeRegistered(part []permit.Line, list []permit.Paper) {
	alike := map[string]permit.Paper{}
	for _, x := range list {
		for _, key := range likeness(x) {
			alike[key] = x
		}
	}
	for _, l := range part {
		for _, key := range likeness(l.Paper) {
			if x, ok := alike[key]; ok && x.Key() != l.Paper.Key() {
				g.doubt.add(permit.RowNote{Line: l.No, Column: "number", Key: "paper.doubt.register", Args: fault.Args{"number": strings.TrimSpace(x.Series + " " + x.Number)}})
				break
			}
		}
	}
}

// taken tells which numbers of rows the body's register has, and which other batches.
func taken(ctx context.Context, q port.Quarantine, body string, lines []permit.Line) (registered, waiting map[permit.PaperKey]bool, err error) {
	registered, waiting = map[permit.PaperKey]bool{}, map[permit.PaperKey]bool{}
	numbers := make([]string, len(lines))
	for i, l := range lines {
		numbers[i] = l.Paper.NumberKey()
	}
	papers, err := q.Numbered(ctx, body, numbers)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range papers {
		registered[x.Key()] = true
	}
	others, err := q.Waiting(ctx, body, numbers)
	for _, l := range others {
		waiting[l.Paper.Key()] = true
	}
	return registered, waiting, err
}
