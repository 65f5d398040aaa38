package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"elicense/internal/statistics"
)

// countEvery is how far public figures lag behind at most while the program keeps up.
const countEvery = 5 * time.Second

// countAtOnce bounds the batches of one round, so that a long backlog is worked off beside the day's work.
const countAtOnce = 25

// count folds what happened into the public figures.
func (a *App) count(ctx context.Context) error {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		for range countAtOnce {
			n, err := a.Statistics.Fold(ctx)
			if err != nil && ctx.Err() == nil {
				a.log.Error("statistics", "error", err)
			}
			if n == 0 || err != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

type recountCommand struct {
	Check bool `help:"Only compare, and change nothing."`
}

// Run counts all events again and mends figures that are wrong; with --check it only tells them, by exit 1. The program may
// go on serving meanwhile.
func (c recountCommand) Run(r *run) error {
	store, err := openReady(r)
	if err != nil {
		return err
	}
	s := &statistics.Statistics{Store: store, World: world{}}
	if !c.Check {
		if err := s.CatchUp(r.ctx); err != nil {
			return errors.Join(err, store.Close())
		}
	}
	result, err := s.Recount(r.ctx, !c.Check)
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	text := fmt.Sprintf("%d events, %d figures, %d wrong", result.Events, result.Figures, len(result.Wrong))
	if result.Mended {
		text += ", mended"
	}
	r.print(result, text)
	if c.Check && len(result.Wrong) > 0 {
		return errWrong
	}
	return nil
}
