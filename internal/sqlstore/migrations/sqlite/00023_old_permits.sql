-- A former register that is imported waits here until a second person releases it: a batch is the papers of one body in one
-- file, a line one good row of it. Papers have the dates of their states.

-- +goose Up
CREATE TABLE paper_batch (
    id             TEXT NOT NULL CONSTRAINT paper_batch_pkey PRIMARY KEY,
    body           TEXT NOT NULL,
    file           TEXT NOT NULL,
    digest         TEXT NOT NULL,
    state          TEXT NOT NULL,
    good           INTEGER NOT NULL,
    done           INTEGER NOT NULL,
    past           INTEGER NOT NULL,
    wrong          INTEGER NOT NULL,
    doubtful       INTEGER NOT NULL,
    wrong_rows     TEXT NOT NULL,
    doubtful_rows  TEXT NOT NULL,
    collided_rows  TEXT NOT NULL,
    brought_by     TEXT NOT NULL,
    brought_person TEXT NOT NULL,
    brought_at     INTEGER NOT NULL,
    closed_by      TEXT NOT NULL,
    closed_person  TEXT NOT NULL,
    closed_at      INTEGER NOT NULL,
    version        INTEGER NOT NULL
) STRICT;
CREATE INDEX paper_batch_of ON paper_batch (body, id);
CREATE INDEX paper_batch_state ON paper_batch (state, id);
CREATE UNIQUE INDEX paper_batch_file ON paper_batch (body, digest) WHERE state IN ('waiting', 'releasing', 'released');
CREATE TABLE paper_line (
    batch      TEXT NOT NULL,
    line       INTEGER NOT NULL,
    body       TEXT NOT NULL,
    number_key TEXT NOT NULL,
    paper      TEXT NOT NULL,
    CONSTRAINT paper_line_pkey PRIMARY KEY (batch, line)
) STRICT;
CREATE INDEX paper_line_number ON paper_line (body, number_key);
ALTER TABLE paper_permit ADD COLUMN since TEXT NOT NULL DEFAULT '';
ALTER TABLE paper_permit ADD COLUMN until TEXT NOT NULL DEFAULT '';
ALTER TABLE paper_permit ADD COLUMN valid_to TEXT NOT NULL DEFAULT '';
CREATE INDEX paper_permit_batch ON paper_permit (batch, id);
