package account

import (
	"bytes"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/party"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

func TestRegistrationIsSignedByThePerson(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	c := h.start(filled(p))
	doc, err := signdoc.Parse(c.Content)
	if err != nil || doc.Purpose != signdoc.Registration || doc.IIN != p.IIN || doc.BIN != "" || len(doc.Answers) != 64 || doc.Nonce != c.Nonce {
		t.Fatalf("%+v, %v", doc, err)
	}
	if c.Payload["password"] == goodPassword || !strings.HasPrefix(c.Payload["password"], "$argon2id$") || c.Session == "browser" {
		t.Fatal("a secret is stored as it is")
	}
	a, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, sign(t, p, c))
	if err != nil {
		t.Fatal(err)
	}
	if a.IIN != p.IIN || a.Party.Number != p.IIN || a.Party.Kind != party.Individual || a.Party.Name != "ҮЛГІЛІ ДИНА САМАТҚЫЗЫ" ||
		a.Surname != "ҮЛГІЛІ" || a.Phone != "+77011234567" || a.Lang != "kk" || a.Email != "dina@example.kz" {
		t.Fatalf("%+v", a)
	}
	if h.count("account.registered") != 1 || h.count("party.created") != 1 {
		t.Fatal("audit", h.rows())
	}
	for _, e := range h.rows() {
		if b := e.Bytes(); bytes.Contains(b, []byte(p.IIN)) || bytes.Contains(b, []byte("dina@")) || bytes.Contains(b, []byte("701123")) {
			t.Errorf("personal data in an audit row: %s", b)
		}
	}
	_, err = h.FinishRegistration(t.Context(), "browser", c.Nonce, sign(t, p, c))
	wantFault(t, err, fault.Conflict, KeyUsedChallenge)

	again := h.start(filled(p)) // nothing tells that the number is taken
	_, err = h.FinishRegistration(t.Context(), "browser", again.Nonce, sign(t, p, again))
	wantFault(t, err, fault.Conflict, KeyExists)
}

func TestRegistrationOfAnOrganisation(t *testing.T) {
	h := open(t, Settings{})
	bin := organisation(1)
	head, deputy := forBIN(person(1), ca.Head, bin), forBIN(person(50), ca.RightToSign, bin)
	first, second := h.registered(head), h.registered(deputy)
	if first.Party.ID != second.Party.ID || first.ID == second.ID || first.Party.Kind != party.Organisation || first.Party.Name != `"ҮЛГІ САУДА" ЖШС` {
		t.Fatalf("%+v\n%+v", first, second)
	}
	own := h.registered(person(1)) // the same person for itself
	if own.Party.ID == first.Party.ID || own.IIN != first.IIN {
		t.Fatalf("%+v", own)
	}
	clerk := forBIN(person(90), ca.Employee, bin)
	c := h.start(filled(clerk))
	_, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, sign(t, clerk, c))
	wantFault(t, err, fault.Denied, signdoc.KeyNoRight)
}

// Two colleagues who register their organisation in the same moment both get an account of the one party.
func TestRegistrationsAtOnce(t *testing.T) {
	h := open(t, Settings{})
	bin := organisation(7)
	var wait sync.WaitGroup
	accounts := make([]party.Account, 8)
	for i := range accounts {
		p := forBIN(person(100+10*i), ca.Head, bin)
		c := h.start(filled(p))
		cms := sign(t, p, c)
		for range 2 { // and each sends the answer twice
			wait.Go(func() {
				a, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, cms)
				switch {
				case err == nil:
					accounts[i] = a
				case !fault.Is(err, KeyUsedChallenge) && !fault.Is(err, KeyExists):
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	for _, a := range accounts {
		if a.ID == "" || a.Party.ID != accounts[0].Party.ID {
			t.Fatalf("%+v", a)
		}
	}
	if h.count("account.registered") != len(accounts) || h.count("party.created") != 1 {
		t.Fatal(h.count("account.registered"), h.count("party.created"))
	}
}

func TestRefusedAnswers(t *testing.T) {
	h := open(t, Settings{})
	p, bin := person(1), organisation(3)
	cases := []struct {
		name   string
		answer func(c port.Challenge) error
		kind   fault.Kind
		key    string
	}{
		{"another browser", func(c port.Challenge) error {
			_, err := h.FinishRegistration(t.Context(), "another", c.Nonce, sign(t, p, c))
			return err
		}, fault.NotFound, KeyUnknownChallenge},
		{"unknown nonce", func(c port.Challenge) error {
			_, err := h.FinishRegistration(t.Context(), "browser", nonce(1), sign(t, p, c))
			return err
		}, fault.NotFound, KeyUnknownChallenge},
		{"another purpose", func(c port.Challenge) error {
			_, err := h.FinishLogin(t.Context(), "browser", c.Nonce, sign(t, p, c))
			return err
		}, fault.NotFound, KeyUnknownChallenge},
		{"another person", func(c port.Challenge) error {
			_, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, sign(t, person(40), c))
			return err
		}, fault.Invalid, signdoc.KeyOtherPerson},
		{"a key of an organisation", func(c port.Challenge) error {
			_, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, sign(t, forBIN(p, ca.Head, bin), c))
			return err
		}, fault.Invalid, signdoc.KeyOtherEntity},
		{"other content", func(c port.Challenge) error {
			nonce := c.Nonce
			c.Content = append(bytes.Clone(c.Content), ' ')
			_, err := h.FinishRegistration(t.Context(), "browser", nonce, sign(t, p, c))
			return err
		}, fault.Invalid, "signature.content-changed"},
		{"expired", func(c port.Challenge) error {
			h.world.pass(15 * time.Minute)
			_, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, sign(t, p, c))
			return err
		}, fault.Gone, KeyExpiredChallenge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := c.answer(h.start(filled(p)))
			wantFault(t, err, c.kind, c.key)
		})
	}
	if len(h.rows()) != 0 {
		t.Fatal("a refused answer left a trace", h.rows())
	}
}

// What the person did not sign does not take effect, even when the stored row was changed.
func TestExchangedDataIsFound(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	c := h.start(filled(p))
	forged := c
	forged.Nonce = nonce(5)
	forged.Payload = map[string]string{"email": "other@example.kz", "phone": c.Payload["phone"], "lang": "kk", "password": c.Payload["password"]}
	if err := h.store.Update(t.Context(), func(tx port.Tx) error { tx.Write().Keys().AddChallenge(forged); return nil }); err != nil {
		t.Fatal(err)
	}
	_, err := h.FinishRegistration(t.Context(), "browser", forged.Nonce, sign(t, p, c))
	wantFault(t, err, fault.Internal, "account.challenge")
	forged.Nonce, forged.Payload = c.Nonce, map[string]string{"password": "x"}
	if doc, err := signdoc.Parse(c.Content); err != nil || unchanged(doc, c) != nil || unchanged(doc, forged) == nil {
		t.Fatal("the digest does not bind the payload", err)
	}
}

func TestUnknownRevocationStaysPending(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	c := h.start(filled(p))
	der := sign(t, p, c)
	h.verifier = authority.unsure
	_, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, der)
	wantFault(t, err, fault.Unavailable, KeyPending)
	if len(h.rows()) != 0 {
		t.Fatal("claimed before the revocation was known")
	}
	h.verifier = authority.known
	if _, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, der); err != nil {
		t.Fatal(err)
	}
}

func TestRecoveryAndCertificateLogin(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	login := func(p ca.Person) (party.Account, error) {
		c, err := h.StartLogin(t.Context(), "browser")
		if err != nil {
			t.Fatal(err)
		}
		return h.FinishLogin(t.Context(), "browser", c.Nonce, sign(t, p, c))
	}
	recover := func(p ca.Person) (party.Account, error) {
		in := Recovery{Number: p.IIN, Password: otherPassword}
		if p.BIN != "" {
			in.Number, in.RepresentativeIIN = p.BIN, p.IIN
		}
		c, err := h.StartRecovery(t.Context(), "browser", in)
		if err != nil {
			t.Fatal(err)
		}
		return h.FinishRecovery(t.Context(), "browser", c.Nonce, sign(t, p, c))
	}
	_, err := login(p)
	wantFault(t, err, fault.NotFound, KeyUnknownHolder)
	_, err = recover(p)
	wantFault(t, err, fault.NotFound, KeyUnknownHolder)

	a := h.registered(p)
	org := h.registered(forBIN(p, ca.Head, organisation(9)))
	for who, want := range map[string]party.Account{"": a, org.Party.Number: org} {
		key := p
		if who != "" {
			key = forBIN(p, ca.Employee, who)
		}
		if got, err := login(key); err != nil || got.ID != want.ID {
			t.Fatal(got.ID, err)
		}
	}
	sessions := NewSessions(h.store, h.world)
	if err := sessions.Commit("cookie", encoded(t, map[string]any{SessionAccount: a.ID, SessionMark: Mark(a)}), h.world.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	p.Surname = "ЖАҢА" // married, with a new certificate
	after, err := recover(p)
	if err != nil || after.ID != a.ID || after.Surname != "ЖАҢА" || after.Version != a.Version+1 {
		t.Fatalf("%+v %v", after, err)
	}
	if _, found, err := sessions.Find("cookie"); found || err != nil {
		t.Fatal("a session outlived the recovery", err)
	}
	if _, _, err := h.Resume(t.Context(), a.ID, Mark(a)); fault.KindOf(err) != fault.Unauthenticated {
		t.Fatal("the mark outlived the recovery", err)
	}
	if got, actor, err := h.Resume(t.Context(), a.ID, Mark(after)); err != nil || !reflect.DeepEqual(actor, access.Actor{Role: access.Applicant, Account: a.ID, Party: a.Party.ID}) || got.Password != "" {
		t.Fatal(actor, err)
	}
	if _, err := h.Login(t.Context(), Login{Number: p.IIN, Password: otherPassword}); err != nil {
		t.Fatal(err)
	}
	_, err = h.Login(t.Context(), Login{Number: p.IIN, Password: goodPassword})
	wantFault(t, err, fault.Denied, KeyWrong)
}

func TestRegistrationFields(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	good := filled(p)
	for name, c := range map[string]struct {
		change func(*Registration)
		want   []string
	}{
		"nothing":           {func(r *Registration) { *r = Registration{} }, []string{"number", "account.number", "email", "account.email", "phone", "fault.phone", "lang", "account.lang", "password", KeyPasswordShort}},
		"check digit":       {func(r *Registration) { r.Number = p.IIN[:11] + string('0'+(p.IIN[11]-'0'+1)%10) }, []string{"number", "fault.iin-check"}},
		"no representative": {func(r *Registration) { r.Number = organisation(1) }, []string{"representative", "account.representative"}},
		"representative": {func(r *Registration) { r.Number, r.RepresentativeIIN = organisation(1), organisation(2) },
			[]string{"representative", "fault.iin-is-bin"}},
		"e-mail":       {func(r *Registration) { r.Email = "dina@localhost" }, []string{"email", "account.email"}},
		"header":       {func(r *Registration) { r.Email = "dina@example.kz\r\nBcc: all@example.kz" }, []string{"email", "account.email"}},
		"two e-mails":  {func(r *Registration) { r.Email = "a@example.kz,b@example.kz" }, []string{"email", "account.email"}},
		"named e-mail": {func(r *Registration) { r.Email = "Dina <dina@example.kz>" }, []string{"email", "account.email"}},
		"telephone":    {func(r *Registration) { r.Phone = "12" }, []string{"phone", "fault.phone"}},
		"password":     {func(r *Registration) { r.Password = "password1" }, []string{"password", KeyPasswordCommon}},
		"own number":   {func(r *Registration) { r.Password = "x" + p.IIN + "!" }, []string{"password", KeyPasswordCommon}},
	} {
		in := good
		c.change(&in)
		_, err := h.StartRegistration(t.Context(), "browser", in)
		t.Run(name, func(t *testing.T) { wantField(t, err, c.want...) })
	}
	if _, err := h.StartRegistration(t.Context(), "", good); fault.KindOf(err) != fault.Internal {
		t.Fatal("a challenge of no browser", err)
	}
}

func TestStartsAreLimited(t *testing.T) {
	h := open(t, Settings{Limits: Limits{Start: 3}})
	in := filled(person(1))
	for range 3 {
		h.start(in)
	}
	_, err := h.StartRegistration(t.Context(), "browser", in)
	wantFault(t, err, fault.Throttled, KeyThrottled)
	in.Remote = "192.0.2.9"
	h.start(in)
	h.world.pass(time.Hour)
	in.Remote = "192.0.2.1"
	h.start(in)
}

func TestSweep(t *testing.T) {
	h := open(t, Settings{})
	c := h.start(filled(person(1)))
	exists := func() bool {
		return h.store.View(t.Context(), func(v port.View) error { _, err := v.Keys().Challenge(t.Context(), c.Nonce); return err }) == nil
	}
	h.world.pass(30 * time.Minute)
	if err := h.Sweep(t.Context()); err != nil || !exists() {
		t.Fatal("swept too early", err)
	}
	h.world.pass(time.Hour)
	if err := h.Sweep(t.Context()); err != nil || exists() {
		t.Fatal("not swept", err)
	}
}
