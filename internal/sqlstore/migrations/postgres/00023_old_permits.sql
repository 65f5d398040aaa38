-- A former register that is imported waits here until a second person releases it: a batch is the papers of one body in one
-- file, a line one good row of it. Papers have the dates of their states.

-- +goose Up
CREATE TABLE paper_batch (
    id             TEXT COLLATE "C" NOT NULL CONSTRAINT paper_batch_pkey PRIMARY KEY,
    body           TEXT COLLATE "C" NOT NULL,
    file           TEXT COLLATE "C" NOT NULL,
    digest         TEXT COLLATE "C" NOT NULL,
    state          TEXT COLLATE "C" NOT NULL,
    good           BIGINT NOT NULL,
    done           BIGINT NOT NULL,
    past           BIGINT NOT NULL,
    wrong          BIGINT NOT NULL,
    doubtful       BIGINT NOT NULL,
    wrong_rows     TEXT COLLATE "C" NOT NULL,
    doubtful_rows  TEXT COLLATE "C" NOT NULL,
    collided_rows  TEXT COLLATE "C" NOT NULL,
    brought_by     TEXT COLLATE "C" NOT NULL,
    brought_person TEXT COLLATE "C" NOT NULL,
    brought_at     BIGINT NOT NULL,
    closed_by      TEXT COLLATE "C" NOT NULL,
    closed_person  TEXT COLLATE "C" NOT NULL,
    closed_at      BIGINT NOT NULL,
    version        BIGINT NOT NULL
);
CREATE INDEX paper_batch_of ON paper_batch (body, id);
CREATE INDEX paper_batch_state ON paper_batch (state, id);
CREATE UNIQUE INDEX paper_batch_file ON paper_batch (body, digest) WHERE state IN ('waiting', 'releasing', 'released');
CREATE TABLE paper_line (
    batch      TEXT COLLATE "C" NOT NULL,
    line       BIGINT NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    number_key TEXT COLLATE "C" NOT NULL,
    paper      TEXT COLLATE "C" NOT NULL,
    CONSTRAINT paper_line_pkey PRIMARY KEY (batch, line)
);
CREATE INDEX paper_line_number ON paper_line (body, number_key);
ALTER TABLE paper_permit ADD COLUMN since TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE paper_permit ADD COLUMN until TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE paper_permit ADD COLUMN valid_to TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX paper_permit_batch ON paper_permit (batch, id);
