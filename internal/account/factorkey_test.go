package account

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// enrolled is an official with a confirmed second factor.
func (h *house) enrolled(login string, serial int) (access.Official, string, Enrolment) {
	h.t.Helper()
	o, password, err := h.AddOfficial(h.t.Context(), "test", access.Official{Login: login, Person: person(serial).IIN, Surname: "Үлгі", GivenName: "Адам", Body: "cci", Duties: []access.Duty{access.Executor}}, []string{"cci"})
	must(h.t, err)
	e, err := h.BeginFactor(h.t.Context(), access.ActorOf(o))
	must(h.t, err)
	o, _, err = h.ConfirmFactor(h.t.Context(), access.ActorOf(o), h.code(e.Secret))
	must(h.t, err)
	return o, password, e
}

// code is what a telephone shows now.
func (h *house) code(secret string) string {
	h.t.Helper()
	code, err := hotp.GenerateCodeCustom(secret, uint64(h.world.Now().Unix()/30), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	must(h.t, err)
	return code
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) stored(official string) (secret string) {
	h.t.Helper()
	must(h.t, h.store.View(h.t.Context(), func(v port.View) error {
		f, _, err := v.Office().Officials().Factor(h.t.Context(), official)
		secret = f.Secret
		return err
	}))
	return secret
}

// enters logs in with the code of the next step.
func (h *house) enters(o access.Official, password, secret string) error {
	h.world.pass(time.Minute)
	_, err := h.OfficialLogin(h.t.Context(), o.Login, password, h.code(secret), "127.0.0.1")
	return err
}

// Secrets of one-time codes are not in the database, each opens for its own account only, those from before there was a key are
// encrypted when they are used, and an older key still opens.
func TestFactorSecretsAreEncrypted(t *testing.T) {
	h := open(t, Settings{})
	first, second := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	old, password, plain := h.enrolled("old", 1)
	if h.stored(old.ID) != plain.Secret {
		t.Fatal("without a key the secret is stored as it is")
	}
	h.set.FactorKeys = [][]byte{first}
	must(t, h.enters(old, password, plain.Secret))
	kept := h.stored(old.ID)
	if !strings.HasPrefix(kept, "v1:") || strings.Contains(kept, plain.Secret) {
		t.Fatalf("used and not encrypted: %s", kept)
	}
	must(t, h.enters(old, password, plain.Secret))
	if again := h.stored(old.ID); again == kept {
		t.Error("the same nonce twice")
	}
	other, word, e := h.enrolled("other", 2)
	if strings.Contains(h.stored(other.ID), e.Secret) {
		t.Error("a new secret lies open")
	}
	h.set.FactorKeys = [][]byte{second, first}
	must(t, h.enters(other, word, e.Secret))
	h.set.FactorKeys = [][]byte{second}
	must(t, h.enters(other, word, e.Secret))
	for name, keys := range map[string][][]byte{"another key": {second}, "no key": nil} {
		h.set.FactorKeys = keys
		if err := h.enters(old, password, plain.Secret); !fault.Is(err, KeyFactorSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The row of one account under another.
	h.set.FactorKeys = [][]byte{second}
	must(t, h.store.Update(t.Context(), func(tx port.Tx) error {
		f, _, err := tx.Office().Officials().Factor(t.Context(), old.ID)
		f.Secret = h.stored(other.ID)
		tx.Write().Office().Officials().ChangeFactor(f)
		return err
	}))
	if err := h.enters(old, password, e.Secret); !fault.Is(err, KeyFactorSealed) {
		t.Errorf("another's secret: %v", err)
	}
}

// Who may not reset a password makes the program hash nothing.
func TestResetPasswordAsksForRightsFirst(t *testing.T) {
	h := open(t, Settings{})
	o, _, _ := h.enrolled("somebody", 1)
	h.hasher.turns, h.hasher.wait = make(chan struct{}), time.Millisecond // a hash gets no turn
	stranger := access.Actor{Role: access.Officer, Account: "x", Person: "x", Body: "knb", Duties: []access.Duty{access.Administrator}}
	if _, err := h.ResetPassword(t.Context(), stranger, o.ID); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	own := access.ActorOf(o)
	own.Duties = []access.Duty{access.Administrator}
	if _, err := h.ResetPassword(t.Context(), own, o.ID); !fault.Is(err, KeyOwnAccount) {
		t.Error(err)
	}
}
