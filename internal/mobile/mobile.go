// Package mobile is how a document that waits in a browser is signed on a telephone, by eGov Mobile or eGov Business. The
// telephone follows a one-time link, is told what is to be signed, and deposits the signature. It comes no further: what
// the signature brings about happens in the browser session that asked, by the same use case as with every other way.
//
// The link is the telephone's only right, so it is unguessable, short-lived, and kept as its SHA-256 only. It leads to one
// document for one purpose. A signature is judged before it is taken, so a telephone learns at once that it was the
// wrong key, and a stranger who saw the link can deposit nothing: only documents that name their signer are offered (Offers).
//
// Links and deposits are rows beside the challenge they belong to, of purposes that no other use case takes, and are
// swept with it.
package mobile

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"elicense/internal/fault"
	"elicense/internal/lang"
	"elicense/internal/port"
	"elicense/internal/signdoc"
)

// The faults of this package besides those of signatures and challenges.
const (
	KeyUnknownLink = "mobile.unknown-link" // fault.NotFound: no such link
	KeyOver        = "mobile.over"         // fault.Gone: the time of the link or of its document is over
	KeySigned      = "mobile.signed"       // fault.Conflict: signed already, by this way or another
	KeyWaiting     = "mobile.waiting"      // fault.Conflict: the signature has not come yet
)

// The purposes of the rows. They are no purposes of signdoc, so no signature can answer them.
const (
	purposeLink    = "mobile-link"
	purposeDeposit = "mobile-deposit"
)

// Life is how long a link serves, where its document does not end before.
const Life = 10 * time.Minute

// tokenSize is the number of random bytes of a link.
const tokenSize = 32

// Mobile holds what the use cases need.
type Mobile struct {
	Store    port.Store
	World    port.World
	Verifier port.Verifier
	// Waiting gives a challenge that waits for its signature to the browser session that asked for it, and to no other
	// (account.Accounts).
	Waiting             func(ctx context.Context, session, nonce string) (port.Challenge, error)
	Origin, Environment string // as they are signed
	OfficeOrigin        string // the same of the internal portal, where decisions are signed
}

// Link is a way for a telephone to one document.
type Link struct {
	Token     string // the secret in the addresses; never stored
	Code      string // shown on both screens, see Code
	ExpiresAt time.Time
}

// Offer is what a telephone is asked to sign.
type Offer struct {
	Document  signdoc.Document
	Content   []byte // the exact bytes
	Lang      lang.Lang
	Code      string
	ExpiresAt time.Time
}

// Open makes a link to a document that waits in this browser session. Faults are those of Waiting. A document may have
// several links, since a page is loaded more than once; it takes one signature.
func (m *Mobile) Open(ctx context.Context, session, nonce string, l lang.Lang) (Link, error) {
	c, err := m.Waiting(ctx, session, nonce)
	if err != nil {
		return Link{}, err
	}
	if !Offers(signdoc.Purpose(c.Purpose)) {
		return Link{}, fault.New(fault.NotFound, "fault.not-found")
	}
	link := Link{Token: base64.RawURLEncoding.EncodeToString(m.World.Random(tokenSize)), Code: codeOf(c.Content), ExpiresAt: m.World.Now().Add(Life)}
	if c.ExpiresAt.Before(link.ExpiresAt) {
		link.ExpiresAt = c.ExpiresAt
	}
	row := port.Challenge{Nonce: linkRow(link.Token), Purpose: purposeLink, Content: []byte(c.Nonce), Payload: map[string]string{"lang": string(l)}, ExpiresAt: link.ExpiresAt}
	return link, m.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Keys().AddChallenge(row)
		return nil
	})
}

// Offers tells for which purposes a telephone may sign. A log-in names nobody before it is signed, so whoever saw the code
// could bring the browser into an account of his own; a code for a recovery, shown to its owner under a pretext, would give
// the account away for good.
func Offers(p signdoc.Purpose) bool {
	return p == signdoc.Application || p == signdoc.Correction || p == signdoc.Withdrawal || p == signdoc.Registration || ofOfficials(p)
}

// ofOfficials tells what is signed on the internal portal.
func ofOfficials(p signdoc.Purpose) bool { return p == signdoc.Decision || p == signdoc.Act }

// Offer tells the holder of a link what is to be signed. Faults: KeyUnknownLink, KeyOver, KeySigned.
func (m *Mobile) Offer(ctx context.Context, token string) (Offer, error) {
	link, c, err := m.follow(ctx, token)
	if err != nil {
		return Offer{}, err
	}
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return Offer{}, err
	}
	l, ok := lang.Parse(link.Payload["lang"])
	if !ok {
		l = lang.KK
	}
	return Offer{Document: doc, Content: c.Content, Lang: l, Code: codeOf(c.Content), ExpiresAt: link.ExpiresAt}, nil
}

// Deposit takes the signature that the holder of a link made. It is judged as every signature is, against the stored
// bytes; what is wrong with it comes as the fault of the Verifier or of signdoc. The same signature sent again is taken
// again, another one is fault.Conflict KeySigned. An unknown revocation is for the act in the browser to judge.
func (m *Mobile) Deposit(ctx context.Context, token string, cms []byte) error {
	_, c, err := m.follow(ctx, token)
	if err != nil {
		return err
	}
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return err
	}
	// A repetition is answered from what it is, before anything is verified or stamped again.
	sum := sha256.Sum256(cms)
	sent := hex.EncodeToString(sum[:])
	if err := m.repeated(ctx, c.Nonce, sent); !fault.Is(err, KeyUnknownLink) {
		return err
	}
	now, origin := m.World.Now(), m.Origin
	if ofOfficials(signdoc.Purpose(c.Purpose)) {
		origin = m.OfficeOrigin
	}
	if err := doc.Accept(signdoc.Expect{Purpose: signdoc.Purpose(c.Purpose), Origin: origin, Environment: m.Environment, At: now}); err != nil {
		return err
	}
	signature, err := m.Verifier.Verify(ctx, c.Content, cms, now)
	if err != nil {
		return err
	}
	signer := signdoc.Signer{IIN: signature.Signer.IIN, BIN: signature.Signer.BIN}
	for _, role := range signature.Signer.Roles {
		signer.Roles = append(signer.Roles, string(role))
	}
	if err := doc.AcceptSigner(signer, false); err != nil {
		return err
	}
	row := port.Challenge{Nonce: depositRow(c.Nonce), Purpose: purposeDeposit, Content: signature.CMS, Payload: map[string]string{"sent": sent}, ExpiresAt: c.ExpiresAt}
	err = m.Store.Update(ctx, func(tx port.Tx) error {
		tx.Write().Keys().AddChallenge(row)
		return nil
	})
	if !fault.Is(err, "store.challenge-exists") {
		return err
	}
	return m.repeated(ctx, c.Nonce, sent)
}

// repeated tells what a deposit means for a document that has one: nothing new, or fault.Conflict KeySigned when it was
// another. It is KeyUnknownLink where the document has none.
func (m *Mobile) repeated(ctx context.Context, nonce, sent string) error {
	before, err := m.row(ctx, depositRow(nonce), purposeDeposit)
	if err == nil && before.Payload["sent"] != sent {
		err = fault.New(fault.Conflict, KeySigned)
	}
	return err
}

// Collect gives the deposited signature of a document to the browser session that asked for the document. Faults are those
// of Waiting, and fault.Conflict KeyWaiting while nothing has come.
func (m *Mobile) Collect(ctx context.Context, session, nonce string) ([]byte, error) {
	c, err := m.Waiting(ctx, session, nonce)
	if err != nil {
		return nil, err
	}
	deposit, err := m.row(ctx, depositRow(c.Nonce), purposeDeposit)
	if fault.Is(err, KeyUnknownLink) {
		return nil, fault.New(fault.Conflict, KeyWaiting)
	}
	return deposit.Content, err
}

// follow finds a link and the document that it leads to.
func (m *Mobile) follow(ctx context.Context, token string) (link, c port.Challenge, err error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return link, c, fault.New(fault.NotFound, KeyUnknownLink)
	}
	if link, err = m.row(ctx, linkRow(token), purposeLink); err != nil {
		return link, c, err
	}
	now := m.World.Now()
	if !now.Before(link.ExpiresAt) {
		return link, c, fault.New(fault.Gone, KeyOver)
	}
	err = m.Store.View(ctx, func(v port.View) (err error) {
		c, err = v.Keys().Challenge(ctx, string(link.Content))
		return err
	})
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return link, c, fault.New(fault.Gone, KeyOver)
	case err != nil:
		return link, c, err
	case !c.UsedAt.IsZero():
		return link, c, fault.New(fault.Conflict, KeySigned)
	case !now.Before(c.ExpiresAt):
		return link, c, fault.New(fault.Gone, KeyOver)
	}
	return link, c, nil
}

// row reads a row of this package's own.
func (m *Mobile) row(ctx context.Context, name, purpose string) (port.Challenge, error) {
	var c port.Challenge
	err := m.Store.View(ctx, func(v port.View) (err error) {
		c, err = v.Keys().Challenge(ctx, name)
		return err
	})
	if err != nil && fault.KindOf(err) == fault.NotFound || err == nil && c.Purpose != purpose {
		return port.Challenge{}, fault.New(fault.NotFound, KeyUnknownLink)
	}
	return c, err
}

// linkRow names the row of a link without giving the link away.
func linkRow(token string) string { return purposeLink + ":" + digest(token) }

// depositRow names the row of a document's signature: there is one, however many links there were.
func depositRow(nonce string) string { return purposeDeposit + ":" + digest(nonce) }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// codeOf gives six digits that the page and the telephone both show, so that people notice when the telephone asks about
// another document than the one on their screen. It follows from the document and is no secret.
func codeOf(content []byte) string {
	sum := sha256.Sum256(content)
	n := (uint32(sum[0])<<16 | uint32(sum[1])<<8 | uint32(sum[2])) % 1_000_000
	return fmt.Sprintf("%03d %03d", n/1000, n%1000)
}
