package casework

import (
	"context"
	"slices"

	"elicense/internal/civil"
	"elicense/internal/decimal"
	"elicense/internal/form"
	"elicense/internal/money"
	"elicense/internal/service"
)

// Before is what is known of an application before there is one.
type Before struct {
	Operation service.Operation
	Subtype   string            // whose presets count as answered; empty = none
	Recipient service.Recipient // empty = not known
	Day       civil.Date        // of filing
}

// Fee is what an application costs as far as it can be told before there is one.
type Fee struct {
	Depends bool            // the sum follows from answers that are not known yet
	InMCI   bool            // Count indices
	Count   decimal.Decimal // of monthly calculation indices
	Known   bool            // Sum is known: the index of the day is known, or the fee does not rest on it
	Sum     money.Tiyn
}

// index is a made-up value of the monthly calculation index by which a rule shows how many indices it asks for: a
// power of ten, so that the division is exact.
const index = 1_000_000

// FeeBefore runs the rule of the fee as a draft of the day would, with the index of that day, and twice with made-up
// ones: a fee that doubles with the index is a number of indices.
func (c *Casework) FeeBefore(ctx context.Context, rev *service.Revision, b Before) (Fee, error) {
	mentions := rev.Program.Mentions(b.Operation.Fee)
	preset := rev.Definition.Preset(b.Subtype)
	if slices.ContainsFunc(mentions, func(name string) bool {
		_, known := preset[name]
		return name != "mci" && name != "today" && name != "operation" && (name != "recipient" || b.Recipient == "") && !known
	}) {
		return Fee{Depends: true}, nil
	}
	fm, err := c.FormOf(ctx, rev)
	if err != nil {
		return Fee{}, err
	}
	facts := form.Facts{Today: b.Day, Recipient: b.Recipient, Operation: b.Operation.Key}
	run := func(mci money.Tiyn) (money.Tiyn, error) {
		facts.MCI = mci
		return due(fm, b.Operation, preset, facts)
	}
	mci, known := c.MCI.MCI(b.Day)
	f := Fee{Known: known || !slices.Contains(mentions, "mci")}
	if f.Sum, err = run(mci); err != nil {
		return f, err
	}
	once, err := run(index)
	if err != nil {
		return f, err
	}
	twice, err := run(2 * index)
	if err != nil {
		return f, err
	}
	if once > 0 && twice == 2*once {
		f.InMCI, f.Count = true, decimal.New(int64(once), 6)
	}
	return f, nil
}

// due runs the rule of an operation's fee.
func due(f form.Form, o service.Operation, answers form.Answers, facts form.Facts) (money.Tiyn, error) {
	fee, err := f.Revision.Program.Int(o.Fee, f.Vars(answers, facts))
	return money.Tiyn(fee), err
}
