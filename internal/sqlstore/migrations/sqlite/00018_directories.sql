-- Two administrators change a directory: one proposes rows, another approves them.

-- +goose Up
CREATE TABLE amendment (
    id              TEXT NOT NULL CONSTRAINT amendment_pkey PRIMARY KEY,
    directory       TEXT NOT NULL,
    directory_rows  TEXT NOT NULL,
    note            TEXT NOT NULL,
    state           TEXT NOT NULL,
    proposed_by     TEXT NOT NULL,
    proposed_person TEXT NOT NULL,
    proposed_at     INTEGER NOT NULL,
    closed_by       TEXT NOT NULL,
    closed_person   TEXT NOT NULL,
    closed_at       INTEGER NOT NULL,
    reason          TEXT NOT NULL
) STRICT;
CREATE INDEX amendment_of ON amendment (directory, id);
CREATE UNIQUE INDEX amendment_waiting ON amendment (directory) WHERE state = 'proposed';
