SELECT nextval('bench') AS i, 'KZ19RFB' || lpad(lastval()::text, 8, '0') AS number, 'KZ19LTL' || lpad(lastval()::text, 8, '0') AS permit,
  lpad(to_hex(lastval()), 32, '0') AS nonce, 'account-' || lastval() AS account, 'party-' || lastval() AS party \gset
BEGIN;
INSERT INTO idempotency (key, actor, body, answer, at) VALUES (:nonce, :account, repeat('0', 64), :number, 1770000000000000);
UPDATE challenge SET used_at = 1770000000000000 WHERE nonce = :nonce AND used_at = 0;
INSERT INTO signature (id, application, purpose, content, content_digest, answers, cms, cms_digest, certificate, fingerprint, serial, algorithm, not_before, not_after, signer_iin, signer, revocation, rechecked_at, at)
  VALUES ('s' || :nonce, :number, 'application', :content::bytea, :nonce, :signed::bytea, :cms::bytea, :nonce, :certificate::bytea, repeat('f', 64), '', 'RSA-SHA256', 0, 0, '880101000001', :signer, 'good', 0, 1770000000000000);
INSERT INTO signature_evidence (signature, kind, digest, der, at) VALUES ('s' || :nonce, 'list', repeat('0', 64), decode(repeat('ab', 32), 'hex'), 1770000000000000);
INSERT INTO application_event (id, application, event, from_state, to_state, actor, at, dispatched_at) VALUES ('a' || :nonce, :number, 'sent', 'draft', 'in_progress', :account, 1770000000000000, 0);
INSERT INTO audit (id, canonical, digest) VALUES ('a' || :nonce, :sent::bytea, repeat('0', 64));
INSERT INTO permit (number, second_number, check_code, application, service, revision, subtype, body, party, holder_name, holder_number, valid_from, valid_to, issued_at, fields, version)
  VALUES (:permit, '201KZ26001000001', repeat('0', 32), :number, 'trade-licence', 1, 'import', 'mti', :party, 'Үлгі', '000000000000', '2026-12-01', '2026-12-31', 1770000000000000, :fields, 1);
INSERT INTO application_event (id, application, event, from_state, to_state, actor, at, dispatched_at) VALUES ('b' || :nonce, :number, 'granted', 'in_progress', 'issued', 'system', 1770000000000000, 0);
INSERT INTO audit (id, canonical, digest) VALUES ('b' || :nonce, :granted::bytea, repeat('0', 64));
UPDATE application SET state = 'issued', answers = :answers, changed_at = 1770000000000000, sent_at = 1770000000000000, registered_at = 1770000000000000, decided_at = 1770000000000000, journal = :i, decision = :decision, permit = :permit, version = 2 WHERE number = :number AND version = 1;
COMMIT;
