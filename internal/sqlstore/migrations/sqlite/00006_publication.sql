-- Two people publish a service: one proposes a text, another decides. And what a new revision did to drafts.

-- +goose Up
CREATE TABLE service_proposal (
    id            TEXT NOT NULL CONSTRAINT service_proposal_pkey PRIMARY KEY,
    service       TEXT NOT NULL,
    base          INTEGER NOT NULL,
    digest        TEXT NOT NULL,
    source        TEXT NOT NULL,
    cases         TEXT NOT NULL,
    note          TEXT NOT NULL,
    proposed_by   TEXT NOT NULL,
    proposer_iin  TEXT NOT NULL,
    proposed_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX service_proposal_list ON service_proposal (proposed_at, id);

CREATE TABLE service_verdict (
    proposal    TEXT NOT NULL CONSTRAINT service_verdict_pkey PRIMARY KEY REFERENCES service_proposal (id),
    approved    INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    decided_by  TEXT NOT NULL,
    decider_iin TEXT NOT NULL,
    decided_at  INTEGER NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER service_proposal_update BEFORE UPDATE ON service_proposal
BEGIN SELECT RAISE(ABORT, 'service_proposal is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER service_proposal_delete BEFORE DELETE ON service_proposal
BEGIN SELECT RAISE(ABORT, 'service_proposal is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER service_verdict_update BEFORE UPDATE ON service_verdict
BEGIN SELECT RAISE(ABORT, 'service_verdict is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER service_verdict_delete BEFORE DELETE ON service_verdict
BEGIN SELECT RAISE(ABORT, 'service_verdict is immutable'); END;
-- +goose StatementEnd

CREATE TABLE application_move (
    application   TEXT NOT NULL REFERENCES application (number),
    from_revision INTEGER NOT NULL,
    to_revision   INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    aside         TEXT NOT NULL,
    fields        TEXT NOT NULL,
    detached      TEXT NOT NULL,
    fee_was       INTEGER NOT NULL,
    fee_is        INTEGER NOT NULL,
    fee_paid      INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL,
    CONSTRAINT application_move_pkey PRIMARY KEY (application, to_revision)
) STRICT;
