package app

import (
	"fmt"

	"elicense/internal/civil"
)

// permitCommand answers what held of a permit.
type permitCommand struct {
	Number string `arg:"" help:"Number of the permit."`
	On     string `help:"The day asked about, as 2026-03-03; empty: today."`
	Known  string `help:"What was known at the end of this day counts, as 2026-03-10; empty: today."`
}

// held is the answer.
type held struct {
	Number string `json:"number"`
	On     string `json:"on"`
	Known  string `json:"known"`
	Issued bool   `json:"issued"` // whether the permit was known then
	State  string `json:"state,omitempty"`
	Since  string `json:"since,omitempty"`
	Until  string `json:"until,omitempty"`
	To     string `json:"to,omitempty"`
}

// Run looks the permit up as anybody may: it tells nothing of the holder.
func (c *permitCommand) Run(r *run) error {
	reg, done, err := openRegister(r)
	if err != nil {
		return err
	}
	defer done()
	days := [2]civil.Date{reg.Today(), reg.Today()}
	for i, typed := range []string{c.On, c.Known} {
		if typed == "" {
			continue
		}
		if days[i], err = civil.ParseDate(typed); err != nil {
			return usageError("a day is written as 2026-03-03")
		}
	}
	x, err := reg.Check(r.ctx, c.Number, "")
	if err != nil {
		return err
	}
	s, issued := x.AsOf(days[0], days[1])
	h := held{Number: x.Permit.Number, On: days[0].String(), Known: days[1].String(), Issued: issued}
	if !issued {
		r.print(h, fmt.Sprintf("permit %s: as known on %s, not issued yet", h.Number, h.Known))
		return nil
	}
	h.State, h.Since, h.Until, h.To = string(s.State), s.Since.String(), s.Until.String(), s.To.String()
	text := fmt.Sprintf("permit %s: on %s, as known on %s, %s", h.Number, h.On, h.Known, h.State)
	if h.Since != "" {
		text += " since " + h.Since
	}
	if h.Until != "" {
		text += " until " + h.Until
	}
	r.print(h, text)
	return nil
}
