package evidence

import (
	"context"
	"sync"
	"time"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/port"
)

// Witness implements port.Witness. What was read lately is remembered in this process: another node, or this one after a
// restart, may note it once more.
type Witness struct {
	Store port.Store
	World port.World

	mu     sync.Mutex
	lately map[string]time.Time // by official, action, object
}

// again is how long one official's reading of one thing is one row.
const again = 10 * time.Minute

// remembered is how many readings are kept in mind; beyond it all are forgotten, and noted anew.
const remembered = 10_000

// Saw implements port.Witness.
func (w *Witness) Saw(ctx context.Context, actor access.Actor, what port.Sight) error {
	if actor.Role != access.Officer {
		return nil
	}
	now := w.World.Now()
	key := actor.Account + "\n" + what.Action + "\n" + what.Object + "\n" + what.Details["document"]
	if w.noted(key, now) {
		return nil
	}
	err := w.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Records().Audit(audit.Entry{ID: w.World.ID(), Salt: w.World.Random(16), At: now, Actor: actor.Name(),
			Action: what.Action, Object: what.Object, Details: what.Details})
		return nil
	})
	if err == nil {
		w.note(key, now)
	}
	return err
}

func (w *Witness) noted(key string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.lately[key]
	return ok && now.Sub(at) < again && !now.Before(at)
}

func (w *Witness) note(key string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lately == nil || len(w.lately) >= remembered {
		w.lately = map[string]time.Time{}
	}
	w.lately[key] = now
}
