package storetest

import (
	"fmt"
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/port"
)

// newNotice is a notice to the fixture's account that is not stored yet.
func (f *fixture) newNotice(id string, c port.Channel, s port.NoticeState) port.Notice {
	n := full[port.Notice]()
	n.ID, n.Cause, n.Account, n.Channel, n.State, n.ReadAt, n.CreatedAt, n.NextAt = id, id, f.account.ID, c, s, time.Time{}, base(), base()
	return n
}

func noticeTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	another := f.newAccount("2")
	first, second := f.newNotice("1", port.Cabinet, port.NoticeSent), f.newNotice("2", port.Cabinet, port.NoticeSent)
	second.CreatedAt = base().Add(time.Hour)
	mail, sms := f.newNotice("3", port.Mail, port.NoticeWaiting), f.newNotice("4", port.SMS, port.NoticeWaiting)
	mail.Attempts, mail.NextAt = 0, base().Add(time.Minute)
	foreign := f.newNotice("5", port.Cabinet, port.NoticeSent)
	foreign.Account = another.ID
	f.update(func(w port.Writes) {
		for _, n := range []port.Notice{first, second, mail, sms, foreign} {
			w.Office().Notices().Add(n)
		}
		twice := first
		twice.ID, twice.Kind = "6", "another"
		w.Office().Notices().Add(twice)
	})
	r := func(v port.View) port.Notices { return v.Office().Notices() }
	f.view(func(v port.View) error {
		gives(f, "newest first, one of each cause", []port.Notice{second, first})(r(v).Cabinet(f.ctx, f.account.ID, time.Time{}, "", 9))
		gives(f, "page", []port.Notice{second})(r(v).Cabinet(f.ctx, f.account.ID, time.Time{}, "", 1))
		gives(f, "next page", []port.Notice{first})(r(v).Cabinet(f.ctx, f.account.ID, second.CreatedAt, second.ID, 9))
		gives(f, "unread", 2)(r(v).Unread(f.ctx, f.account.ID))
		gives(f, "due", []port.Notice{sms})(r(v).Due(f.ctx, base(), 9))
		gives(f, "due later", []port.Notice{sms, mail})(r(v).Due(f.ctx, base().Add(time.Minute), 9))
		gives(f, "one of them", []port.Notice{sms})(r(v).Due(f.ctx, base().Add(time.Minute), 1))
		gives(f, "none parked", []port.Notice(nil))(r(v).Parked(f.ctx, 9))
		missing[port.NoticeChoice](f, "no choice")(r(v).Choice(f.ctx, f.account.ID))
		return nil
	})
	tried := mail
	tried.State, tried.Attempts, tried.Provider, tried.Reason, tried.NextAt, tried.SentAt = port.NoticeParked, 1, "other", "why", base().Add(2*time.Hour), base().Add(time.Hour)
	f.update(func(w port.Writes) {
		w.Office().Notices().Attempt(tried, 0)
		w.Office().Notices().Read(f.account.ID, first.CreatedAt, base().Add(time.Hour))
		w.Office().Notices().Choose(f.account.ID, port.NoticeChoice{Mail: true})
		w.Office().Notices().Choose(another.ID, port.NoticeChoice{})
	})
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Notices().Attempt(tried, 1) }) // it does not wait
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Notices().Attempt(sms, sms.Attempts+1) })
	first.ReadAt = base().Add(time.Hour)
	f.update(func(w port.Writes) { w.Office().Notices().Choose(another.ID, port.NoticeChoice{SMS: true}) })
	f.view(func(v port.View) error {
		gives(f, "parked", []port.Notice{tried})(r(v).Parked(f.ctx, 9))
		gives(f, "read up to a time", []port.Notice{second, first})(r(v).Cabinet(f.ctx, f.account.ID, time.Time{}, "", 9))
		gives(f, "still unread", 1)(r(v).Unread(f.ctx, f.account.ID))
		gives(f, "another's", 1)(r(v).Unread(f.ctx, another.ID))
		found(f, "chosen", port.NoticeChoice{Mail: true})(r(v).Choice(f.ctx, f.account.ID))
		found(f, "chosen anew", port.NoticeChoice{SMS: true})(r(v).Choice(f.ctx, another.ID))
		return nil
	})
}

func untoldTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	a := f.addApplication("KZ1")
	happen := func(id string, e application.Event, second int) port.Happened {
		at := base().Add(time.Duration(second) * time.Second)
		f.update(func(w port.Writes) {
			w.Applications().Happen(application.Happening{ID: id, Application: a.Number, Event: e, At: at})
		})
		h := port.Happened{ID: id, Event: e, At: at, Application: a}
		h.Application.Answers, h.Application.Sources = nil, nil
		return h
	}
	later, first := happen("1", application.Granted, 2), happen("2", application.Sent, 0)
	happen("3", application.Saved, 1)
	ask := func(what string, limit int, want ...port.Happened) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Office().Notices().Untold(f.ctx, limit))
			return nil
		})
	}
	ask("those that are told, oldest first", 9, first, later)
	ask("limit", 1, first)
	f.update(func(w port.Writes) { w.Office().Notices().Tell(first.ID) })
	ask("told", 9, later)
	f.refused(conflict, "store.race", func(w port.Writes) { w.Office().Notices().Tell(first.ID) })
}

func messageTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	f.addApplication("KZ2")
	write := func(id, number string, side port.MessageSide, second int) port.Message {
		m := full[port.Message]()
		m.ID, m.Application, m.Side, m.At, m.ReadAt, m.ReadBy = id, number, side, base().Add(time.Duration(second)*time.Second), time.Time{}, ""
		f.update(func(w port.Writes) { w.Office().Messages().Add(m) })
		return m
	}
	b, a := write("1", "KZ1", port.FromBody, 2), write("2", "KZ1", port.FromApplicant, 1)
	c := write("3", "KZ2", port.FromApplicant, 3)
	bare := port.Message{ID: "bare", Application: "KZ2", Side: port.FromApplicant, At: base().Add(time.Hour)}
	f.update(func(w port.Writes) { w.Office().Messages().Add(bare) })
	at := base().Add(2 * time.Hour)
	f.view(func(v port.View) error {
		r := v.Office().Messages()
		gives(f, "thread", []port.Message{a, b})(r.Thread(f.ctx, "KZ1"))
		gives(f, "zero values", []port.Message{c, bare})(r.Thread(f.ctx, "KZ2"))
		gives(f, "none", []port.Message(nil))(r.Thread(f.ctx, "KZ3"))
		gives(f, "unread of applicants", map[string]int{"KZ1": 1, "KZ2": 2})(r.Unread(f.ctx, port.FromApplicant, "KZ1", "KZ2", "KZ3"))
		gives(f, "unread of the body", map[string]int{"KZ1": 1})(r.Unread(f.ctx, port.FromBody, "KZ1", "KZ2"))
		gives(f, "of nothing", map[string]int{})(r.Unread(f.ctx, port.FromBody))
		return nil
	})
	f.update(func(w port.Writes) { w.Office().Messages().Read([]string{a.ID, c.ID}, "first", at) })
	f.update(func(w port.Writes) { w.Office().Messages().Read([]string{a.ID}, "second", at.Add(time.Hour)) })
	a.ReadAt, a.ReadBy = at, "first"
	f.view(func(v port.View) error {
		gives(f, "who read it first", []port.Message{a, b})(v.Office().Messages().Thread(f.ctx, "KZ1"))
		gives(f, "still unread", map[string]int{"KZ2": 1})(v.Office().Messages().Unread(f.ctx, port.FromApplicant, "KZ1", "KZ2"))
		return nil
	})
}

// noticesAtOnce: however many look at an event at once, each channel has one notice of it.
func noticesAtOnce(t testing.TB, s port.Store) {
	f := start(t, s)
	f.addApplication("KZ1")
	f.update(func(w port.Writes) {
		w.Applications().Happen(application.Happening{ID: "h", Application: "KZ1", Event: application.Granted, At: base()})
	})
	errs := all(50, func(i int) error {
		return f.try(func(w port.Writes) {
			for _, c := range []port.Channel{port.Cabinet, port.Mail} {
				n := f.newNotice(fmt.Sprint(i, c), c, port.NoticeWaiting)
				n.Cause = "h"
				w.Office().Notices().Add(n)
			}
			w.Office().Notices().Tell("h")
		})
	})
	if n := count(t, errs, "store.race"); n != 1 {
		t.Errorf("%d of 50 told it", n)
	}
	f.view(func(v port.View) error {
		gives(f, "unread", 1)(v.Office().Notices().Unread(f.ctx, f.account.ID))
		due, err := v.Office().Notices().Due(f.ctx, base(), 9)
		same(f, "notices that wait", len(due), 2)
		return err
	})
}

// decisionAndWithdrawal: whoever comes first, the application ends in one of the states, and the others are told.
func decisionAndWithdrawal(t testing.TB, s port.Store) {
	f := start(t, s)
	a := f.addApplication("KZ1")
	ends := []application.Event{application.Refused, application.Withdrawal}
	errs := all(20, func(i int) error {
		return s.Update(f.ctx, func(tx port.Tx) error {
			x, err := tx.Applications().Application(f.ctx, a.Number)
			if err != nil {
				return err
			}
			if x.State, err = application.Next(x.State, ends[i%2]); err != nil {
				return err
			}
			tx.Write().Applications().Change(x)
			tx.Write().Applications().Happen(application.Happening{ID: fmt.Sprint(i), Application: a.Number, Event: ends[i%2], At: base()})
			return nil
		})
	})
	if n := count(t, errs, "application.wrong-state"); n != 1 {
		t.Errorf("%d of 20 ended the application", n)
	}
	f.view(func(v port.View) error {
		x, err := v.Applications().Application(f.ctx, a.Number)
		happened, err2 := v.Applications().Happenings(f.ctx, a.Number)
		if err2 != nil || len(happened) != 1 || (x.State == application.Withdrawn) != (happened[0].Event == application.Withdrawal) {
			t.Errorf("%s %+v %v", x.State, happened, err2)
		}
		return err
	})
}
