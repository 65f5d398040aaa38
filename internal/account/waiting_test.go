package account

import (
	"testing"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

func TestWaitingAndRenewal(t *testing.T) {
	h := open(t, Settings{})
	p := person(1)
	c := h.start(filled(p))
	if got, err := h.Waiting(t.Context(), "browser", c.Nonce); err != nil || got.Nonce != c.Nonce {
		t.Fatal(err)
	}
	if same, err := h.Renew(t.Context(), "browser", c.Nonce); err != nil || same.Nonce != c.Nonce {
		t.Fatal("renewed before its time was over", err)
	}
	for _, session := range []string{"another", ""} {
		_, err := h.Waiting(t.Context(), session, c.Nonce)
		wantFault(t, err, fault.NotFound, KeyUnknownChallenge)
		_, err = h.Renew(t.Context(), session, c.Nonce)
		wantFault(t, err, fault.NotFound, KeyUnknownChallenge)
	}
	login, err := h.StartLogin(t.Context(), "browser")
	if err != nil {
		t.Fatal(err)
	}
	h.world.pass(20 * time.Minute)
	_, err = h.Waiting(t.Context(), "browser", c.Nonce)
	wantFault(t, err, fault.Gone, KeyExpiredChallenge)
	_, err = h.Renew(t.Context(), "browser", login.Nonce)
	wantFault(t, err, fault.NotFound, KeyUnknownChallenge)
	again, err := h.Renew(t.Context(), "browser", c.Nonce)
	if err != nil || again.Nonce == c.Nonce {
		t.Fatal(err)
	}
	doc, err := signdoc.Parse(again.Content)
	if err != nil || doc.IIN != p.IIN || doc.Nonce != again.Nonce {
		t.Fatalf("%+v %v", doc, err)
	}
	if a, err := h.FinishRegistration(t.Context(), "browser", again.Nonce, sign(t, p, again)); err != nil || a.Email != "dina@example.kz" {
		t.Fatal("what was typed is lost", err)
	}
	_, err = h.Renew(t.Context(), "browser", again.Nonce)
	wantFault(t, err, fault.Conflict, KeyUsedChallenge)

	// A challenge of another use case keeps the session's name as it is.
	other := port.Challenge{Nonce: nonce(9), Purpose: "application", Content: []byte("x"), Session: "browser", ExpiresAt: h.world.Now().Add(time.Hour)}
	if err := h.store.Update(t.Context(), func(tx port.Tx) error { tx.Write().Keys().AddChallenge(other); return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Waiting(t.Context(), "browser", other.Nonce); err != nil {
		t.Fatal(err)
	}
}
