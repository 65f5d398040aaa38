package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"elicense/internal/fault"
	"elicense/internal/port"
)

// storedSigner is port.Signer as JSON; the names are part of the stored form and stay when the Go fields are renamed.
type storedSigner struct {
	IIN          string            `json:"iin"`
	BIN          string            `json:"bin,omitempty"`
	Surname      string            `json:"surname"`
	GivenName    string            `json:"given_name"`
	Patronymic   string            `json:"patronymic,omitempty"`
	Organisation string            `json:"organisation,omitempty"`
	Email        string            `json:"email,omitempty"`
	Roles        []port.SignerRole `json:"roles"`
}

func scanSignature(r rows, s *port.StoredSignature) error {
	g := &s.Signature
	var signer storedSigner
	err := scan(r, &s.ID, &s.Application, &s.Purpose, &s.Content, &s.Answers, &g.CMS, &g.Digest, &g.Certificate, &g.Fingerprint, &g.Serial,
		&g.Algorithm, &g.NotBefore, &g.NotAfter, fromJSON(&signer), &g.Revocation, &g.At)
	g.Signer = port.Signer(signer)
	return err
}

func (v applications) Signatures(ctx context.Context, number string) ([]port.StoredSignature, error) {
	return list(ctx, v.db, scanSignature, `SELECT id, COALESCE(application, ''), purpose, content, answers, cms, cms_digest, certificate, fingerprint, serial,
			algorithm, not_before, not_after, signer, revocation, at
		FROM signature WHERE application = $1 ORDER BY at, id`, number)
}

func (w applicationWrites) Sign(s port.StoredSignature) {
	g := s.Signature
	digest := sha256.Sum256(s.Content)
	w.u.add(`INSERT INTO signature (id, application, purpose, content, content_digest, answers, cms, cms_digest, certificate, fingerprint, serial,
			algorithm, not_before, not_after, signer_iin, signer, revocation, rechecked_at, at)
		VALUES ($1, NULLIF($2, ''), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, $18)`,
		s.ID, s.Application, s.Purpose, s.Content, hex.EncodeToString(digest[:]), s.Answers, g.CMS, g.Digest, g.Certificate, g.Fingerprint, g.Serial,
		g.Algorithm, g.NotBefore, g.NotAfter, g.Signer.IIN, jsonText(storedSigner(g.Signer)), g.Revocation, g.At)
}

func (w applicationWrites) SetRevocation(id string, r port.Revocation, at time.Time) {
	w.u.guarded(fault.New(fault.NotFound, "store.not-found"),
		`UPDATE signature SET revocation = $2, rechecked_at = $3 WHERE id = $1`, id, r, at)
}
