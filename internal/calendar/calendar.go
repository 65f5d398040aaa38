// Package calendar keeps the versions of the calendar of working days. The program brings the first one; an administrator
// adds others as decrees come. None is ever changed: whatever was counted by a version can be counted again.
package calendar

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"elicense/internal/access"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/workday"
)

// Keeper holds the newest version in memory, and older ones once they were asked for. It is safe for many goroutines.
type Keeper struct {
	store port.Store
	world port.World

	mu      sync.RWMutex
	current *workday.Calendar
	number  int
	known   map[string]*workday.Calendar // by version
}

// New makes a keeper; Load fills it.
func New(store port.Store, world port.World) *Keeper {
	return &Keeper{store: store, world: world, current: workday.Default(), known: map[string]*workday.Calendar{}}
}

// Fixed keeps one calendar that never changes, for work without a store.
func Fixed(c *workday.Calendar) *Keeper {
	return &Keeper{current: c, known: map[string]*workday.Calendar{c.Version: c}}
}

// builtIn is the author of the versions that the program brings along.
const builtIn = "built-in"

// Load stores the program's own calendar where it is new, with the exceptions that administrators entered before, and
// reads the newest version.
func (k *Keeper) Load(ctx context.Context) error {
	err := k.store.Update(ctx, func(tx port.Tx) error {
		base := workday.Default()
		all, err := tx.Office().Calendars().History(ctx)
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.Base == base.Version {
				return nil
			}
		}
		var more []workday.Exception
		if len(all) > 0 {
			_, before, _, err := newest(ctx, tx)
			if err != nil {
				return err
			}
			more = before.Exceptions()
		}
		return k.add(tx, base, len(all)+1, more, port.CalendarRevision{Author: builtIn})
	})
	if err != nil {
		return err
	}
	return k.Refresh(ctx)
}

// Refresh reads a version that was added since, on whichever node.
func (k *Keeper) Refresh(ctx context.Context) error {
	if k.store == nil {
		return nil
	}
	return k.store.View(ctx, func(v port.View) error {
		r, c, ok, err := newest(ctx, v)
		if err != nil || !ok {
			return err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		if r.Number > k.number {
			k.number, k.current, k.known[r.Version] = r.Number, c, c
		}
		return nil
	})
}

func newest(ctx context.Context, v port.View) (port.CalendarRevision, *workday.Calendar, bool, error) {
	r, ok, err := v.Office().Calendars().Newest(ctx)
	if err != nil || !ok {
		return r, nil, ok, err
	}
	c, err := read(r)
	return r, c, true, err
}

func read(r port.CalendarRevision) (*workday.Calendar, error) {
	c, err := workday.Read(r.Data)
	if err != nil {
		return nil, fault.New(fault.Internal, "fault.internal").Because(fmt.Errorf("calendar %s: %w", r.Version, err))
	}
	return c, nil
}

// Current is the newest version.
func (k *Keeper) Current() *workday.Calendar {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.current
}

// Of is a version by its name. ok is false for one that was never stored, as before versions were kept: then it is the
// newest.
func (k *Keeper) Of(ctx context.Context, version string) (c *workday.Calendar, ok bool, err error) {
	k.mu.RLock()
	c, ok = k.known[version]
	k.mu.RUnlock()
	if ok || k.store == nil || version == "" {
		if !ok {
			c = k.Current()
		}
		return c, ok, nil
	}
	var r port.CalendarRevision
	err = k.store.View(ctx, func(v port.View) (err error) {
		r, ok, err = v.Office().Calendars().Version(ctx, version)
		return err
	})
	if err != nil || !ok {
		return k.Current(), false, err
	}
	if c, err = read(r); err != nil {
		return nil, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[version] = c
	return c, true, nil
}

// History lists the versions, the newest first, with the names of officials who made them by account.
func (k *Keeper) History(ctx context.Context, actor access.Actor) (list []port.CalendarRevision, names map[string]string, err error) {
	if err := May(actor); err != nil {
		return nil, nil, err
	}
	names = map[string]string{}
	err = k.store.View(ctx, func(v port.View) error {
		if list, err = v.Office().Calendars().History(ctx); err != nil {
			return err
		}
		for _, r := range list {
			if r.Author == builtIn || names[r.Author] != "" {
				continue
			}
			o, err := v.Office().Officials().Official(ctx, r.Author)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
			names[r.Author] = o.Name()
		}
		return nil
	})
	return list, names, err
}

// May demands an official who keeps the calendar.
func May(actor access.Actor) error {
	if err := actor.AtWork(); err != nil {
		return err
	}
	if !actor.Holds(access.Administrator) {
		return fault.New(fault.Denied, "office.no-duty")
	}
	return nil
}

// Change is what an administrator wants changed, and the version on which they looked.
type Change struct {
	Seen   string
	Days   []workday.Exception
	Reason string
}

// The bounds of a change.
const (
	maxDays   = 60
	maxReason = 500
)

// Try judges a change: the calendar as it would be, or what is wrong as field faults. Days of years that are over stay as
// they are.
func (k *Keeper) Try(actor access.Actor, ch Change) (*workday.Calendar, error) {
	if err := May(actor); err != nil {
		return nil, err
	}
	k.mu.RLock()
	current, number := k.current, k.number
	k.mu.RUnlock()
	next, wrong := current.Change(versionOf(workday.Default().Version, number+1, true), ch.Days)
	year := civil.Of(k.world.Now(), lang.Almaty()).Year
	for _, x := range ch.Days {
		if x.Day.Year < year || x.Day.Year > year+2 {
			wrong = append(wrong, fault.Field{Path: x.Reason, Key: "calendar.year-out", Args: workday.DayArg(x.Day)})
		}
	}
	switch {
	case len(ch.Days) == 0:
		wrong = append(wrong, fault.Field{Path: workday.SwappedOff, Key: "calendar.nothing"})
	case len(ch.Days) > maxDays:
		wrong = append(wrong, fault.Field{Path: workday.SwappedOff, Key: "calendar.many"})
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(ch.Reason)); {
	case n == 0:
		wrong = append(wrong, fault.Field{Path: "reason", Key: "calendar.reason-required"})
	case n > maxReason:
		wrong = append(wrong, fault.Field{Path: "reason", Key: "calendar.reason-long"})
	}
	if err := fault.Fields(wrong); err != nil {
		return nil, err
	}
	if ch.Seen != current.Version {
		return nil, fault.New(fault.Conflict, "calendar.changed")
	}
	return next, nil
}

// Add stores a change as the next version. Where another was added meanwhile it is fault.Conflict "calendar.changed".
func (k *Keeper) Add(ctx context.Context, actor access.Actor, ch Change) error {
	if err := k.Refresh(ctx); err != nil {
		return err
	}
	if _, err := k.Try(actor, ch); err != nil {
		return err
	}
	err := k.store.Update(ctx, func(tx port.Tx) error {
		before, c, ok, err := newest(ctx, tx)
		if err != nil {
			return err
		}
		if !ok || before.Version != ch.Seen {
			return fault.New(fault.Conflict, "calendar.changed")
		}
		next, wrong := c.Change("", ch.Days)
		if err := fault.Fields(wrong); err != nil {
			return err
		}
		return k.add(tx, next, before.Number+1, next.Exceptions(), port.CalendarRevision{
			Base: before.Base, Author: actor.Account, Reason: strings.TrimSpace(ch.Reason), Days: inWords(ch.Days)})
	})
	if err != nil {
		return err
	}
	return k.Refresh(ctx)
}

// add lists the writes of a version: the calendar with these exceptions, its row and its audit row.
func (k *Keeper) add(tx port.Tx, c *workday.Calendar, number int, more []workday.Exception, r port.CalendarRevision) error {
	if r.Base == "" {
		r.Base = c.Version
	}
	r.Number, r.At, r.Version = number, k.world.Now(), versionOf(r.Base, number, r.Author != builtIn || len(more) > 0)
	data, err := c.Except(r.Version, more).MarshalJSON()
	if err != nil {
		return fault.New(fault.Internal, "fault.internal").Because(err)
	}
	r.Data = data
	tx.Write().Office().Calendars().Add(r)
	tx.Write().Records().Audit(audit.Entry{
		ID: k.world.ID(), Salt: k.world.Random(16), At: r.At, Actor: r.Author, Action: "calendar.changed", Object: "calendar/" + r.Version,
		Details: map[string]string{"reason": r.Reason, "days": r.Days},
	})
	return nil
}

// versionOf names a version: the built-in data's own name, or that with the number of the version that adds to it.
func versionOf(base string, number int, added bool) string {
	if !added {
		return base
	}
	return fmt.Sprintf("%s+%d", base, number)
}

// inWords writes changes for rows: "2026-12-31 workday.swapped-off; 2026-12-26 workday.swapped-work".
func inWords(days []workday.Exception) string {
	var list []string
	for _, x := range days {
		list = append(list, x.Day.String()+" "+x.Reason)
	}
	return strings.Join(list, "; ")
}
