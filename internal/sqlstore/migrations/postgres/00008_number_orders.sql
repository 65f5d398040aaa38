-- Orders of officials about numbers outside of any application: withdrawal, and the end of a quarantine before its last day.
-- They stay when the numbers are free again.

-- +goose Up
CREATE TABLE number_order (
    id              TEXT COLLATE "C" NOT NULL CONSTRAINT number_order_pkey PRIMARY KEY,
    does            TEXT COLLATE "C" NOT NULL,
    code            TEXT COLLATE "C" NOT NULL REFERENCES number_code (code),
    first_number    BIGINT NOT NULL CHECK (first_number >= 0),
    last_number     BIGINT NOT NULL CHECK (last_number >= first_number),
    permit          TEXT COLLATE "C" NOT NULL,
    party           TEXT COLLATE "C" NOT NULL,
    holder_name     TEXT COLLATE "C" NOT NULL,
    holder_number   TEXT COLLATE "C" NOT NULL,
    reason          TEXT COLLATE "C" NOT NULL,
    until           TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    proposed_by     TEXT COLLATE "C" NOT NULL,
    proposed_person TEXT COLLATE "C" NOT NULL,
    proposed_at     BIGINT NOT NULL,
    closed_by       TEXT COLLATE "C" NOT NULL,
    closed_person   TEXT COLLATE "C" NOT NULL,
    closed_at       BIGINT NOT NULL
);
CREATE INDEX number_order_permit ON number_order (permit, id);
CREATE INDEX number_order_code ON number_order (code, state, id);
