-- Orders of officials about numbers outside of any application: withdrawal, and the end of a quarantine before its last day.
-- They stay when the numbers are free again.

-- +goose Up
CREATE TABLE number_order (
    id              TEXT NOT NULL CONSTRAINT number_order_pkey PRIMARY KEY,
    does            TEXT NOT NULL,
    code            TEXT NOT NULL REFERENCES number_code (code),
    first_number    INTEGER NOT NULL CHECK (first_number >= 0),
    last_number     INTEGER NOT NULL CHECK (last_number >= first_number),
    permit          TEXT NOT NULL,
    party           TEXT NOT NULL,
    holder_name     TEXT NOT NULL,
    holder_number   TEXT NOT NULL,
    reason          TEXT NOT NULL,
    until           TEXT NOT NULL,
    state           TEXT NOT NULL,
    proposed_by     TEXT NOT NULL,
    proposed_person TEXT NOT NULL,
    proposed_at     INTEGER NOT NULL,
    closed_by       TEXT NOT NULL,
    closed_person   TEXT NOT NULL,
    closed_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX number_order_permit ON number_order (permit, id);
CREATE INDEX number_order_code ON number_order (code, state, id);
