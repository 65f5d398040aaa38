package sqlstore

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// pending is a unit that waits for its commit.
type pending struct {
	*unit
	result chan error // buffered: the committer never waits for the one who asked
}

// committer gathers units that wait and applies them in groups: group commit. A group is whatever waits while the group
// before it is being committed, so a unit that comes alone is never held up.
type committer struct {
	queue   chan *pending
	quit    chan struct{}
	once    sync.Once
	workers sync.WaitGroup
	apply   func(group []*pending)
	group   int
}

// newCommitter starts the workers.
func newCommitter(workers int, opts Options, apply func([]*pending)) *committer {
	c := &committer{queue: make(chan *pending), quit: make(chan struct{}), apply: apply, group: opts.Group}
	for range workers {
		c.workers.Go(c.work)
	}
	return c
}

func answer(group []*pending, err error) {
	for _, p := range group {
		p.result <- err
	}
}

// submit hands a unit over and waits for what becomes of it. Before the hand-over the end of ctx withdraws it.
func (c *committer) submit(ctx context.Context, u *unit) error {
	p := &pending{unit: u, result: make(chan error, 1)}
	select {
	case c.queue <- p:
		return <-p.result
	case <-ctx.Done():
		return unavailable(ctx.Err())
	case <-c.quit:
		return unavailable(errors.New("sqlstore: closed"))
	}
}

func (c *committer) work() {
	size := 1
	for {
		select {
		case first := <-c.queue:
			group := c.gather(first, size)
			size = len(group)
			c.apply(group)
		case <-c.quit:
			return
		}
	}
}

// linger is how long a group waits for as many units as the group before it had: those who were just answered are about
// to ask again, and a large group costs a fraction of several small ones. A unit that comes alone is not held up.
const linger = 2 * time.Millisecond

// gather takes what waits already, up to the size of a group, and waits a moment for as many as came the last time.
func (c *committer) gather(first *pending, last int) []*pending {
	group := append(make([]*pending, 0, c.group), first)
	runtime.Gosched()
	var enough <-chan time.Time
	for len(group) < c.group {
		select {
		case next := <-c.queue:
			group = append(group, next)
			continue
		default:
		}
		if len(group) >= last {
			break
		}
		if enough == nil {
			timer := time.NewTimer(linger)
			defer timer.Stop()
			enough = timer.C
		}
		select {
		case next := <-c.queue:
			group = append(group, next)
		case <-enough:
			return inOrder(group)
		case <-c.quit:
			return inOrder(group)
		}
	}
	return inOrder(group)
}

// inOrder sorts by the contended row; among those that wait nobody has a right to be first.
func inOrder(group []*pending) []*pending {
	slices.SortStableFunc(group, func(a, b *pending) int { return strings.Compare(a.contended, b.contended) })
	return group
}

// stop waits for the groups that are being applied; whoever comes later is told that the store is closed.
func (c *committer) stop() {
	c.once.Do(func() { close(c.quit) })
	c.workers.Wait()
}
