package storetest

import (
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/port"
)

func calendarTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.view(func(v port.View) error {
		missing[port.CalendarRevision](f, "none yet")(v.Office().Calendars().Newest(f.ctx))
		return nil
	})
	first := full[port.CalendarRevision]()
	first.Number, first.Version, first.Data = 1, "one", []byte(`{"version":"one"}`)
	second := full[port.CalendarRevision]()
	second.Number, second.Version, second.Data = 2, "two", []byte(`{"version":"two"}`)
	f.update(func(w port.Writes) { w.Office().Calendars().Add(first) })
	f.update(func(w port.Writes) { w.Office().Calendars().Add(second) })
	head := func(r port.CalendarRevision) port.CalendarRevision { r.Data = nil; return r }
	f.view(func(v port.View) error {
		r := v.Office().Calendars()
		found(f, "newest", second)(r.Newest(f.ctx))
		found(f, "by version", first)(r.Version(f.ctx, "one"))
		missing[port.CalendarRevision](f, "no such version")(r.Version(f.ctx, "three"))
		gives(f, "history", []port.CalendarRevision{head(second), head(first)})(r.History(f.ctx))
		return nil
	})
	f.refused(conflict, "store.race", func(w port.Writes) {
		again := full[port.CalendarRevision]()
		again.Number, again.Data = 2, first.Data
		w.Office().Calendars().Add(again)
	})
	f.refused(conflict, "store.race", func(w port.Writes) {
		again := full[port.CalendarRevision]()
		again.Number, again.Version, again.Data = 3, "two", first.Data
		w.Office().Calendars().Add(again)
	})
}

// inWork demands that two applications are listed as in work, and one that its applicant corrects, as long as it waits.
func (f *fixture) inWork(one, two, corrected application.Application) {
	f.Helper()
	f.update(func(w port.Writes) {
		w.Office().Reviews().AwaitCorrection(corrected.Number, civil.New(2026, time.December, 9))
	})
	f.view(func(v port.View) error {
		r := v.Office().Terms()
		gives(f, "in work or with the applicant", []application.Application{one, two, corrected})(r.InWork(f.ctx, "", 9))
		gives(f, "a page", []application.Application{one})(r.InWork(f.ctx, "", 1))
		gives(f, "the next", []application.Application{two})(r.InWork(f.ctx, one.Number, 1))
		gives(f, "the last", []application.Application{corrected})(r.InWork(f.ctx, two.Number, 9))
		return nil
	})
}

func termTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	work := func(number string, change func(*application.Application)) application.Application {
		a := f.newApplication(number)
		a.Body = "mti"
		if change != nil {
			change(&a)
		}
		f.update(func(w port.Writes) { w.Applications().Add(a) })
		a.Answers, a.Sources = nil, nil
		return a
	}
	one, two := work("KZ1", nil), work("KZ2", func(a *application.Application) { a.Body = "cci" })
	decided := work("KZ3", func(a *application.Application) { a.State = application.Issued })
	work("KZ4", func(a *application.Application) { a.Work.Step = "" })
	f.inWork(one, two, work("KZ5", func(a *application.Application) { a.State = application.Correcting }))
	remind := func(id, number, body string, day int) port.Reminder {
		r := full[port.Reminder]()
		r.ID, r.Application, r.Body, r.Due, r.SeenAt, r.SeenBy = id, number, body, civil.New(2026, time.December, day), time.Time{}, ""
		f.update(func(w port.Writes) { w.Office().Terms().Remind(r) })
		return r
	}
	late, soon := remind("r1", "KZ1", "mti", 9), remind("r2", "KZ1", "mti", 8)
	elsewhere, over := remind("r3", "KZ2", "cci", 8), remind("r4", "KZ3", "mti", 7)
	reminded := func(r port.Reminder) port.Reminded {
		return port.Reminded{Reminder: r, Application: one, Applicant: f.account.Party.Name}
	}
	holder := reader("mti", one.Work.Holder)
	f.view(func(v port.View) error {
		r := v.Office().Terms()
		gives(f, "made", []port.Reminder{soon, late, elsewhere})(r.Made(f.ctx, "KZ1", "KZ2"))
		gives(f, "made of a decided one", []port.Reminder{over})(r.Made(f.ctx, decided.Number, decided.Number))
		gives(f, "unseen", []port.Reminded{reminded(soon), reminded(late)})(r.Unseen(f.ctx, holder, 9))
		gives(f, "the nearest", []port.Reminded{reminded(soon)})(r.Unseen(f.ctx, holder, 1))
		gives(f, "one", soon)(r.Reminder(f.ctx, "r2"))
		unknown[port.Reminder](f, "none")(r.Reminder(f.ctx, "x"))
		return nil
	})
	f.refused(conflict, "store.race", func(w port.Writes) {
		again := soon
		again.ID = "r9"
		w.Office().Terms().Remind(again)
	})
	f.update(func(w port.Writes) { w.Office().Terms().Seen("r2", "official", base()) })
	soon.SeenAt, soon.SeenBy = base(), "official"
	f.refused(conflict, "reminder.seen", func(w port.Writes) { w.Office().Terms().Seen("r2", "another", base()) })
	moved, other := full[port.MovedTerm](), full[port.MovedTerm]()
	moved.ID, moved.Application, moved.Body, moved.Version = "m1", "KZ1", "mti", "two"
	other.ID, other.Application, other.Body, other.Version = "m2", "KZ2", "cci", "two"
	f.update(func(w port.Writes) {
		w.Office().Terms().Move(other)
		w.Office().Terms().Move(moved)
	})
	f.view(func(v port.View) error {
		r := v.Office().Terms()
		gives(f, "what is seen", []port.Reminded{reminded(late)})(r.Unseen(f.ctx, holder, 9))
		gives(f, "seen", soon)(r.Reminder(f.ctx, "r2"))
		gives(f, "moved", []port.MovedTerm{moved, other})(r.Moved(f.ctx, "two", ""))
		gives(f, "moved at a body", []port.MovedTerm{moved})(r.Moved(f.ctx, "two", "mti"))
		gives(f, "moved by none", []port.MovedTerm(nil))(r.Moved(f.ctx, "one", ""))
		return nil
	})
}

func reader(body, account string, duties ...access.Duty) access.Actor {
	return access.ActorOf(access.Official{ID: account, Body: body, Duties: duties})
}

// Each official is told of what concerns them, and of nothing else.
func remindedTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	of := map[string]string{} // reminders by their applications
	work := func(number, body, holder string, to application.Addressee) {
		a := f.newApplication(number)
		a.Body, a.Work.Holder, a.Service = body, holder, "import"
		f.update(func(w port.Writes) { w.Applications().Add(a) })
		r := full[port.Reminder]()
		r.ID, r.Application, r.Body, r.Duty, r.Addressee, r.SeenAt, r.SeenBy = "r-"+number, number, body, access.Executor, to, time.Time{}, ""
		f.update(func(w port.Writes) { w.Office().Terms().Remind(r) })
		of[r.ID] = number
	}
	work("KZ1", "mti", "holder", application.ToHolder)
	work("KZ2", "mti", "", application.ToHolder)
	work("KZ3", "mti", "another", application.ToHead)
	work("KZ4", "cci", "holder", application.ToHolder)
	place := func(service string) access.Actor {
		a := reader("mti", "deputy")
		a.Absent = []access.Absent{{Account: "holder", Service: service}}
		return a
	}
	for _, c := range []struct {
		name string
		to   access.Actor
		want []string
	}{
		{"the holder", reader("mti", "holder"), []string{"KZ1"}}, {"one of the step's duty", reader("mti", "x", access.Executor), []string{"KZ2"}},
		{"one of another duty", reader("mti", "x", access.Approver), nil}, {"the head", reader("mti", "x", access.Head), []string{"KZ3"}},
		{"the head's duty elsewhere", reader("moj", "x", access.Head, access.Executor), nil}, {"all of it", reader("mti", "holder", access.Head, access.Executor), []string{"KZ1", "KZ2", "KZ3"}},
		{"the holder's deputy", place(""), []string{"KZ1"}}, {"for this service", place("import"), []string{"KZ1"}}, {"for another service", place("export"), nil},
	} {
		f.view(func(v port.View) error {
			list, err := v.Office().Terms().Unseen(f.ctx, c.to, 9)
			var got []string
			for _, r := range list {
				got = append(got, of[r.Reminder.ID])
			}
			gives(f, "unseen by "+c.name, c.want)(got, err)
			return nil
		})
	}
}
