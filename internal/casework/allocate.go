package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/fault"
	"elicense/internal/form"
	"elicense/internal/ledger"
	"elicense/internal/numbering"
	"elicense/internal/permit"
	"elicense/internal/port"
	"elicense/internal/service"
)

// Allocation chooses ranges of numbers for the territory that an application asks for. The official reserves them while
// the application is examined (numbering.Assign, Reserve); the decision allocates or releases them.
type Allocation struct{ Numbering *numbering.Numbering }

// Asked is what an application asks for under one code of the numbering plan.
type Asked struct {
	Code     ledger.Code // empty where the register has no numbers of the place
	Places   []string    // codes of the directory's rows
	Count    int64
	Reserved int64
}

// Enough tells whether what is reserved is what was asked for, in whole blocks.
func (a Asked) Enough(block int64) bool {
	return a.Code != "" && a.Reserved >= a.Count && a.Reserved < a.Count+max(block, 1)
}

// block is the size of a block of numbers.
func block(f File) int64 {
	return max(1, int64(f.Form.Revision.Definition.Process.Numbers.Block))
}

// Asked lists what the application asks for, by code, with what is reserved for it.
func (al Allocation) Asked(ctx context.Context, v port.View, f File) ([]Asked, []ledger.Range, error) {
	d := f.Form.Revision.Definition
	field, _ := d.Field(d.Process.Numbers.Territory)
	places, _ := form.Places(f.Application.Answers[field.Key])
	codes, err := v.Ledger().Codes(ctx)
	if err != nil {
		return nil, nil, err
	}
	reserved, err := v.Ledger().Ranges(ctx, port.RangeSearch{Application: f.Application.Number})
	if err != nil {
		return nil, nil, err
	}
	rows := f.Form.Dirs.Own(field.Directory)
	var list []Asked
	for _, p := range places {
		code := codeOf(phones(rows, p.Code, d.Process.Numbers.Column), codes)
		i := slices.IndexFunc(list, func(a Asked) bool { return a.Code == code })
		if i < 0 {
			list, i = append(list, Asked{Code: code}), len(list)
		}
		list[i].Places, list[i].Count = append(list[i].Places, p.Code), list[i].Count+form.Millionths(p.Count)/1_000_000
	}
	for i := range list {
		for _, r := range reserved {
			if r.Code == list[i].Code {
				list[i].Reserved += r.Size()
			}
		}
	}
	return list, reserved, nil
}

// phones are the telephone codes of a row, or those of the row above where it has none.
func phones(rows []service.Row, code, column string) []string {
	for range 3 { // locality, region and no more
		i := slices.IndexFunc(rows, func(r service.Row) bool { return r.Code == code })
		if i < 0 {
			return nil
		}
		if found := strings.Fields(rows[i].Values[column]); len(found) > 0 {
			return found
		}
		code = rows[i].Values[service.ColumnParent]
	}
	return nil
}

// codeOf finds the code of the numbering plan that serves a telephone code: itself, one above it, or one below it.
func codeOf(phones []string, codes []ledger.CodeCount) ledger.Code {
	for _, serves := range []func(plan, phone string) bool{
		func(plan, phone string) bool { return plan == phone },
		func(plan, phone string) bool { return strings.HasPrefix(phone, plan) },
		strings.HasPrefix,
	} {
		for _, phone := range phones {
			phone = strings.ReplaceAll(phone, "-", "")
			for _, c := range codes {
				if serves(string(c.Code), phone) {
					return c.Code
				}
			}
		}
	}
	return ""
}

// wants are what the register is asked to propose.
func wants(asked []Asked) ([]numbering.Want, error) {
	var list []numbering.Want
	for _, a := range asked {
		if a.Code == "" {
			return nil, fault.New(fault.Conflict, "ledger.no-code")
		}
		list = append(list, numbering.Want{Code: a.Code, Count: a.Count})
	}
	return list, nil
}

// Filed finds nothing that the applicant could mend: whether there are numbers is for the body to say.
func (al Allocation) Filed(context.Context, port.View, File) ([]fault.Field, error) { return nil, nil }

// Received takes nothing: numbers are chosen by an official.
func (al Allocation) Received(context.Context, port.Tx, File, time.Time) error { return nil }

// Proposed demands that the numbers are reserved.
func (al Allocation) Proposed(ctx context.Context, tx port.Tx, _ access.Actor, f File, _ application.Proposal, _ time.Time) ([]fault.Field, error) {
	asked, _, err := al.Asked(ctx, tx, f)
	if err != nil {
		return nil, err
	}
	for _, a := range asked {
		if !a.Enough(block(f)) {
			return []fault.Field{{Path: "ranges", Key: "work.numbers-required"}}, nil
		}
	}
	return nil, nil
}

// Shown lists the ranges on the permit.
func (al Allocation) Shown(ctx context.Context, v port.View, f File, _ application.Proposal, pm *permit.Permit) error {
	_, reserved, err := al.Asked(ctx, v, f)
	var lines []string
	for _, r := range reserved {
		lines = append(lines, RangeText(r))
	}
	pm.Values[permit.ValueRanges] = strings.Join(lines, "\n")
	return err
}

// RangeText writes a range as people read it: code, first and last number.
func RangeText(r ledger.Range) string {
	return r.Code.String() + " " + r.Code.Number(r.First) + " – " + r.Code.Number(r.Last)
}

// Granted allocates the numbers.
func (al Allocation) Granted(ctx context.Context, tx port.Tx, actor access.Actor, _ File, _ application.Proposal, pm permit.Permit, at time.Time) error {
	_, err := al.Numbering.CommitIn(ctx, tx, actor, pm, at)
	return err
}

// Dropped releases them.
func (al Allocation) Dropped(ctx context.Context, tx port.Tx, actor access.Actor, f File, at time.Time) error {
	return al.Numbering.ReleaseIn(ctx, tx, actor, f.Application.Number, at)
}

// Reserve keeps numbers for an application that the official holds: those that were chosen by hand, or those that the
// register proposes where none were. They take the place of what was reserved before.
func (d *Desk) Reserve(ctx context.Context, actor access.Actor, number string, chosen []ledger.Range) error {
	al, ok := d.Tasks[service.Allocate].(Allocation)
	if !ok {
		return fault.New(fault.NotFound, "fault.not-found")
	}
	var asked []Asked
	var f File
	err := d.Store.View(ctx, func(v port.View) (err error) {
		if f, err = d.load(ctx, v, actor, number); err != nil {
			return err
		}
		p := f.Form.Revision.Definition.Process
		step, _, _ := p.StepAt(f.Application.Work.Step)
		if err := application.May(f.Application, p, actor, application.Propose); err != nil {
			return err
		}
		if step.Does != service.Allocate {
			return fault.New(fault.Conflict, "work.not-now")
		}
		asked, _, err = al.Asked(ctx, v, f)
		return err
	})
	if err != nil {
		return err
	}
	list, err := wants(asked)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		_, err = al.Numbering.Assign(ctx, actor, number, list, block(f))
		return err
	}
	for _, r := range chosen {
		if !slices.ContainsFunc(asked, func(a Asked) bool { return a.Code == r.Code }) {
			return fault.At("ranges", "work.numbers-elsewhere")
		}
	}
	_, err = al.Numbering.Reserve(ctx, actor, number, chosen)
	return err
}
