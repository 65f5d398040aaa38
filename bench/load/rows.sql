-- Rows that pgbench changes: :n applicants, each with an account, a draft with answers, and a prepared document.
CREATE SEQUENCE bench MINVALUE 0;
INSERT INTO party (id, kind, number, name, surname, given_name, patronymic, profile, version, created_at)
  SELECT 'party-' || i, 'organisation', lpad(i::text, 12, '0'), 'Үлгі ' || i, '', '', '', '{}', 1, 0 FROM generate_series(0, :n) i;
INSERT INTO account (id, party, iin, surname, given_name, patronymic, email, phone, lang, password, version, created_at)
  SELECT 'account-' || i, 'party-' || i, lpad(i::text, 12, '0'), 'Үлгібаев', 'Ерлан', '', 'sample@example.kz', '', 'kk', 'x', 1, 0 FROM generate_series(0, :n) i;
INSERT INTO application (number, service, revision, operation, subtype, body, party, account, state, version, answers, sources, created_at, changed_at, sent_at, registered_at, decided_at, journal, decision, permit)
  SELECT 'KZ19RFB' || lpad(i::text, 8, '0'), 'trade-licence', 1, 'issue', 'import', 'mti', 'party-' || i, 'account-' || i, 'draft', 1, :'answers', :'sources', i, 0, 0, 0, 0, 0, '', '' FROM generate_series(0, :n) i;
INSERT INTO challenge (nonce, purpose, content, session, account, application, version, payload, expires_at, used_at)
  SELECT lpad(to_hex(i), 32, '0'), 'application', :'content'::bytea, lpad('', 32, '0'), 'account-' || i, 'KZ19RFB' || lpad(i::text, 8, '0'), 1, '{}', 9999999999999999, 0 FROM generate_series(0, :n) i;
VACUUM ANALYZE;
