package storetest

import (
	"testing"
	"time"

	"elicense/internal/application"
	"elicense/internal/audit"
	"elicense/internal/civil"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/service"
)

func roundTrips() []Case {
	return []Case{
		{"round trip/parties and accounts", accountTrip},
		{"round trip/log-in attempts", attemptTrip},
		{"round trip/challenges", challengeTrip},
		{"round trip/sessions", sessionTrip},
		{"round trip/revisions", revisionTrip},
		{"round trip/proposals", proposalTrip},
		{"round trip/moves", moveTrip},
		{"round trip/directories", directoryTrip},
		{"round trip/amendments of directories", amendmentTrip},
		{"round trip/officials", officialTrip},
		{"round trip/people: departments", departmentTrip},
		{"round trip/people: absences", absenceTrip},
		{"round trip/people: second factors", factorTrip},
		{"round trip/notices", noticeTrip},
		{"round trip/events to be told", untoldTrip},
		{"round trip/messages", messageTrip},
		{"round trip/applications", applicationTrip},
		{"round trip/the queue of bodies that are asked", opinionTrip},
		{"round trip/versions of the calendar", calendarTrip},
		{"round trip/terms and reminders", termTrip},
		{"round trip/whom reminders concern", remindedTrip},
		{"round trip/notes on an application", noteTrip},
		{"round trip/who is at an application", presenceTrip},
		{"round trip/what is to be corrected", correctionTrip},
		{"round trip/automatic decisions", decisionTrip},
		{"round trip/reviews of automatic decisions", reviewTrip},
		{"round trip/attachments", attachmentTrip},
		{"round trip/events", eventTrip},
		{"round trip/signatures", signatureTrip},
		{"round trip/evidence", evidenceTrip},
		{"round trip/lists of applications", applicationListTrip},
		{"round trip/documents", documentTrip},
		{"round trip/invoices", invoiceTrip},
		{"round trip/quotas", quotaTrip},
		{"round trip/ranges of numbers", rangeTrip},
		{"round trip/orders about numbers", orderTrip},
		{"round trip/permits", permitTrip},
		{"round trip/papers", paperTrip},
		{"round trip/imports of papers", quarantineTrip},
		{"round trip/lists of permits", permitListTrip},
		{"round trip/applications of a permit", concerned},
		{"round trip/bundles", bundled},
		{"round trip/acts with permits", actTrip},
		{"round trip/standings of permits", standings},
		{"round trip/orders about permits", permitOrderTrip},
		{"round trip/idempotency keys", idempotencyTrip},
		{"round trip/leases", leaseTrip},
		{"round trip/records", recordTrip},
		{"round trip/statistics", statisticsTrip},
		{"round trip/texts", textTrip},
	}
}

func accountTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	a := f.account
	second := full[party.Account]()
	second.ID, second.Party, second.IIN, second.CreatedAt = "account-2", a.Party, "770101000002", a.CreatedAt.Add(-time.Second)
	bare := party.Party{ID: "bare", Number: "000000000001"}
	f.update(func(w port.Writes) {
		w.Accounts().AddAccount(second)
		w.Accounts().AddParty(bare)
	})
	f.view(func(v port.View) error {
		r := v.Accounts()
		gives(f, "account", a)(r.Account(f.ctx, a.ID))
		gives(f, "oldest first", []party.Account{second, a})(r.ByNumber(f.ctx, a.Party.Number))
		gives(f, "no accounts", []party.Account(nil))(r.ByNumber(f.ctx, bare.Number))
		gives(f, "party", a.Party)(r.Party(f.ctx, a.Party.ID))
		gives(f, "zero values", bare)(r.Party(f.ctx, bare.ID))
		found(f, "party by number", a.Party)(r.PartyByNumber(f.ctx, a.Party.Number))
		missing[party.Party](f, "no party")(r.PartyByNumber(f.ctx, "x"))
		unknown[party.Party](f, "no party")(r.Party(f.ctx, "x"))
		unknown[party.Account](f, "no account")(r.Account(f.ctx, "x"))
		return nil
	})
	changed := full[party.Account]()
	changed.ID, changed.Party, changed.IIN, changed.CreatedAt, changed.Version = a.ID, a.Party, a.IIN, a.CreatedAt, a.Version
	changed.Email, changed.Password = "other@example.kz", "other"
	p := full[party.Party]()
	p.ID, p.Number, p.CreatedAt, p.Version, p.Name, p.Profile = a.Party.ID, a.Party.Number, a.Party.CreatedAt, a.Party.Version, "other", map[string]string{}
	f.update(func(w port.Writes) {
		w.Accounts().ChangeAccount(changed)
		w.Accounts().ChangeParty(p)
	})
	changed.Version++
	p.Version++
	changed.Party = p
	f.view(func(v port.View) error {
		gives(f, "changed", changed)(v.Accounts().Account(f.ctx, a.ID))
		return nil
	})
}

func attemptTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	now := base()
	count := func(at time.Time, want int) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, "attempts", want)(v.Accounts().Attempts(f.ctx, "k", at, time.Minute))
			return nil
		})
	}
	count(now, 0)
	for i := range 3 {
		f.update(func(w port.Writes) {
			w.Accounts().AddAttempt("k", now.Add(time.Duration(i)*time.Second), time.Minute)
			w.Accounts().AddAttempt("other", now, time.Minute)
		})
	}
	count(now.Add(3*time.Second), 3)
	count(now.Add(time.Minute-time.Microsecond), 3)
	count(now.Add(time.Minute), 0)
	f.update(func(w port.Writes) { w.Accounts().AddAttempt("k", now.Add(time.Minute), time.Minute) })
	count(now.Add(time.Minute), 1)
	f.update(func(w port.Writes) { w.Accounts().ClearAttempts("k") })
	count(now.Add(time.Minute), 0)
}

func challengeTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	c, used := full[port.Challenge](), full[port.Challenge]()
	c.UsedAt, used.Nonce = time.Time{}, "used"
	f.update(func(w port.Writes) {
		w.Keys().AddChallenge(c)
		w.Keys().AddChallenge(used)
		w.Keys().AddChallenge(port.Challenge{Nonce: "bare", Purpose: "login", ExpiresAt: base()})
	})
	check := func(what string, want port.Challenge) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, what, want)(v.Keys().Challenge(f.ctx, want.Nonce))
			return nil
		})
	}
	check("fresh", c)
	check("used", used)
	check("zero values", port.Challenge{Nonce: "bare", Purpose: "login", ExpiresAt: base()})
	c.UsedAt = base().Add(time.Microsecond)
	f.update(func(w port.Writes) { w.Keys().UseChallenge(c.Nonce, c.UsedAt) })
	check("after use", c)
	f.update(func(w port.Writes) { w.Keys().ForgetChallenges(base().AddDate(1, 0, 0)) })
	check("used ones stay", used)
	f.view(func(v port.View) error {
		unknown[port.Challenge](f, "expired")(v.Keys().Challenge(f.ctx, "bare"))
		return nil
	})
}

func sessionTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	x := full[port.Session]()
	y := port.Session{Token: "y", ExpiresAt: x.ExpiresAt.Add(time.Hour)}
	h := port.Session{Token: "h", Data: []byte{1}, Account: f.account.ID, ExpiresAt: x.ExpiresAt.Add(time.Hour)}
	f.update(func(w port.Writes) {
		w.Sessions().Put(h)
		w.Sessions().Put(x)
		w.Sessions().Put(y)
	})
	before := x.ExpiresAt.Add(-time.Microsecond)
	f.view(func(v port.View) error {
		found(f, "session", x)(v.Sessions().Session(f.ctx, x.Token, before))
		found(f, "empty session", y)(v.Sessions().Session(f.ctx, "y", before))
		missing[port.Session](f, "expired")(v.Sessions().Session(f.ctx, x.Token, x.ExpiresAt))
		got, holder, ok, err := v.Sessions().Held(f.ctx, "h", before)
		if err != nil || !ok {
			f.Errorf("held session: %v %v", ok, err)
		}
		same(f, "held session", got, h)
		same(f, "its account", holder, f.account)
		if _, _, ok, err := v.Sessions().Held(f.ctx, "y", before); ok || err != nil {
			f.Errorf("a session of nobody is held: %v %v", ok, err)
		}
		return nil
	})
	y.Data, y.Account, y.ExpiresAt = []byte("new"), x.Account, y.ExpiresAt.Add(time.Hour)
	z := port.Session{Token: "z", ExpiresAt: y.ExpiresAt}
	f.update(func(w port.Writes) {
		w.Sessions().Put(y)
		w.Sessions().Put(z)
		w.Sessions().DeleteExpired(x.ExpiresAt.Add(time.Microsecond))
	})
	f.view(func(v port.View) error {
		missing[port.Session](f, "swept")(v.Sessions().Session(f.ctx, x.Token, before))
		found(f, "put again", y)(v.Sessions().Session(f.ctx, "y", before))
		return nil
	})
	f.update(func(w port.Writes) {
		w.Sessions().DeleteOf(y.Account)
		w.Sessions().DeleteOf("")
	})
	f.view(func(v port.View) error {
		missing[port.Session](f, "of the account")(v.Sessions().Session(f.ctx, "y", before))
		found(f, "nobody's session stays", z)(v.Sessions().Session(f.ctx, "z", before))
		return nil
	})
	f.update(func(w port.Writes) { w.Sessions().Delete("z") })
	f.view(func(v port.View) error {
		missing[port.Session](f, "deleted")(v.Sessions().Session(f.ctx, "z", before))
		return nil
	})
}

func revisionTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	p := func(service string, number int) port.Published {
		r := full[port.Published]()
		r.Service, r.Number = service, number
		return r
	}
	for _, r := range []port.Published{p("b", 1), p("a", 1), p("a", 2), p("a", 3)} {
		f.update(func(w port.Writes) { w.Services().Publish(r) })
	}
	f.view(func(v port.View) error {
		gives(f, "newest", []port.Published{p("a", 3), p("b", 1)})(v.Services().Newest(f.ctx))
		heads := []port.Published{p("a", 3), p("a", 2), p("a", 1)}
		for i := range heads {
			heads[i].Source = nil
		}
		gives(f, "revisions", heads)(v.Services().Revisions(f.ctx, "a"))
		gives(f, "no revisions", []port.Published(nil))(v.Services().Revisions(f.ctx, "c"))
		gives(f, "stamp", int64(4))(v.Services().Stamp(f.ctx))
		gives(f, "revision", p("a", 2))(v.Services().Revision(f.ctx, "a", 2))
		unknown[port.Published](f, "no revision")(v.Services().Revision(f.ctx, "a", 4))
		return nil
	})
}

func directoryTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	x := full[service.Row]()
	x.Directory, x.Code = "d", "02"
	// "ә" sorts after "z" by bytes and beside "a" in Kazakh: the order is that of the bytes everywhere.
	y := service.Row{Directory: "d", Code: "01", Variant: "ә"}
	z := service.Row{Directory: "d", Code: "01", Variant: "z"}
	stamp := func(directory string, want int64) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, "stamp", want)(v.Directories().Stamp(f.ctx, directory))
			return nil
		})
	}
	stamp("d", 0)
	f.update(func(w port.Writes) { w.Directories().Put("d", []service.Row{x, y, z}) })
	stamp("d", 1)
	f.view(func(v port.View) error {
		gives(f, "rows", []service.Row{z, y, x})(v.Directories().Rows(f.ctx, "d"))
		gives(f, "no rows", []service.Row(nil))(v.Directories().Rows(f.ctx, "e"))
		return nil
	})
	code, variant, from := x.Code, x.Variant, x.From
	x = full[service.Row]()
	x.Directory, x.Code, x.Variant, x.From, x.Name.KK, x.To = "d", code, variant, from, "басқа", civil.Date{}
	x.Values = map[string]string{"k": "v"}
	other := x
	other.From = from.AddDays(-1)
	f.update(func(w port.Writes) { w.Directories().Put("d", []service.Row{x, other}) })
	stamp("d", 2)
	stamp("e", 0)
	f.view(func(v port.View) error {
		gives(f, "replaced and added", []service.Row{z, y, other, x})(v.Directories().Rows(f.ctx, "d"))
		return nil
	})
}

func idempotencyTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	i := full[port.Idempotent]()
	other := i
	other.Actor, other.Answer = "other", "another"
	f.update(func(w port.Writes) {
		w.Keys().Remember(i)
		w.Keys().Remember(other)
	})
	f.view(func(v port.View) error {
		found(f, "key", i)(v.Keys().Idempotent(f.ctx, i.Actor, i.Key))
		found(f, "of another actor", other)(v.Keys().Idempotent(f.ctx, other.Actor, i.Key))
		missing[port.Idempotent](f, "no key")(v.Keys().Idempotent(f.ctx, i.Actor, "x"))
		return nil
	})
}

func leaseTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	l := func(code string, first, last int, minute int) port.Lease {
		return port.Lease{Code: code, First: first, Last: last, Node: "n", At: base().Add(time.Duration(minute) * time.Minute)}
	}
	all := []port.Lease{l("RFB", 1, 64, 1), l("LTL", 1, 1, 2), l("RFB", 65, 128, 3), l("RFB", 129, 129, 4)}
	next := func(code string, want int) {
		t.Helper()
		f.view(func(v port.View) error {
			gives(f, "next of "+code, want)(v.Keys().Next(f.ctx, code))
			return nil
		})
	}
	next("RFB", 1)
	for _, x := range all {
		f.update(func(w port.Writes) { w.Keys().Lease(x) })
	}
	next("RFB", 130)
	next("LTL", 2)
	f.update(func(w port.Writes) { w.Keys().Return("RFB", 65, 100) })
	all[2].ReturnedFrom = 100
	f.view(func(v port.View) error {
		gives(f, "leases", all)(v.Keys().Leases(f.ctx, ""))
		gives(f, "of a code", []port.Lease{all[0], all[2], all[3]})(v.Keys().Leases(f.ctx, "RFB"))
		return nil
	})
	filled := full[port.Lease]()
	filled.First, filled.Last = 1, 2
	f.update(func(w port.Writes) { w.Keys().Lease(filled) })
	f.view(func(v port.View) error {
		gives(f, "every field", []port.Lease{filled})(v.Keys().Leases(f.ctx, filled.Code))
		return nil
	})
	f.refused(notFound, "store.not-found", func(w port.Writes) { w.Keys().Return("RFB", 66, 100) })
}

func recordTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	var want []port.Record
	for _, id := range []string{"01", "02", "03"} {
		e := full[audit.Entry]()
		e.ID = id
		f.update(func(w port.Writes) { w.Records().Audit(e) })
		want = append(want, port.Record{ID: id, Bytes: e.Bytes(), Digest: e.Digest()})
	}
	for _, n := range []string{"KZ1", "KZ2", "KZ3"} {
		a := f.newApplication(n)
		p := f.newPermit("KZP"+n[2:], n)
		if n == "KZ2" {
			a.State = application.Deleted
		}
		f.update(func(w port.Writes) {
			w.Applications().Add(a)
			w.Permits().Add(p)
		})
	}
	f.update(func(w port.Writes) {
		w.Keys().Bury("KZ9", "draft deleted", base())
		w.Keys().Bury("KZ8", "lost with the node", base())
		w.Keys().Bury("KZ9", "again", base())
	})
	f.view(func(v port.View) error {
		r := v.Records()
		gives(f, "first page", want[:2])(r.Page(f.ctx, "", 2))
		gives(f, "second page", want[2:])(r.Page(f.ctx, "02", 2))
		gives(f, "tombstones", map[string]string{"KZ9": "draft deleted", "KZ8": "lost with the node"})(r.Tombstones(f.ctx))
		gives(f, "numbers, deleted ones too", []string{"KZ2", "KZ3"})(r.Numbers(f.ctx, "application", "KZ1", 2))
		gives(f, "numbers of permits", []string{"KZP1", "KZP2"})(r.Numbers(f.ctx, "permit", "", 2))
		_, err := r.Numbers(f.ctx, "party; DROP TABLE party", "", 2)
		f.isFault(err, invalid, "store.table")
		return nil
	})
}

// textTrip: what one engine cannot store no store takes.
func textTrip(t testing.TB, s port.Store) {
	f := start(t, s)
	for _, bad := range []string{"a\x00b", "a\xffb"} {
		f.refused(invalid, "store.text", func(w port.Writes) { w.Accounts().AddParty(party.Party{ID: "p", Number: "n", Name: bad}) })
		f.view(func(v port.View) error {
			_, err := v.Accounts().Party(f.ctx, bad)
			f.isFault(err, invalid, "store.text")
			return nil
		})
	}
	p := party.Party{ID: "p", Number: "n", Profile: map[string]string{"typed": "a\x00b"}}
	f.update(func(w port.Writes) { w.Accounts().AddParty(p) })
	f.view(func(v port.View) error {
		gives(f, "inside of what was typed", p)(v.Accounts().Party(f.ctx, "p"))
		return nil
	})
}
