package queue

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"
)

// Now has a chore done at once, besides its periods: somebody waits for it.
func (q *Queue) Now(ctx context.Context, chore string) error {
	_, err := q.client.InsertMany(ctx, []river.InsertManyParams{{Args: choreJob{chore}, InsertOpts: &river.InsertOpts{Queue: choreQueue, MaxAttempts: 1}}})
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	return nil
}
