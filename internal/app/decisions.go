package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"elicense/internal/casework"
	"elicense/internal/config"
	"elicense/internal/port"
	"elicense/internal/queue"
)

// resolutions is how officials sign decisions.
func (a *App) resolutions() casework.Signing {
	return casework.Signing{Verifier: a.verifier, Origin: a.Config.OfficeOrigin, Environment: a.Config.Environment, Required: a.Config.OfficeSignatures == config.SignaturesRequired}
}

// replays is the nightly look at automatic decisions.
func (a *App) replays() queue.Chore {
	return queue.Chore{Name: "decisions-replayed", Every: 24 * time.Hour, Within: 30 * time.Minute, Do: func(ctx context.Context) error {
		run, found, err := a.Desk.Replay(ctx, false)
		if err != nil {
			return err
		}
		for _, d := range found {
			a.log.Error("an automatic decision is not what its rules say", "application", d.Application, "text", d.Text)
		}
		a.log.Info("automatic decisions replayed", "decisions", run.Decisions, "different", run.Different)
		return nil
	}}
}

type decisionsReplayCommand struct {
	All bool `help:"Replay every decision, not only those since the run before the last."`
}

// Run decides automatic decisions again from what is stored, and tells what differs, by exit 1. The program may go on serving
// meanwhile.
func (c decisionsReplayCommand) Run(r *run) error {
	a, err := Open(r.ctx, r.cfg, Extras{}, r.log)
	if err != nil {
		return err
	}
	result, found, err := a.Desk.Replay(r.ctx, c.All)
	if err := errors.Join(err, a.Close(r.ctx)); err != nil {
		return err
	}
	lines := []string{fmt.Sprintf("%d automatic decisions replayed, %d differ", result.Decisions, result.Different)}
	for _, d := range found {
		lines = append(lines, "DIFFERS "+d.Application+": "+d.Text)
	}
	r.print(struct {
		Decisions   int               `json:"decisions"`
		Differences []port.Difference `json:"differences"`
	}{result.Decisions, found}, strings.Join(lines, "\n"))
	if len(found) > 0 {
		return errWrong
	}
	return nil
}

// decisionsAgree tells doctor what the last replays found.
func (a *App) decisionsAgree(ctx context.Context) (string, error) {
	store, err := OpenStore(ctx, a.Config)
	if err != nil {
		return "", err
	}
	defer func() { _ = store.Close() }() // only read
	var standing []port.Difference
	var runs []port.Replay
	err = store.View(ctx, func(v port.View) (err error) {
		if standing, err = v.Office().Decisions().Differences(ctx); err != nil {
			return err
		}
		runs, err = v.Office().Decisions().Replays(ctx, 1)
		return err
	})
	switch {
	case err != nil:
		return "", err
	case len(standing) > 0:
		return "", fmt.Errorf("%d automatic decisions are not what their rules say, the first is %s", len(standing), standing[0].Application)
	case len(runs) == 0:
		return "not replayed yet", nil
	}
	return "last replayed " + runs[0].At.Format(time.DateTime) + " UTC", nil
}
