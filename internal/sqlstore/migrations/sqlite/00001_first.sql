-- The first schema. Times are microseconds UTC (0 = has not happened), days are ISO text ('' = open), JSON is text.
-- Every table is STRICT, so that a value of the wrong type is refused here as PostgreSQL refuses it.

-- +goose Up
CREATE TABLE party (
    id         TEXT NOT NULL CONSTRAINT party_pkey PRIMARY KEY,
    kind       TEXT NOT NULL,
    number     TEXT NOT NULL,
    name       TEXT NOT NULL,
    surname    TEXT NOT NULL,
    given_name TEXT NOT NULL,
    patronymic TEXT NOT NULL,
    profile    TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT party_number UNIQUE (number)
) STRICT;

CREATE TABLE account (
    id         TEXT NOT NULL CONSTRAINT account_pkey PRIMARY KEY,
    party      TEXT NOT NULL REFERENCES party (id),
    iin        TEXT NOT NULL,
    surname    TEXT NOT NULL,
    given_name TEXT NOT NULL,
    patronymic TEXT NOT NULL,
    email      TEXT NOT NULL,
    phone      TEXT NOT NULL,
    lang       TEXT NOT NULL,
    password   TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT account_person UNIQUE (party, iin)
) STRICT;

CREATE TABLE login_attempt (
    key        TEXT NOT NULL CONSTRAINT login_attempt_pkey PRIMARY KEY,
    started_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL
) STRICT;

-- No foreign keys: a challenge exists before the account or after the session.
CREATE TABLE challenge (
    nonce       TEXT NOT NULL CONSTRAINT challenge_pkey PRIMARY KEY,
    purpose     TEXT NOT NULL,
    content     BLOB NOT NULL,
    session     TEXT NOT NULL,
    account     TEXT NOT NULL,
    application TEXT NOT NULL,
    version     INTEGER NOT NULL,
    payload     TEXT NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX challenge_expiry ON challenge (expires_at) WHERE used_at = 0;

CREATE TABLE session (
    token      TEXT NOT NULL CONSTRAINT session_pkey PRIMARY KEY,
    data       BLOB NOT NULL,
    account    TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account) WHERE account <> '';
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE service_revision (
    service      TEXT NOT NULL,
    number       INTEGER NOT NULL,
    digest       TEXT NOT NULL,
    source       TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT NOT NULL,
    CONSTRAINT service_revision_pkey PRIMARY KEY (service, number)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER service_revision_update BEFORE UPDATE ON service_revision
BEGIN SELECT RAISE(ABORT, 'service_revision is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER service_revision_delete BEFORE DELETE ON service_revision
BEGIN SELECT RAISE(ABORT, 'service_revision is immutable'); END;
-- +goose StatementEnd

CREATE TABLE directory_row (
    directory  TEXT NOT NULL,
    code       TEXT NOT NULL,
    variant    TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL,
    name_kk    TEXT NOT NULL,
    name_ru    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    fields     TEXT NOT NULL,
    CONSTRAINT directory_row_pkey PRIMARY KEY (directory, code, variant, valid_from)
) STRICT;

CREATE TABLE directory_stamp (
    directory TEXT NOT NULL CONSTRAINT directory_stamp_pkey PRIMARY KEY,
    stamp     INTEGER NOT NULL
) STRICT;

-- No foreign key to service_revision: its rows can neither change nor go away, and a lock on one hot parent row for every
-- application would cost more than it proves.
CREATE TABLE application (
    number        TEXT NOT NULL CONSTRAINT application_pkey PRIMARY KEY,
    service       TEXT NOT NULL,
    revision      INTEGER NOT NULL,
    operation     TEXT NOT NULL,
    subtype       TEXT NOT NULL,
    body          TEXT NOT NULL,
    party         TEXT NOT NULL REFERENCES party (id),
    account       TEXT NOT NULL REFERENCES account (id),
    state         TEXT NOT NULL,
    version       INTEGER NOT NULL,
    answers       TEXT NOT NULL,
    sources       TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    sent_at       INTEGER NOT NULL,
    registered_at INTEGER NOT NULL,
    decided_at    INTEGER NOT NULL,
    journal       INTEGER NOT NULL,
    decision      TEXT NOT NULL,
    permit        TEXT NOT NULL
) STRICT;
-- One draft per applicant, service and state body.
CREATE UNIQUE INDEX application_open ON application (party, service, body) WHERE state IN ('draft', 'signing');
CREATE INDEX application_list ON application (party, created_at, number);
CREATE INDEX application_signing ON application (changed_at, number) WHERE state = 'signing';

CREATE TABLE document (
    id         TEXT NOT NULL CONSTRAINT document_pkey PRIMARY KEY,
    party      TEXT NOT NULL REFERENCES party (id),
    name       TEXT NOT NULL,
    file       TEXT NOT NULL,
    type       TEXT NOT NULL,
    digest     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX document_list ON document (party, created_at, id);

CREATE TABLE attachment (
    application TEXT NOT NULL REFERENCES application (number),
    key         TEXT NOT NULL,
    document    TEXT NOT NULL REFERENCES document (id),
    name        TEXT NOT NULL,
    file        TEXT NOT NULL,
    digest      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    CONSTRAINT attachment_pkey PRIMARY KEY (application, key)
) STRICT;

-- The outbox: dispatched_at = 0 until a job was made of the event.
CREATE TABLE application_event (
    id            TEXT NOT NULL CONSTRAINT application_event_pkey PRIMARY KEY,
    application   TEXT NOT NULL REFERENCES application (number),
    event         TEXT NOT NULL,
    from_state    TEXT NOT NULL,
    to_state      TEXT NOT NULL,
    actor         TEXT NOT NULL,
    at            INTEGER NOT NULL,
    dispatched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX application_event_timeline ON application_event (application, at, id);
CREATE INDEX application_event_outbox ON application_event (at, id) WHERE dispatched_at = 0;

-- application is NULL for what is signed before there is one (registration, recovery).
CREATE TABLE signature (
    id             TEXT NOT NULL CONSTRAINT signature_pkey PRIMARY KEY,
    application    TEXT REFERENCES application (number),
    purpose        TEXT NOT NULL,
    content        BLOB NOT NULL,
    content_digest TEXT NOT NULL,
    answers        BLOB NOT NULL,
    cms            BLOB NOT NULL,
    cms_digest     TEXT NOT NULL,
    certificate    BLOB NOT NULL,
    fingerprint    TEXT NOT NULL,
    serial         TEXT NOT NULL,
    algorithm      TEXT NOT NULL,
    not_before     INTEGER NOT NULL,
    not_after      INTEGER NOT NULL,
    signer_iin     TEXT NOT NULL,
    signer         TEXT NOT NULL,
    revocation     TEXT NOT NULL,
    rechecked_at   INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    CONSTRAINT signature_once UNIQUE (content_digest, signer_iin, purpose)
) STRICT;
CREATE INDEX signature_list ON signature (application, at, id);

CREATE TABLE invoice (
    id          TEXT NOT NULL CONSTRAINT invoice_pkey PRIMARY KEY,
    application TEXT NOT NULL REFERENCES application (number),
    party       TEXT NOT NULL REFERENCES party (id),
    amount      INTEGER NOT NULL CHECK (amount >= 0),
    purpose     TEXT NOT NULL,
    state       TEXT NOT NULL,
    paid_at     INTEGER NOT NULL,
    receipt     TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invoice_living ON invoice (application) WHERE state <> 'void';

CREATE TABLE payment_notice (
    id       TEXT NOT NULL CONSTRAINT payment_notice_pkey PRIMARY KEY,
    invoice  TEXT NOT NULL REFERENCES invoice (id),
    outcome  TEXT NOT NULL,
    amount   INTEGER NOT NULL,
    currency TEXT NOT NULL,
    receipt  TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT;

-- A total may be lowered under what was granted already, so only the statement that grants compares the two.
CREATE TABLE quota (
    id      TEXT NOT NULL CONSTRAINT quota_pkey PRIMARY KEY,
    unit    TEXT NOT NULL,
    total   INTEGER NOT NULL CHECK (total >= 0),
    granted INTEGER NOT NULL CHECK (granted >= 0)
) STRICT;

CREATE TABLE quota_entry (
    quota       TEXT NOT NULL REFERENCES quota (id),
    application TEXT NOT NULL REFERENCES application (number),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    CONSTRAINT quota_entry_pkey PRIMARY KEY (quota, application)
) STRICT;

CREATE TABLE permit (
    number        TEXT NOT NULL CONSTRAINT permit_pkey PRIMARY KEY,
    second_number TEXT NOT NULL,
    check_code    TEXT NOT NULL,
    application   TEXT NOT NULL REFERENCES application (number),
    service       TEXT NOT NULL,
    revision      INTEGER NOT NULL,
    subtype       TEXT NOT NULL,
    body          TEXT NOT NULL,
    party         TEXT NOT NULL REFERENCES party (id),
    holder_name   TEXT NOT NULL,
    holder_number TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    valid_to      TEXT NOT NULL,
    issued_at     INTEGER NOT NULL,
    fields        TEXT NOT NULL,
    version       INTEGER NOT NULL,
    CONSTRAINT permit_application UNIQUE (application)
) STRICT;
CREATE INDEX permit_list ON permit (party, issued_at, number);

CREATE TABLE permit_file (
    permit  TEXT NOT NULL REFERENCES permit (number),
    lang    TEXT NOT NULL,
    digest  TEXT NOT NULL,
    size    INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    CONSTRAINT permit_file_pkey PRIMARY KEY (permit, lang)
) STRICT;
CREATE INDEX permit_file_digest ON permit_file (digest);

CREATE TABLE audit (
    id        TEXT NOT NULL CONSTRAINT audit_pkey PRIMARY KEY,
    canonical BLOB NOT NULL,
    digest    TEXT NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is immutable'); END;
-- +goose StatementEnd

CREATE TABLE idempotency (
    actor  TEXT NOT NULL,
    key    TEXT NOT NULL,
    body   TEXT NOT NULL,
    answer TEXT NOT NULL,
    at     INTEGER NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (actor, key)
) STRICT;

CREATE TABLE number_block (
    code        TEXT NOT NULL CONSTRAINT number_block_pkey PRIMARY KEY,
    next_number INTEGER NOT NULL
) STRICT;

CREATE TABLE number_lease (
    code          TEXT NOT NULL,
    first_number  INTEGER NOT NULL,
    last_number   INTEGER NOT NULL,
    node          TEXT NOT NULL,
    at            INTEGER NOT NULL,
    returned_from INTEGER NOT NULL,
    CONSTRAINT number_lease_pkey PRIMARY KEY (code, first_number),
    CONSTRAINT number_lease_order CHECK (last_number >= first_number)
) STRICT;

CREATE TABLE tombstone (
    number TEXT NOT NULL CONSTRAINT tombstone_pkey PRIMARY KEY,
    cause  TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
