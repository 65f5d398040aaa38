-- The life of a permit after its issue: acts, which are rows for ever; what holds today, kept with the permit; orders of officials
-- that wait for a second person; documents in every edition.

-- +goose Up
-- origin '' = its own number; replaces '' = none
ALTER TABLE permit ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE permit ADD COLUMN replaces TEXT NOT NULL DEFAULT '';
-- acts counts them: the next one is numbered after it. standing is what they leave (JSON), '' = as it was issued
ALTER TABLE permit ADD COLUMN acts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE permit ADD COLUMN standing TEXT NOT NULL DEFAULT '';
-- what lists ask of the standing. ended '' = nothing ended it; suspended_from '' = not suspended, suspended_to '' = until resumed;
-- last_day '' = without end
ALTER TABLE permit ADD COLUMN ended TEXT NOT NULL DEFAULT '';
ALTER TABLE permit ADD COLUMN suspended_from TEXT NOT NULL DEFAULT '';
ALTER TABLE permit ADD COLUMN suspended_to TEXT NOT NULL DEFAULT '';
ALTER TABLE permit ADD COLUMN last_day TEXT NOT NULL DEFAULT '';
UPDATE permit SET last_day = valid_to;
CREATE INDEX permit_register ON permit (body, issued_at, number);
CREATE INDEX permit_holder ON permit (holder_number);
CREATE INDEX permit_suspended ON permit (suspended_to, number) WHERE suspended_to <> '';
CREATE INDEX permit_last_day ON permit (last_day, number) WHERE last_day <> '';

CREATE TABLE permit_act (
    permit      TEXT NOT NULL REFERENCES permit (number),
    seq         INTEGER NOT NULL CHECK (seq > 0),
    kind        TEXT NOT NULL,
    from_day    TEXT NOT NULL,
    to_day      TEXT NOT NULL,
    appendix    TEXT NOT NULL,
    ground      TEXT NOT NULL,
    application TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    successor   TEXT NOT NULL,
    reverses    INTEGER NOT NULL,
    said        TEXT NOT NULL,
    made_by     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    CONSTRAINT permit_act_pkey PRIMARY KEY (permit, seq)
) STRICT;

CREATE TABLE permit_order (
    id              TEXT NOT NULL CONSTRAINT permit_order_pkey PRIMARY KEY,
    permit          TEXT NOT NULL REFERENCES permit (number),
    body            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    from_day        TEXT NOT NULL,
    to_day          TEXT NOT NULL,
    appendix        TEXT NOT NULL,
    ground          TEXT NOT NULL,
    reverses        INTEGER NOT NULL,
    said            TEXT NOT NULL,
    state           TEXT NOT NULL,
    proposed_by     TEXT NOT NULL,
    proposed_person TEXT NOT NULL,
    proposed_at     INTEGER NOT NULL,
    closed_by       TEXT NOT NULL,
    closed_person   TEXT NOT NULL,
    closed_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX permit_order_of ON permit_order (permit, id);
CREATE INDEX permit_order_body ON permit_order (body, id) WHERE state = 'proposed';
CREATE UNIQUE INDEX permit_order_waiting ON permit_order (permit) WHERE state = 'proposed';

-- edition 0 and act > 0 = the document of an act
ALTER TABLE permit_file RENAME TO permit_file_before;
DROP INDEX permit_file_digest;
CREATE TABLE permit_file (
    permit   TEXT NOT NULL REFERENCES permit (number),
    edition  INTEGER NOT NULL,
    appendix TEXT NOT NULL,
    act      INTEGER NOT NULL,
    lang     TEXT NOT NULL,
    digest   TEXT NOT NULL,
    size     INTEGER NOT NULL,
    made_at  INTEGER NOT NULL,
    CONSTRAINT permit_file_pkey PRIMARY KEY (permit, edition, appendix, act, lang)
) STRICT;
INSERT INTO permit_file (permit, edition, appendix, act, lang, digest, size, made_at)
    SELECT permit, 1, '', 0, lang, digest, size, made_at FROM permit_file_before;
DROP TABLE permit_file_before;
CREATE INDEX permit_file_digest ON permit_file (digest);

-- what an annulled permit had taken is given back
CREATE INDEX quota_entry_application ON quota_entry (application);
