package storetest

import (
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/party"
	"elicense/internal/port"
)

// queueCases are the promises about the queue of officials and what they keep for it.
func queueCases() []Case {
	return []Case{
		{"queue/order, filters, counts", queueTrip},
		{"queue/states of the term", leftTrip},
		{"queue/what reached a body", foundTrip},
		{"queue/applicants by name", nameTrip},
		{"queue/rule and load", handOutTrip},
		{"queue/views", viewTrip},
		{"queue/many at once", batchTrip},
		{"queue/exports", exportTrip},
	}
}

// queueDay is the day of these cases.
func queueDay() civil.Date { return civil.Date{Year: 2026, Month: time.December, Day: 1} }

// work stores an application at the body mti.
func (f *fixture) work(number string, due civil.Date, change func(*application.Application)) port.Queued {
	f.Helper()
	a := f.newApplication(number)
	a.Body, a.Work.Holder, a.Work.Due, a.Work.Department, a.Work.Report.Clock = "mti", "", due, "", application.Clock{}
	if change != nil {
		change(&a)
	}
	f.update(func(w port.Writes) { w.Applications().Add(a) })
	a.Answers, a.Sources = nil, nil
	return port.Queued{Application: a, Applicant: f.account.Party.Name}
}

// correcting stores an application at the body mti that its applicant corrects.
func (f *fixture) correcting(number string, due civil.Date, stopped application.Clock) port.Queued {
	f.Helper()
	q := f.work(number, due, func(a *application.Application) {
		a.State, a.Work.Report.Clock = application.Correcting, stopped
	})
	f.update(func(w port.Writes) { w.Office().Reviews().AwaitCorrection(number, due) })
	return q
}

// queued demands what the queue of mti lists, and that the count agrees.
func (f *fixture) queued(what string, q port.Queue, want ...port.Queued) {
	f.Helper()
	q.Body = "mti"
	f.view(func(v port.View) error {
		gives(f, what, want)(v.Office().Queues().Queue(f.ctx, q))
		if q.Limit == 0 && q.After == (port.QueuePlace{}) {
			gives(f, what+", counted", []int{len(want)})(v.Office().Queues().Count(f.ctx, 100, q))
		}
		return nil
	})
}

func queueTrip(t testing.TB, s port.Store) {
	f, day := start(t, s), queueDay()
	stopped := application.Clock{From: day, Days: 5, Stops: []application.Stop{{From: day}}}
	still := f.work("KZ5", day, func(a *application.Application) { a.Work.Report.Clock = stopped })
	corrected := f.correcting("KZ4", day, stopped)
	endless := f.work("KZ6", civil.Date{}, nil)
	late := f.work("KZ9", day.AddDays(9), func(a *application.Application) {
		a.Work.Step, a.Service, a.Work.Department = "confirm", "other", "north"
	})
	soon := f.work("KZ8", day, func(a *application.Application) { a.Work.Holder = "o1" })
	twin := f.work("KZ7", day, func(a *application.Application) { a.RegisteredAt = base().AddDate(1, 0, 0) })
	f.work("KZ1", day, func(a *application.Application) { a.Body = "cci" })
	f.work("KZ2", day, func(a *application.Application) { a.State = application.Issued })
	f.work("KZ3", day, func(a *application.Application) { a.Work.Step = "" })

	f.queued("the nearest deadline first, without term, standing still", port.Queue{}, twin, soon, late, endless, still)
	f.queued("page", port.Queue{Limit: 2}, twin, soon)
	f.queued("next page", port.Queue{Limit: 2, After: port.QueuePlace{Due: day, Number: "KZ8"}}, late, endless)
	f.queued("last page", port.Queue{Limit: 2, After: port.QueuePlace{Number: "KZ6"}}, still)
	f.queued("nothing after it", port.Queue{After: port.QueuePlace{Stopped: true, Due: day, Number: "KZ5"}})
	f.queued("held", port.Queue{Holder: "o1"}, soon)
	f.queued("held by nobody", port.Queue{Holder: port.None}, twin, late, endless, still)
	f.queued("by number", port.Queue{Number: "z9"}, late)
	f.queued("a wildcard is itself", port.Queue{Number: "%"})
	f.queued("of a department", port.Queue{Department: "north"}, late)
	f.queued("of a service", port.Queue{Service: "other"}, late)
	f.queued("at a step", port.Queue{Step: "confirm"}, late)
	f.queued("registered from", port.Queue{From: twin.Application.RegisteredAt}, twin)
	f.queued("registered until", port.Queue{To: twin.Application.RegisteredAt}, soon, late, endless, still)
	for _, m := range []port.Message{{ID: "1", Application: "KZ9", Side: port.FromApplicant}, {ID: "2", Application: "KZ9", Side: port.FromApplicant}, {ID: "3", Application: "KZ8", Side: port.FromBody},
		{ID: "4", Application: "KZ7", Side: port.FromApplicant, ReadAt: base()}, {ID: "5", Application: "KZ1", Side: port.FromApplicant}} {
		f.update(func(w port.Writes) { w.Office().Messages().Add(m) })
	}
	f.queued("with an unread message of the applicant", port.Queue{Unread: true}, late)
	f.queued("and held", port.Queue{Unread: true, Holder: "o1"})
	f.update(func(w port.Writes) {
		w.Office().Messages().Add(port.Message{ID: "6", Application: "KZ4", Side: port.FromApplicant})
	})
	f.queued("an unread one of who corrects", port.Queue{Unread: true}, late, corrected)
	f.view(func(v port.View) error {
		gives(f, "several counts, each up to a bound", []int{3, 1, 0})(v.Office().Queues().Count(f.ctx, 3,
			port.Queue{Body: "mti"}, port.Queue{Body: "cci"}, port.Queue{Body: "none"}))
		gives(f, "no counts", []int(nil))(v.Office().Queues().Count(f.ctx, 3))
		return nil
	})
	f.queued("with the applicant", port.Queue{Left: application.Paused, Today: day}, corrected)
	moved := late.Application
	moved.Work.Department, moved.Work.Report.Clock, moved.State = "south", stopped, application.Correcting
	f.update(func(w port.Writes) {
		w.Applications().Change(moved)
		w.Office().Reviews().AwaitCorrection(moved.Number, day)
	})
	moved.Version++
	f.queued("changed", port.Queue{Department: "south", Left: application.Paused, Today: day}, port.Queued{Application: moved, Applicant: late.Applicant})
}

// The conditions of the store say the same as application.Work.Left.
func leftTrip(t testing.TB, s port.Store) {
	f, day := start(t, s), queueDay()
	clock := application.Clock{From: day.AddDays(-12), Days: 10}
	var all []port.Queued
	for i, c := range []struct {
		due     int
		stopped bool
	}{{-1, false}, {0, false}, {1, false}, {3, false}, {4, false}, {5, false}, {30, false}, {-3, true}, {3, true}} {
		number, due, clock := "KZ"+string(rune('A'+i)), day.AddDays(c.due), clock
		if c.stopped {
			clock.Stops = []application.Stop{{From: day}}
			all = append(all, f.correcting(number, due, clock))
			continue
		}
		all = append(all, f.work(number, due, func(a *application.Application) { a.Work.Report.Clock = clock }))
	}
	all = append(all, f.work("KZZ", civil.Date{}, nil))
	seen := 0
	for _, left := range application.Lefts() {
		var want []port.Queued
		for _, q := range all {
			if q.Application.Work.Left(day) == left {
				want = append(want, q)
			}
		}
		if len(want) == 0 {
			t.Errorf("no example of %s", left)
		}
		seen += len(want)
		var numbers []string
		f.view(func(v port.View) error {
			list, err := v.Office().Queues().Queue(f.ctx, port.Queue{Body: "mti", Left: left, Today: day})
			for _, q := range list {
				numbers = append(numbers, q.Application.Number)
				if q.Application.Work.Left(day) != left {
					t.Errorf("%s is listed as %s", q.Application.Number, left)
				}
			}
			return err
		})
		if len(numbers) != len(want) {
			t.Errorf("%s: %v, want %d", left, numbers, len(want))
		}
	}
	if seen != len(all) {
		t.Errorf("%d of %d are in a state", seen, len(all))
	}
}

func foundTrip(t testing.TB, s port.Store) {
	f, day := start(t, s), queueDay()
	other := f.newAccount("2")
	at := base()
	reached := func(number, body string, state application.State, of party.Account, hours int) port.Queued {
		q := f.work(number, day, func(a *application.Application) {
			a.Body, a.State, a.Party, a.Account, a.RegisteredAt = body, state, of.Party.ID, of.ID, at.Add(time.Duration(hours)*time.Hour)
		})
		return q
	}
	open := reached("KZ1", "mti", application.Registered, f.account, 1)
	issued := reached("KZ2", "mti", application.Issued, f.account, 3)
	refused := reached("KZ3", "mti", application.Returned, f.account, 2)
	elsewhere := reached("KZ4", "cci", application.Issued, f.account, 4)
	theirs := reached("KZ5", "mti", application.Issued, other, 5)
	reached("KZ6", "mti", application.Deleted, f.account, 6)
	corrected := reached("KZ7", "mti", application.Correcting, f.account, 0)
	withdrawn := reached("KZ8", "mti", application.Withdrawn, f.account, -1)
	ask := func(what string, q port.Found, want ...port.Queued) {
		t.Helper()
		if q.Body == "" {
			q.Body = "mti"
		}
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Office().Queues().Found(f.ctx, q))
			return nil
		})
	}
	ask("of an applicant, the newest first", port.Found{Party: f.account.Party.Number}, issued, refused, open, corrected, withdrawn)
	ask("of another", port.Found{Party: other.Party.Number}, theirs)
	ask("elsewhere", port.Found{Body: "cci", Party: f.account.Party.Number}, elsewhere)
	ask("by number", port.Found{Number: "KZ3"}, refused)
	ask("another body's number", port.Found{Number: "KZ4"})
	ask("a deleted one", port.Found{Number: "KZ6"})
	ask("page", port.Found{Party: f.account.Party.Number, Limit: 1}, issued)
	ask("next page", port.Found{Party: f.account.Party.Number, Limit: 1, Before: issued.Application.RegisteredAt, BeforeNumber: "KZ2"}, refused)
	ask("no question, no answer", port.Found{})
}

func nameTrip(t testing.TB, s port.Store) {
	f, day := start(t, s), queueDay()
	named := func(id, name string) port.Queued {
		acc := f.newAccount(id)
		p := acc.Party
		p.Name = name
		f.update(func(w port.Writes) { w.Accounts().ChangeParty(p) })
		q := f.work("KZ"+id, day, func(a *application.Application) {
			a.Party, a.Account, a.RegisteredAt = p.ID, acc.ID, base().Add(time.Duration(10-len(id))*time.Hour)
		})
		q.Applicant = name
		return q
	}
	steppe := named("2", "«Дала-Құс Сервис» ЖШС")
	bird := named("33", "ҚҰСАЙЫНОВ Ерлан")
	none := named("444", "«!»")
	ask := func(typed string, want ...port.Queued) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, typed, want)(v.Office().Queues().Found(f.ctx, port.Found{Body: "mti", Words: party.Words(typed)}))
			return nil
		})
	}
	ask("құс", steppe, bird)
	ask("кус", steppe, bird)
	ask("Кусайынов", bird)
	ask("жшс дала кус", steppe)
	ask("ала")
	ask("құс ерлан дала")
	ask("%")
	f.view(func(v port.View) error {
		gives(f, "all are named", []party.Party(nil))(v.Office().Queues().Unnamed(f.ctx, 9))
		return nil
	})
	if p := (party.Party{ID: none.Application.Party, Name: "Жаңа"}); true {
		f.update(func(w port.Writes) { w.Office().Queues().Name(p) })
		ask("жана", none)
	}
}

func handOutTrip(t testing.TB, s port.Store) {
	f, day := start(t, s), queueDay()
	hold := func(who string) func(*application.Application) {
		return func(a *application.Application) { a.Work.Holder = who }
	}
	f.work("KZ1", day, hold("a"))
	f.work("KZ2", day, hold("a"))
	f.work("KZ3", day, hold("b"))
	f.work("KZ4", day, hold(""))
	f.work("KZ5", day, func(a *application.Application) { a.Work.Holder, a.State = "b", application.Issued })
	f.view(func(v port.View) error {
		gives(f, "held", map[string]int{"a": 2, "b": 1})(v.Office().Queues().Held(f.ctx, "mti"))
		gives(f, "held elsewhere", map[string]int{})(v.Office().Queues().Held(f.ctx, "cci"))
		return nil
	})
	for _, on := range []bool{false, true, true, false} {
		f.view(func(v port.View) error {
			gives(f, "another body", false)(v.Office().Queues().HandsOut(f.ctx, "cci"))
			return nil
		})
		f.update(func(w port.Writes) { w.Office().Queues().SetHandsOut("mti", on) })
		f.view(func(v port.View) error {
			gives(f, "rule", on)(v.Office().Queues().HandsOut(f.ctx, "mti"))
			return nil
		})
	}
}

// officials are those whom views, batches and exports belong to.
func (f *fixture) officials(ids ...string) {
	f.Helper()
	f.update(func(w port.Writes) {
		for _, id := range ids {
			w.Office().Officials().Add(access.Official{ID: id, Login: id, Version: 1, CreatedAt: base()})
		}
	})
}

func viewTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.officials("o1", "o2")
	mine, late, theirs := full[port.SavedView](), full[port.SavedView](), full[port.SavedView]()
	mine.ID, mine.Official, mine.Name = "v1", "o1", "б"
	late.ID, late.Official, late.Name = "v2", "o1", "а"
	theirs.ID, theirs.Official = "v3", "o2"
	f.update(func(w port.Writes) {
		for _, v := range []port.SavedView{mine, late, theirs} {
			w.Office().Queues().AddView(v)
		}
	})
	views := func(what string, want ...port.SavedView) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Office().Queues().Views(f.ctx, "o1"))
			return nil
		})
	}
	views("by name", late, mine)
	second := mine
	second.ID = "v4"
	f.refused(conflict, "store.view-exists", func(w port.Writes) { w.Office().Queues().AddView(second) })
	taken := late
	taken.Name = mine.Name
	f.refused(conflict, "store.view-exists", func(w port.Writes) { w.Office().Queues().RenameView(taken) })
	foreign := theirs
	foreign.Official = "o1"
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Queues().RenameView(foreign) })
	late.Name = "в"
	f.update(func(w port.Writes) {
		w.Office().Queues().RenameView(late)
		w.Office().Queues().DropView("o1", "v3")
	})
	views("renamed", mine, late)
	f.update(func(w port.Writes) { w.Office().Queues().DropView("o1", "v1") })
	views("dropped", late)
	f.view(func(v port.View) error {
		gives(f, "another's stays", []port.SavedView{theirs})(v.Office().Queues().Views(f.ctx, "o2"))
		return nil
	})
}

func batchTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.officials("o1")
	b := full[port.Batch]()
	b.Official, b.Done = "o1", false
	f.update(func(w port.Writes) { w.Office().Queues().AddBatch(b) })
	f.refused(conflict, "store.batch-exists", func(w port.Writes) { w.Office().Queues().AddBatch(b) })
	batch := func(what string, want port.Batch) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Office().Queues().Batch(f.ctx, b.ID))
			unknown[port.Batch](f, "none")(v.Office().Queues().Batch(f.ctx, "x"))
			return nil
		})
	}
	batch("under way", b)
	b.Rows[1].Key, b.Done = "why", true
	f.update(func(w port.Writes) { w.Office().Queues().EndBatch(b) })
	batch("done", b)
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Queues().EndBatch(b) })
	f.update(func(w port.Writes) { w.Office().Queues().DropBatches(b.At) })
	batch("not before", b)
	f.update(func(w port.Writes) { w.Office().Queues().DropBatches(b.At.Add(time.Second)) })
	f.view(func(v port.View) error {
		unknown[port.Batch](f, "forgotten")(v.Office().Queues().Batch(f.ctx, b.ID))
		return nil
	})
}

func exportTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.officials("o1", "o2")
	first, second := full[port.Export](), full[port.Export]()
	first.Official, first.Version = "o1", 1
	second.ID, second.Official, second.Version, second.At = "second", "o1", 1, first.At.Add(time.Hour)
	foreign := port.Export{ID: "foreign", Official: "o2", At: first.At.Add(-time.Hour), State: port.ExportWaits, Version: 1}
	f.update(func(w port.Writes) {
		for _, e := range []port.Export{first, second, foreign} {
			w.Office().Queues().AddExport(e)
		}
	})
	f.view(func(v port.View) error {
		r := v.Office().Queues()
		gives(f, "export", first)(r.Export(f.ctx, first.ID))
		unknown[port.Export](f, "none")(r.Export(f.ctx, "x"))
		gives(f, "the newest first", []port.Export{second, first})(r.Exports(f.ctx, "o1"))
		gives(f, "all, the oldest first", []port.Export{foreign, first, second})(r.Exports(f.ctx, ""))
		return nil
	})
	changed := foreign
	changed.State, changed.Rows, changed.Total, changed.BeatAt, changed.Digest, changed.Size = port.ExportReady, 7, 9, base(), "d", 8
	f.update(func(w port.Writes) { w.Office().Queues().ChangeExport(changed) })
	changed.Version++
	f.view(func(v port.View) error {
		gives(f, "changed", changed)(v.Office().Queues().Export(f.ctx, "foreign"))
		return nil
	})
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Queues().ChangeExport(foreign) })
	f.update(func(w port.Writes) { w.Office().Queues().DropExport("foreign") })
	f.view(func(v port.View) error {
		unknown[port.Export](f, "dropped")(v.Office().Queues().Export(f.ctx, "foreign"))
		return nil
	})
}
