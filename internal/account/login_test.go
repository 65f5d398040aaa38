package account

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"elicense/internal/access"
	"elicense/internal/demo/ca"
	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/party"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

func TestLogin(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	a := h.registered(p)
	typed := p.IIN[:6] + " " + p.IIN[6:]
	for _, password := range []string{goodPassword, norm.NFD.String(goodPassword)} {
		got, err := h.Login(t.Context(), Login{Number: typed, Password: password, RemoteKey: "192.0.2.1"})
		if err != nil || got.ID != a.ID {
			t.Fatal(got.ID, err)
		}
	}
	if h.count("account.logged-in") != 2 {
		t.Fatal("audit", h.rows())
	}
	for name, in := range map[string]Login{
		"wrong":          {Number: p.IIN, Password: otherPassword},
		"empty":          {Number: p.IIN},
		"not UTF-8":      {Number: p.IIN, Password: goodPassword + "\xff"},
		"endless":        {Number: p.IIN, Password: strings.Repeat("a", 1<<20)},
		"space more":     {Number: p.IIN, Password: goodPassword + " "},
		"unknown person": {Number: person(70).IIN, Password: goodPassword},
		"unknown BIN":    {Number: organisation(70), Password: goodPassword},
	} {
		_, err := h.Login(t.Context(), in)
		t.Run(name, func(t *testing.T) { wantFault(t, err, fault.Denied, KeyWrong) })
	}
	_, err := h.Login(t.Context(), Login{Number: "1234", Password: goodPassword})
	wantField(t, err, "number", "account.number")
}

func TestLoginOfAnOrganisation(t *testing.T) {
	h := open(t, Settings{})
	bin := organisation(1)
	one := forBIN(person(1), ca.Head, bin)
	first := h.registered(one)
	in := Login{Number: bin, Password: goodPassword}
	if got, err := h.Login(t.Context(), in); err != nil || got.ID != first.ID {
		t.Fatal("the only account needs no representative", err)
	}
	two := forBIN(person(60), ca.Head, bin)
	c, err := h.StartRegistration(t.Context(), "browser", func() Registration { r := filled(two); r.Password = otherPassword; return r }())
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.FinishRegistration(t.Context(), "browser", c.Nonce, sign(t, two, c))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Login(t.Context(), in)
	wantField(t, err, "representative", KeyRepresentative)
	_, err = h.Login(t.Context(), Login{Number: bin, Password: "neither of the two"})
	wantFault(t, err, fault.Denied, KeyWrong)
	in.RepresentativeIIN = one.IIN
	if got, err := h.Login(t.Context(), in); err != nil || got.ID != first.ID {
		t.Fatal(err)
	}
	in.RepresentativeIIN = two.IIN
	_, err = h.Login(t.Context(), in) // the password of a colleague
	wantFault(t, err, fault.Denied, KeyWrong)
	in.Password = otherPassword
	if got, err := h.Login(t.Context(), in); err != nil || got.ID != second.ID {
		t.Fatal(err)
	}
	in.RepresentativeIIN = person(80).IIN
	_, err = h.Login(t.Context(), in)
	wantFault(t, err, fault.Denied, KeyWrong)
}

// S-05: of a hundred guesses, one after another or at once, never more than twenty are looked at; the owner gets in by
// certificate, and later by password.
func TestGuessesAreLimited(t *testing.T) {
	h := open(t, Settings{})
	p, q := person(1), person(70)
	h.registered(p)
	h.registered(q)
	for i := range 25 {
		_, err := h.Login(t.Context(), Login{Number: q.IIN, Password: "guess guess"})
		if want := map[bool]string{true: KeyWrong, false: KeyThrottled}[i < 20]; !fault.Is(err, want) {
			t.Fatal(i, err)
		}
	}
	var wrong, throttled atomic.Int64
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() {
			_, err := h.Login(t.Context(), Login{Number: p.IIN, Password: "guess guess " + nonce(i), RemoteKey: nonce(i)})
			switch {
			case fault.Is(err, KeyWrong):
				wrong.Add(1)
			case fault.Is(err, KeyThrottled) && fault.KindOf(err) == fault.Throttled:
				throttled.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if wrong.Load() > 20 || wrong.Load()+throttled.Load() != 100 {
		t.Fatalf("%d guesses were looked at, %d refused", wrong.Load(), throttled.Load())
	}
	_, err := h.Login(t.Context(), Login{Number: p.IIN, Password: goodPassword})
	wantFault(t, err, fault.Throttled, KeyThrottled)
	c, err := h.StartLogin(t.Context(), "browser")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.FinishLogin(t.Context(), "browser", c.Nonce, sign(t, p, c)); err != nil {
		t.Fatal("the owner is locked out", err)
	}
	h.world.pass(time.Hour)
	if _, err := h.Login(t.Context(), Login{Number: p.IIN, Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
}

// One password on many accounts from one address.
func TestSprayingIsLimited(t *testing.T) {
	h := open(t, Settings{Limits: Limits{Remote: 5}})
	for i := range 8 {
		_, err := h.Login(t.Context(), Login{Number: person(10 * i).IIN, Password: goodPassword, RemoteKey: "192.0.2.1"})
		if want := map[bool]string{true: KeyWrong, false: KeyThrottled}[i < 5]; !fault.Is(err, want) {
			t.Fatal(i, err)
		}
	}
	if _, err := h.Login(t.Context(), Login{Number: person(10).IIN, Password: goodPassword, RemoteKey: "192.0.2.2"}); !fault.Is(err, KeyWrong) {
		t.Fatal(err)
	}
}

// An unknown number does the same work as a known one: as many passwords are compared, each against a hash of the same
// cost.
func TestUnknownNumbersCostTheSame(t *testing.T) {
	h := open(t, Settings{Limits: Limits{Account: 1000}})
	known, unknown := person(1), person(70)
	h.registered(known)
	compared := map[string][]string{}
	var number string
	h.hasher.compare = func(password, hash string) (bool, error) {
		cost, _, _ := strings.Cut(hash, "p=")
		compared[number] = append(compared[number], cost)
		return argon2id.ComparePasswordAndHash(password, hash)
	}
	for _, number = range []string{known.IIN, unknown.IIN} {
		if _, err := h.Login(t.Context(), Login{Number: number, Password: "not the right one"}); !fault.Is(err, KeyWrong) {
			t.Fatal(err)
		}
	}
	if a, b := compared[known.IIN], compared[unknown.IIN]; len(a) == 0 || !slices.Equal(a, b) {
		t.Fatalf("known %v, unknown %v", a, b)
	}
}

func TestHashesAreBounded(t *testing.T) {
	h, err := newHasher(Hash{MemoryKiB: 64, Iterations: 1, AtOnce: 1, Wait: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	done, err := h.turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.hash(t.Context(), goodPassword)
	wantFault(t, err, fault.Throttled, KeyBusy)
	_, err = h.matches(t.Context(), goodPassword, nil, 1)
	wantFault(t, err, fault.Throttled, KeyBusy)
	done()
	if _, err = h.hash(t.Context(), goodPassword); err != nil {
		t.Fatal(err)
	}
}

func TestHashesAreRenewed(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	a := h.registered(p)
	stronger, err := New(h.store, h.world, authority.known, Settings{Origin: h.set.Origin, Environment: "test", Hash: Hash{MemoryKiB: 128, Iterations: 2}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := stronger.Login(t.Context(), Login{Number: p.IIN, Password: goodPassword})
	if err != nil || !strings.Contains(b.Password, "m=128,t=2") || b.Version != a.Version+1 {
		t.Fatal(b.Password, err)
	}
	c, err := stronger.Login(t.Context(), Login{Number: p.IIN, Password: goodPassword})
	if err != nil || c.Password != b.Password {
		t.Fatal("renewed twice", err)
	}
	if _, err := h.Login(t.Context(), Login{Number: p.IIN, Password: goodPassword}); err != nil {
		t.Fatal("a node with the old settings", err)
	}
}

func TestProfile(t *testing.T) {
	h := open(t, Settings{})
	a := h.registered(person(1))
	actor := ActorOf(a)
	check := func(_ party.Party, values map[string]string) (map[string]string, []fault.Field) {
		if values["house"] == "" {
			return nil, []fault.Field{{Path: "house", Key: "form.required"}}
		}
		delete(values, "unknown")
		return values, nil
	}
	in := ProfileChange{Email: "new@example.kz", Phone: "+77172123456", Lang: "ru", Values: map[string]string{"house": "7", "unknown": "x"}, AccountVersion: a.Version, PartyVersion: a.Party.Version}
	b, err := h.SaveProfile(t.Context(), actor, in, check)
	if err != nil || b.Email != "new@example.kz" || b.Lang != "ru" || !maps.Equal(b.Party.Profile, map[string]string{"house": "7"}) || b.Password != "" || in.Values["unknown"] != "x" {
		t.Fatalf("%+v %v", b, err)
	}
	seen, err := h.Profile(t.Context(), actor)
	if err != nil || seen.Version != b.Version || seen.Party.Version != b.Party.Version || seen.Phone != "+77172123456" || seen.Password != "" {
		t.Fatalf("%+v %v", seen, err)
	}
	_, err = h.SaveProfile(t.Context(), actor, in, check) // the page of another window
	wantFault(t, err, fault.Conflict, KeyChanged)
	in.Email, in.Values = "nobody", nil
	_, err = h.SaveProfile(t.Context(), actor, in, check)
	wantField(t, err, "email", "account.email", "house", "form.required")
	_, err = h.Profile(t.Context(), access.Nobody())
	wantFault(t, err, fault.Unauthenticated, "fault.login")
	other := h.registered(person(70))
	_, err = h.Profile(t.Context(), access.Actor{Role: access.Applicant, Account: a.ID, Party: other.Party.ID})
	wantFault(t, err, fault.NotFound, "fault.not-found")
}

func TestChangePassword(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	a := h.registered(p)
	actor := ActorOf(a)
	_, err := h.ChangePassword(t.Context(), actor, "something else", otherPassword)
	wantField(t, err, "current", "account.password-wrong")
	_, err = h.ChangePassword(t.Context(), actor, goodPassword, "short")
	wantField(t, err, "password", KeyPasswordShort)
	sessions := NewSessions(h.store, h.world)
	if err := sessions.Commit("cookie", encoded(t, map[string]any{SessionAccount: a.ID}), h.world.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	b, err := h.ChangePassword(t.Context(), actor, goodPassword, otherPassword)
	if err != nil || Mark(a) == Mark(b) {
		t.Fatal(err)
	}
	if _, found, _ := sessions.Find("cookie"); found {
		t.Fatal("a session outlived the password")
	}
	if _, err := h.Login(t.Context(), Login{Number: p.IIN, Password: otherPassword}); err != nil {
		t.Fatal(err)
	}
	for range 25 { // a stolen session cannot guess without limit either
		_, err = h.ChangePassword(t.Context(), actor, "guess after guess", goodPassword)
	}
	wantFault(t, err, fault.Throttled, KeyThrottled)
}

func TestPasswordPolicy(t *testing.T) {
	p := newPolicy()
	if len(p.common) < 1000 {
		t.Fatal("only", len(p.common), "common passwords")
	}
	own := []string{"870314350018", "", "dina.samatova@example.kz", "+77011234567"}
	for _, c := range []struct{ password, want string }{
		{"сегіз түйе", ""}, {"ЌЌЌґєї qw", ""}, {"correct horse battery", ""}, {" xkcd9 zu ", ""}, {strings.Repeat("ұзын сөз ", 14) + "ұз", ""},
		{"ұзынсөз", KeyPasswordShort}, {"1234567", KeyPasswordShort}, {"", KeyPasswordShort}, {"абв" + strings.Repeat("и\u0306", 4), KeyPasswordShort},
		{strings.Repeat("ұз 1", 32) + "x", KeyPasswordLong}, {"a\xff345678", KeyPasswordLong}, {strings.Repeat("a", 1<<16), KeyPasswordLong},
		{"password", KeyPasswordCommon}, {"P@ssw0rd", KeyPasswordCommon}, {"p@ssw0rd2026!", KeyPasswordCommon}, {"Elicense1!", KeyPasswordCommon},
		{"gfhjkm123", KeyPasswordCommon}, {"Пароль2026", KeyPasswordCommon}, {"құпиясөз1", KeyPasswordCommon}, {"Қазақстан", KeyPasswordCommon}, {"казакстан1", KeyPasswordCommon},
		{"qwertyuiop", KeyPasswordCommon}, {"йцукенгш", KeyPasswordCommon}, {"12345678", KeyPasswordCommon}, {"87654321", KeyPasswordCommon},
		{"aaaaaaaaaa", KeyPasswordCommon}, {"abcabcabcabc", KeyPasswordCommon}, {"abcdefghij", KeyPasswordCommon}, {"1 2 3 4 5 6 7 8", KeyPasswordCommon},
		{"aidanaaidana", KeyPasswordCommon}, {"14.03.1987", KeyPasswordCommon}, {"19870314", KeyPasswordCommon}, {"870314350018", KeyPasswordCommon},
		{person(123).IIN, KeyPasswordCommon}, {organisation(55), KeyPasswordCommon}, {"dina.samatova1", KeyPasswordCommon}, {"87011234567", KeyPasswordCommon}, {"7011234567a", KeyPasswordCommon},
		{"Аружан1995", KeyPasswordCommon}, {"shymkent!!", KeyPasswordCommon},
	} {
		if _, key := p.check(c.password, own...); key != c.want {
			t.Errorf("%.40q: %q, want %q", c.password, key, c.want)
		}
	}
}

// Whatever is typed is refused or stays the same under normalisation.
func FuzzPassword(f *testing.F) {
	p := newPolicy()
	f.Add("сегіз түйе", "a@b.kz")
	f.Add("и\u0306и\u0306и\u0306и\u0306 абв123", "")
	f.Fuzz(func(t *testing.T, password, own string) {
		nfc, key := p.check(password, own)
		if key == "" && (norm.NFC.String(nfc) != nfc || typed(password) != nfc) {
			t.Fatalf("%q is hashed as %q and compared as %q", password, nfc, typed(password))
		}
	})
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"dina@example.kz", "a@b", "\"a b\"@c.kz", "a@b@c.kz", "дина@пример.рф", "a@[127.0.0.1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := address(s); ok && (strings.ContainsAny(got, " \r\n\x00<>,;") || !strings.Contains(got, "@") || len(got) > 254) {
			t.Fatalf("%q accepted", got)
		}
	})
}

func TestWordsAreFolded(t *testing.T) {
	for word := range newPolicy().common {
		if lang.Fold(word) != word {
			t.Errorf("%q would never be found", word)
		}
	}
}

// encoded is what scs's default codec makes.
func encoded(t *testing.T, values map[string]any) []byte {
	t.Helper()
	data, err := Codec{}.Encode(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), values)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
