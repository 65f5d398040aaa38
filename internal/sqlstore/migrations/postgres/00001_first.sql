-- The first schema. Times are microseconds UTC (0 = has not happened), days are ISO text ('' = open), JSON is text.
-- Text is compared byte by byte (COLLATE "C"), as SQLite compares it, whatever the locale of the database.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END;
$$;
-- +goose StatementEnd

CREATE TABLE party (
    id         TEXT COLLATE "C" NOT NULL CONSTRAINT party_pkey PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,
    number     TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    surname    TEXT COLLATE "C" NOT NULL,
    given_name TEXT COLLATE "C" NOT NULL,
    patronymic TEXT COLLATE "C" NOT NULL,
    profile    TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT party_number UNIQUE (number)
);

CREATE TABLE account (
    id         TEXT COLLATE "C" NOT NULL CONSTRAINT account_pkey PRIMARY KEY,
    party      TEXT COLLATE "C" NOT NULL REFERENCES party (id),
    iin        TEXT COLLATE "C" NOT NULL,
    surname    TEXT COLLATE "C" NOT NULL,
    given_name TEXT COLLATE "C" NOT NULL,
    patronymic TEXT COLLATE "C" NOT NULL,
    email      TEXT COLLATE "C" NOT NULL,
    phone      TEXT COLLATE "C" NOT NULL,
    lang       TEXT COLLATE "C" NOT NULL,
    password   TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT account_person UNIQUE (party, iin)
);

CREATE TABLE login_attempt (
    key        TEXT COLLATE "C" NOT NULL CONSTRAINT login_attempt_pkey PRIMARY KEY,
    started_at BIGINT NOT NULL,
    attempts   BIGINT NOT NULL
);

-- No foreign keys: a challenge exists before the account or after the session.
CREATE TABLE challenge (
    nonce       TEXT COLLATE "C" NOT NULL CONSTRAINT challenge_pkey PRIMARY KEY,
    purpose     TEXT COLLATE "C" NOT NULL,
    content     BYTEA NOT NULL,
    session     TEXT COLLATE "C" NOT NULL,
    account     TEXT COLLATE "C" NOT NULL,
    application TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    payload     TEXT COLLATE "C" NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT NOT NULL
);
CREATE INDEX challenge_expiry ON challenge (expires_at) WHERE used_at = 0;

CREATE TABLE session (
    token      TEXT COLLATE "C" NOT NULL CONSTRAINT session_pkey PRIMARY KEY,
    data       BYTEA NOT NULL,
    account    TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account) WHERE account <> '';
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE service_revision (
    service      TEXT COLLATE "C" NOT NULL,
    number       BIGINT NOT NULL,
    digest       TEXT COLLATE "C" NOT NULL,
    source       TEXT COLLATE "C" NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT COLLATE "C" NOT NULL,
    CONSTRAINT service_revision_pkey PRIMARY KEY (service, number)
);

CREATE TRIGGER service_revision_update BEFORE UPDATE ON service_revision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_revision_truncate BEFORE TRUNCATE ON service_revision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_revision_delete BEFORE DELETE ON service_revision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE directory_row (
    directory  TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    variant    TEXT COLLATE "C" NOT NULL,
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_to   TEXT COLLATE "C" NOT NULL,
    name_kk    TEXT COLLATE "C" NOT NULL,
    name_ru    TEXT COLLATE "C" NOT NULL,
    name_en    TEXT COLLATE "C" NOT NULL,
    fields     TEXT COLLATE "C" NOT NULL,
    CONSTRAINT directory_row_pkey PRIMARY KEY (directory, code, variant, valid_from)
);

CREATE TABLE directory_stamp (
    directory TEXT COLLATE "C" NOT NULL CONSTRAINT directory_stamp_pkey PRIMARY KEY,
    stamp     BIGINT NOT NULL
);

-- No foreign key to service_revision: its rows can neither change nor go away, and a lock on one hot parent row for every
-- application would cost more than it proves.
CREATE TABLE application (
    number        TEXT COLLATE "C" NOT NULL CONSTRAINT application_pkey PRIMARY KEY,
    service       TEXT COLLATE "C" NOT NULL,
    revision      BIGINT NOT NULL,
    operation     TEXT COLLATE "C" NOT NULL,
    subtype       TEXT COLLATE "C" NOT NULL,
    body          TEXT COLLATE "C" NOT NULL,
    party         TEXT COLLATE "C" NOT NULL REFERENCES party (id),
    account       TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    state         TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    answers       TEXT COLLATE "C" NOT NULL,
    sources       TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    sent_at       BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    decided_at    BIGINT NOT NULL,
    journal       BIGINT NOT NULL,
    decision      TEXT COLLATE "C" NOT NULL,
    permit        TEXT COLLATE "C" NOT NULL
);
-- One draft per applicant, service and state body.
CREATE UNIQUE INDEX application_open ON application (party, service, body) WHERE state IN ('draft', 'signing');
CREATE INDEX application_list ON application (party, created_at, number);
CREATE INDEX application_signing ON application (changed_at, number) WHERE state = 'signing';

CREATE TABLE document (
    id         TEXT COLLATE "C" NOT NULL CONSTRAINT document_pkey PRIMARY KEY,
    party      TEXT COLLATE "C" NOT NULL REFERENCES party (id),
    name       TEXT COLLATE "C" NOT NULL,
    file       TEXT COLLATE "C" NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    digest     TEXT COLLATE "C" NOT NULL,
    size       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL
);
CREATE INDEX document_list ON document (party, created_at, id);

CREATE TABLE attachment (
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    key         TEXT COLLATE "C" NOT NULL,
    document    TEXT COLLATE "C" NOT NULL REFERENCES document (id),
    name        TEXT COLLATE "C" NOT NULL,
    file        TEXT COLLATE "C" NOT NULL,
    digest      TEXT COLLATE "C" NOT NULL,
    size        BIGINT NOT NULL,
    CONSTRAINT attachment_pkey PRIMARY KEY (application, key)
);

-- The outbox: dispatched_at = 0 until a job was made of the event.
CREATE TABLE application_event (
    id            TEXT COLLATE "C" NOT NULL CONSTRAINT application_event_pkey PRIMARY KEY,
    application   TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    event         TEXT COLLATE "C" NOT NULL,
    from_state    TEXT COLLATE "C" NOT NULL,
    to_state      TEXT COLLATE "C" NOT NULL,
    actor         TEXT COLLATE "C" NOT NULL,
    at            BIGINT NOT NULL,
    dispatched_at BIGINT NOT NULL
);
CREATE INDEX application_event_timeline ON application_event (application, at, id);
CREATE INDEX application_event_outbox ON application_event (at, id) WHERE dispatched_at = 0;

-- application is NULL for what is signed before there is one (registration, recovery).
CREATE TABLE signature (
    id             TEXT COLLATE "C" NOT NULL CONSTRAINT signature_pkey PRIMARY KEY,
    application    TEXT COLLATE "C" REFERENCES application (number),
    purpose        TEXT COLLATE "C" NOT NULL,
    content        BYTEA NOT NULL,
    content_digest TEXT COLLATE "C" NOT NULL,
    answers        BYTEA NOT NULL,
    cms            BYTEA NOT NULL,
    cms_digest     TEXT COLLATE "C" NOT NULL,
    certificate    BYTEA NOT NULL,
    fingerprint    TEXT COLLATE "C" NOT NULL,
    serial         TEXT COLLATE "C" NOT NULL,
    algorithm      TEXT COLLATE "C" NOT NULL,
    not_before     BIGINT NOT NULL,
    not_after      BIGINT NOT NULL,
    signer_iin     TEXT COLLATE "C" NOT NULL,
    signer         TEXT COLLATE "C" NOT NULL,
    revocation     TEXT COLLATE "C" NOT NULL,
    rechecked_at   BIGINT NOT NULL,
    at             BIGINT NOT NULL,
    CONSTRAINT signature_once UNIQUE (content_digest, signer_iin, purpose)
);
CREATE INDEX signature_list ON signature (application, at, id);
-- A message with its certificate does not compress; trying to costs more than all else of the row.
ALTER TABLE signature SET (toast_tuple_target = 8160);

CREATE TABLE invoice (
    id          TEXT COLLATE "C" NOT NULL CONSTRAINT invoice_pkey PRIMARY KEY,
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    party       TEXT COLLATE "C" NOT NULL REFERENCES party (id),
    amount      BIGINT NOT NULL CHECK (amount >= 0),
    purpose     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    paid_at     BIGINT NOT NULL,
    receipt     TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX invoice_living ON invoice (application) WHERE state <> 'void';

CREATE TABLE payment_notice (
    id       TEXT COLLATE "C" NOT NULL CONSTRAINT payment_notice_pkey PRIMARY KEY,
    invoice  TEXT COLLATE "C" NOT NULL REFERENCES invoice (id),
    outcome  TEXT COLLATE "C" NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    receipt  TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL
);

-- A total may be lowered under what was granted already, so only the statement that grants compares the two.
CREATE TABLE quota (
    id      TEXT COLLATE "C" NOT NULL CONSTRAINT quota_pkey PRIMARY KEY,
    unit    TEXT COLLATE "C" NOT NULL,
    total   BIGINT NOT NULL CHECK (total >= 0),
    granted BIGINT NOT NULL CHECK (granted >= 0)
);

CREATE TABLE quota_entry (
    quota       TEXT COLLATE "C" NOT NULL REFERENCES quota (id),
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    amount      BIGINT NOT NULL CHECK (amount > 0),
    CONSTRAINT quota_entry_pkey PRIMARY KEY (quota, application)
);

CREATE TABLE permit (
    number        TEXT COLLATE "C" NOT NULL CONSTRAINT permit_pkey PRIMARY KEY,
    second_number TEXT COLLATE "C" NOT NULL,
    check_code    TEXT COLLATE "C" NOT NULL,
    application   TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    service       TEXT COLLATE "C" NOT NULL,
    revision      BIGINT NOT NULL,
    subtype       TEXT COLLATE "C" NOT NULL,
    body          TEXT COLLATE "C" NOT NULL,
    party         TEXT COLLATE "C" NOT NULL REFERENCES party (id),
    holder_name   TEXT COLLATE "C" NOT NULL,
    holder_number TEXT COLLATE "C" NOT NULL,
    valid_from    TEXT COLLATE "C" NOT NULL,
    valid_to      TEXT COLLATE "C" NOT NULL,
    issued_at     BIGINT NOT NULL,
    fields        TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    CONSTRAINT permit_application UNIQUE (application)
);
CREATE INDEX permit_list ON permit (party, issued_at, number);

CREATE TABLE permit_file (
    permit  TEXT COLLATE "C" NOT NULL REFERENCES permit (number),
    lang    TEXT COLLATE "C" NOT NULL,
    digest  TEXT COLLATE "C" NOT NULL,
    size    BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT permit_file_pkey PRIMARY KEY (permit, lang)
);
CREATE INDEX permit_file_digest ON permit_file (digest);

CREATE TABLE audit (
    id        TEXT COLLATE "C" NOT NULL CONSTRAINT audit_pkey PRIMARY KEY,
    canonical BYTEA NOT NULL,
    digest    TEXT COLLATE "C" NOT NULL
);

CREATE TRIGGER audit_update BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_delete BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency (
    actor  TEXT COLLATE "C" NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    body   TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (actor, key)
);

CREATE TABLE number_block (
    code        TEXT COLLATE "C" NOT NULL CONSTRAINT number_block_pkey PRIMARY KEY,
    next_number BIGINT NOT NULL
);

CREATE TABLE number_lease (
    code          TEXT COLLATE "C" NOT NULL,
    first_number  BIGINT NOT NULL,
    last_number   BIGINT NOT NULL,
    node          TEXT COLLATE "C" NOT NULL,
    at            BIGINT NOT NULL,
    returned_from BIGINT NOT NULL,
    CONSTRAINT number_lease_pkey PRIMARY KEY (code, first_number),
    CONSTRAINT number_lease_order CHECK (last_number >= first_number)
);

CREATE TABLE tombstone (
    number TEXT COLLATE "C" NOT NULL CONSTRAINT tombstone_pkey PRIMARY KEY,
    cause  TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL
);
