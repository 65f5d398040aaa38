-- Departments of the state bodies, absences of officials with their deputies, and the second factor of their log-in.

-- +goose Up
CREATE TABLE department (
    key        TEXT NOT NULL,
    body       TEXT NOT NULL,
    name       TEXT NOT NULL,
    territory  TEXT NOT NULL,
    head       TEXT NOT NULL,
    blocked_at INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    CONSTRAINT department_pkey PRIMARY KEY (body, key)
) STRICT;

-- service '' = all; ended_at 0 = it was not withdrawn before its last day
CREATE TABLE absence (
    id         TEXT NOT NULL CONSTRAINT absence_pkey PRIMARY KEY,
    body       TEXT NOT NULL,
    official   TEXT NOT NULL REFERENCES official (id),
    deputy     TEXT NOT NULL REFERENCES official (id),
    service    TEXT NOT NULL,
    from_day   TEXT NOT NULL,
    to_day     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    ended_by   TEXT NOT NULL
) STRICT;
CREATE INDEX absence_deputy ON absence (deputy, to_day);
CREATE INDEX absence_body ON absence (body, to_day);

CREATE TABLE official_factor (
    official TEXT NOT NULL CONSTRAINT official_factor_pkey PRIMARY KEY REFERENCES official (id),
    secret   TEXT NOT NULL,
    step     INTEGER NOT NULL,
    recovery TEXT NOT NULL,
    version  INTEGER NOT NULL
) STRICT;

ALTER TABLE official ADD COLUMN department TEXT NOT NULL DEFAULT '';
-- 0 = no second factor
ALTER TABLE official ADD COLUMN factor_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX official_person ON official (person, body, id);

-- account of the absent official in whose place it was done; '' = the actor's own act
ALTER TABLE application_event ADD COLUMN behalf TEXT NOT NULL DEFAULT '';
