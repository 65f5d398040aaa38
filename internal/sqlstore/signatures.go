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
	var unstamped int64
	err := scan(r, &s.ID, &s.Application, &s.Purpose, &s.Content, &s.Answers, &g.CMS, &g.Digest, &g.Certificate, &g.Fingerprint, &g.Serial,
		&g.Algorithm, &g.NotBefore, &g.NotAfter, fromJSON(&signer), &g.Revocation, &g.At, &unstamped)
	g.Signer, g.Unstamped = port.Signer(signer), unstamped != 0
	return err
}

// storedEvidence is a piece of evidence with the id of its signature.
type storedEvidence struct {
	signature string
	port.Evidence
}

func scanEvidence(r rows, e *storedEvidence) error {
	return scan(r, &e.signature, &e.Kind, &e.DER, &e.At)
}

func (v applications) Signatures(ctx context.Context, number string) ([]port.StoredSignature, error) {
	all, err := list(ctx, v.db, scanSignature, `SELECT s.id, COALESCE(s.application, ''), s.purpose, s.content, s.answers, s.cms, s.cms_digest, s.certificate, s.fingerprint, s.serial,
			s.algorithm, s.not_before, s.not_after, s.signer, s.revocation, s.at, CASE WHEN u.signature IS NULL THEN 0 ELSE 1 END
		FROM signature s LEFT JOIN signature_unstamped u ON u.signature = s.id
		WHERE s.application = $1 ORDER BY s.at, s.id`, number)
	if err != nil || len(all) == 0 {
		return all, err
	}
	evidence, err := list(ctx, v.db, scanEvidence, `SELECT e.signature, e.kind, e.der, e.at
		FROM signature s JOIN signature_evidence e ON e.signature = s.id
		WHERE s.application = $1 ORDER BY e.at, e.kind, e.digest`, number)
	for _, e := range evidence {
		for i := range all {
			if all[i].ID == e.signature {
				all[i].Signature.Evidence = append(all[i].Signature.Evidence, e.Evidence)
			}
		}
	}
	return all, err
}

func (v applications) Consulted(ctx context.Context) ([]port.Evidence, error) {
	return list(ctx, v.db, func(r rows, e *port.Evidence) error { return scan(r, &e.Kind, &e.DER, &e.At) },
		`SELECT kind, der, MIN(at) FROM signature_evidence WHERE kind = $1 GROUP BY kind, der ORDER BY MIN(at), der`, port.EvidenceList)
}

func (v applications) Unstamped(ctx context.Context, after string, limit int) ([]port.Unstamped, error) {
	return list(ctx, v.db, func(r rows, u *port.Unstamped) error { return scan(r, &u.Signature, &u.CMS) },
		`SELECT s.id, s.cms FROM signature_unstamped u JOIN signature s ON s.id = u.signature WHERE u.signature > $1 ORDER BY u.signature LIMIT $2`, after, limit)
}

func (w applicationWrites) Sign(s port.StoredSignature) {
	g := s.Signature
	w.u.add(`INSERT INTO signature (id, application, purpose, content, content_digest, answers, cms, cms_digest, certificate, fingerprint, serial,
			algorithm, not_before, not_after, signer_iin, signer, revocation, rechecked_at, at)
		VALUES ($1, NULLIF($2, ''), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, $18)`,
		s.ID, s.Application, s.Purpose, s.Content, digestOf(s.Content), s.Answers, g.CMS, g.Digest, g.Certificate, g.Fingerprint, g.Serial,
		g.Algorithm, g.NotBefore, g.NotAfter, g.Signer.IIN, jsonText(storedSigner(g.Signer)), g.Revocation, g.At)
	for _, e := range g.Evidence {
		w.u.add(`INSERT INTO signature_evidence (signature, kind, digest, der, at) VALUES ($1, $2, $3, $4, $5)`, s.ID, e.Kind, digestOf(e.DER), e.DER, e.At)
	}
	if g.Unstamped {
		w.u.add(`INSERT INTO signature_unstamped (signature) VALUES ($1)`, s.ID)
	}
}

func (w applicationWrites) AddEvidence(signature string, e port.Evidence) {
	w.u.add(`INSERT INTO signature_evidence (signature, kind, digest, der, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (signature, kind, digest) DO NOTHING`,
		signature, e.Kind, digestOf(e.DER), e.DER, e.At)
	if e.Kind == port.EvidenceTimestamp {
		w.u.add(`DELETE FROM signature_unstamped WHERE signature = $1`, signature)
	}
}

// digestOf is the SHA-256, in hex, by which stored bytes are told apart.
func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (w applicationWrites) SetRevocation(id string, r port.Revocation, at time.Time) {
	w.u.guarded(fault.New(fault.NotFound, "store.not-found"),
		`UPDATE signature SET revocation = $2, rechecked_at = $3 WHERE id = $1`, id, r, at)
}
