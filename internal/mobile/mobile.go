// Package mobile is how a document that waits in a browser is signed on a telephone, by eGov Mobile or eGov Business. The
// telephone follows a one-time link, is told what is to be signed, and deposits the signature. It comes no further: what
// the signature brings about happens in the browser session that asked, by the same use case as with every other way.
//
// The link is the telephone's only right, so it is unguessable, short-lived, and kept as its SHA-256 only. It leads to one
// document, or to those of one purpose that are signed together. A signature is judged before it is taken, so a telephone
// learns at once that it was the wrong key, and a stranger who saw the link can deposit nothing: only documents that name their
// signer are offered (Offers).
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
	"strings"
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
	KeyMalformed   = "mobile.malformed"    // fault.Invalid: not one signature for each document
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

// Most is how many documents a link leads to at most.
const Most = 6

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
	Documents []Document
	Lang      lang.Lang
	Code      string
	ExpiresAt time.Time
}

// Document is one of the documents that are signed together.
type Document struct {
	Stated  signdoc.Document
	Content []byte // the exact bytes
}

// Asked gives the documents that wait in this browser session, in the order of their nonces. Faults are those of Waiting;
// documents that a telephone may not sign, more than Most or of several purposes are fault.NotFound.
func (m *Mobile) Asked(ctx context.Context, session string, nonces []string) ([]port.Challenge, error) {
	if len(nonces) == 0 || len(nonces) > Most {
		return nil, fault.New(fault.NotFound, "fault.not-found")
	}
	asked := make([]port.Challenge, len(nonces))
	for i, nonce := range nonces {
		c, err := m.Waiting(ctx, session, nonce)
		if err != nil {
			return nil, err
		}
		asked[i] = c
		if !Offers(signdoc.Purpose(c.Purpose)) || c.Purpose != asked[0].Purpose {
			return nil, fault.New(fault.NotFound, "fault.not-found")
		}
	}
	return asked, nil
}

// Open makes a link to documents that wait in this browser session. Faults are those of Asked. A document may have
// several links, since a page is loaded more than once; it takes one signature.
func (m *Mobile) Open(ctx context.Context, session string, nonces []string, l lang.Lang) (Link, error) {
	asked, err := m.Asked(ctx, session, nonces)
	if err != nil {
		return Link{}, err
	}
	link := Link{Token: base64.RawURLEncoding.EncodeToString(m.World.Random(tokenSize)), Code: codeOf(asked), ExpiresAt: m.World.Now().Add(Life)}
	for _, c := range asked {
		if c.ExpiresAt.Before(link.ExpiresAt) {
			link.ExpiresAt = c.ExpiresAt
		}
	}
	row := port.Challenge{Nonce: linkRow(link.Token), Purpose: purposeLink, Content: []byte(strings.Join(nonces, "\n")), Payload: map[string]string{"lang": string(l)}, ExpiresAt: link.ExpiresAt}
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
	link, asked, err := m.follow(ctx, token)
	if err != nil {
		return Offer{}, err
	}
	documents := make([]Document, len(asked))
	for i, c := range asked {
		doc, err := signdoc.Parse(c.Content)
		if err != nil {
			return Offer{}, err
		}
		documents[i] = Document{doc, c.Content}
	}
	l, ok := lang.Parse(link.Payload["lang"])
	if !ok {
		l = lang.KK
	}
	return Offer{Documents: documents, Lang: l, Code: codeOf(asked), ExpiresAt: link.ExpiresAt}, nil
}

// Deposit takes the signatures that the holder of a link made, one for each document in their order; all are taken or none. They
// are judged as every signature is, against the stored bytes; what is wrong with one comes as the fault of the Verifier or of
// signdoc, another number of them is KeyMalformed. The same signatures sent again are taken again, others are fault.Conflict
// KeySigned. An unknown revocation is for the act in the browser to judge.
func (m *Mobile) Deposit(ctx context.Context, token string, signatures [][]byte) error {
	_, asked, err := m.follow(ctx, token)
	if err != nil {
		return err
	}
	if len(signatures) != len(asked) {
		return fault.New(fault.Invalid, KeyMalformed)
	}
	sent := make([]string, len(signatures))
	for i, cms := range signatures {
		sum := sha256.Sum256(cms)
		sent[i] = hex.EncodeToString(sum[:])
	}
	// A repetition is answered from what it is, before anything is verified or stamped again.
	if err := m.repeated(ctx, asked, sent); !fault.Is(err, KeyUnknownLink) {
		return err
	}
	rows := make([]port.Challenge, len(asked))
	for i, c := range asked {
		cms, err := m.judge(ctx, c, signatures[i])
		if err != nil {
			return err
		}
		rows[i] = port.Challenge{Nonce: depositRow(c.Nonce), Purpose: purposeDeposit, Content: cms, Payload: map[string]string{"sent": sent[i]}, ExpiresAt: c.ExpiresAt}
	}
	err = m.Store.Update(ctx, func(tx port.Tx) error {
		for _, row := range rows {
			tx.Write().Keys().AddChallenge(row)
		}
		return nil
	})
	if !fault.Is(err, "store.challenge-exists") {
		return err
	}
	return m.repeated(ctx, asked, sent)
}

// judge holds the signature of a document against its stored bytes; gives the signature as it is to be kept.
func (m *Mobile) judge(ctx context.Context, c port.Challenge, cms []byte) ([]byte, error) {
	doc, err := signdoc.Parse(c.Content)
	if err != nil {
		return nil, err
	}
	now, origin := m.World.Now(), m.Origin
	if ofOfficials(signdoc.Purpose(c.Purpose)) {
		origin = m.OfficeOrigin
	}
	if err := doc.Accept(signdoc.Expect{Purpose: signdoc.Purpose(c.Purpose), Origin: origin, Environment: m.Environment, At: now}); err != nil {
		return nil, err
	}
	signature, err := m.Verifier.Verify(ctx, c.Content, cms, now)
	if err != nil {
		return nil, err
	}
	signer := signdoc.Signer{IIN: signature.Signer.IIN, BIN: signature.Signer.BIN}
	for _, role := range signature.Signer.Roles {
		signer.Roles = append(signer.Roles, string(role))
	}
	return signature.CMS, doc.AcceptSigner(signer, false)
}

// repeated tells what a deposit means for documents that have one: nothing new, or fault.Conflict KeySigned when it was
// another. It is KeyUnknownLink where none of them has one.
func (m *Mobile) repeated(ctx context.Context, asked []port.Challenge, sent []string) error {
	var found, same int
	for i, c := range asked {
		before, err := m.row(ctx, depositRow(c.Nonce), purposeDeposit)
		switch {
		case fault.Is(err, KeyUnknownLink):
			continue
		case err != nil:
			return err
		case before.Payload["sent"] == sent[i]:
			same++
		}
		found++
	}
	switch {
	case found == 0:
		return fault.New(fault.NotFound, KeyUnknownLink)
	case same < len(asked):
		return fault.New(fault.Conflict, KeySigned)
	}
	return nil
}

// Collect gives the deposited signatures of documents to the browser session that asked for them. Faults are those
// of Asked, and fault.Conflict KeyWaiting while nothing has come.
func (m *Mobile) Collect(ctx context.Context, session string, nonces []string) ([][]byte, error) {
	asked, err := m.Asked(ctx, session, nonces)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(asked))
	for i, c := range asked {
		deposit, err := m.row(ctx, depositRow(c.Nonce), purposeDeposit)
		if fault.Is(err, KeyUnknownLink) {
			return nil, fault.New(fault.Conflict, KeyWaiting)
		}
		if err != nil {
			return nil, err
		}
		all[i] = deposit.Content
	}
	return all, nil
}

// follow finds a link and the documents that it leads to.
func (m *Mobile) follow(ctx context.Context, token string) (link port.Challenge, asked []port.Challenge, err error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return link, nil, fault.New(fault.NotFound, KeyUnknownLink)
	}
	if link, err = m.row(ctx, linkRow(token), purposeLink); err != nil {
		return link, nil, err
	}
	now := m.World.Now()
	if !now.Before(link.ExpiresAt) {
		return link, nil, fault.New(fault.Gone, KeyOver)
	}
	for nonce := range strings.SplitSeq(string(link.Content), "\n") {
		var c port.Challenge
		err = m.Store.View(ctx, func(v port.View) (err error) {
			c, err = v.Keys().Challenge(ctx, nonce)
			return err
		})
		switch {
		case err != nil && fault.KindOf(err) == fault.NotFound:
			return link, nil, fault.New(fault.Gone, KeyOver)
		case err != nil:
			return link, nil, err
		case !c.UsedAt.IsZero():
			return link, nil, fault.New(fault.Conflict, KeySigned)
		case !now.Before(c.ExpiresAt):
			return link, nil, fault.New(fault.Gone, KeyOver)
		}
		asked = append(asked, c)
	}
	return link, asked, nil
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
// another document than the one on their screen. It follows from the documents and is no secret.
func codeOf(asked []port.Challenge) string {
	var all []byte
	for _, c := range asked {
		all = append(all, c.Content...)
	}
	sum := sha256.Sum256(all)
	n := (uint32(sum[0])<<16 | uint32(sum[1])<<8 | uint32(sum[2])) % 1_000_000
	return fmt.Sprintf("%03d %03d", n/1000, n%1000)
}
