-- Two administrators change a directory: one proposes rows, another approves them.

-- +goose Up
CREATE TABLE amendment (
    id              TEXT COLLATE "C" NOT NULL CONSTRAINT amendment_pkey PRIMARY KEY,
    directory       TEXT COLLATE "C" NOT NULL,
    directory_rows  TEXT COLLATE "C" NOT NULL,
    note            TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    proposed_by     TEXT COLLATE "C" NOT NULL,
    proposed_person TEXT COLLATE "C" NOT NULL,
    proposed_at     BIGINT NOT NULL,
    closed_by       TEXT COLLATE "C" NOT NULL,
    closed_person   TEXT COLLATE "C" NOT NULL,
    closed_at       BIGINT NOT NULL,
    reason          TEXT COLLATE "C" NOT NULL
);
CREATE INDEX amendment_of ON amendment (directory, id);
CREATE UNIQUE INDEX amendment_waiting ON amendment (directory) WHERE state = 'proposed';
