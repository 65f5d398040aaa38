-- Two people publish a service: one proposes a text, another decides. And what a new revision did to drafts.

-- +goose Up
CREATE TABLE service_proposal (
    id            TEXT COLLATE "C" NOT NULL CONSTRAINT service_proposal_pkey PRIMARY KEY,
    service       TEXT COLLATE "C" NOT NULL,
    base          BIGINT NOT NULL,
    digest        TEXT COLLATE "C" NOT NULL,
    source        TEXT COLLATE "C" NOT NULL,
    cases         TEXT COLLATE "C" NOT NULL,
    note          TEXT COLLATE "C" NOT NULL,
    proposed_by   TEXT COLLATE "C" NOT NULL,
    proposer_iin  TEXT COLLATE "C" NOT NULL,
    proposed_at   BIGINT NOT NULL
);
CREATE INDEX service_proposal_list ON service_proposal (proposed_at, id);

CREATE TABLE service_verdict (
    proposal    TEXT COLLATE "C" NOT NULL CONSTRAINT service_verdict_pkey PRIMARY KEY REFERENCES service_proposal (id),
    approved    BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    decided_by  TEXT COLLATE "C" NOT NULL,
    decider_iin TEXT COLLATE "C" NOT NULL,
    decided_at  BIGINT NOT NULL
);

CREATE TRIGGER service_proposal_update BEFORE UPDATE ON service_proposal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_proposal_truncate BEFORE TRUNCATE ON service_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_proposal_delete BEFORE DELETE ON service_proposal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_verdict_update BEFORE UPDATE ON service_verdict
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_verdict_truncate BEFORE TRUNCATE ON service_verdict
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_verdict_delete BEFORE DELETE ON service_verdict
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE application_move (
    application   TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    from_revision BIGINT NOT NULL,
    to_revision   BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    aside         TEXT COLLATE "C" NOT NULL,
    fields        TEXT COLLATE "C" NOT NULL,
    detached      TEXT COLLATE "C" NOT NULL,
    fee_was       BIGINT NOT NULL,
    fee_is        BIGINT NOT NULL,
    fee_paid      BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL,
    CONSTRAINT application_move_pkey PRIMARY KEY (application, to_revision)
);
