-- Departments of the state bodies, absences of officials with their deputies, and the second factor of their log-in.

-- +goose Up
CREATE TABLE department (
    key        TEXT COLLATE "C" NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    territory  TEXT COLLATE "C" NOT NULL,
    head       TEXT COLLATE "C" NOT NULL,
    blocked_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    CONSTRAINT department_pkey PRIMARY KEY (body, key)
);

-- service '' = all; ended_at 0 = it was not withdrawn before its last day
CREATE TABLE absence (
    id         TEXT COLLATE "C" NOT NULL CONSTRAINT absence_pkey PRIMARY KEY,
    body       TEXT COLLATE "C" NOT NULL,
    official   TEXT COLLATE "C" NOT NULL REFERENCES official (id),
    deputy     TEXT COLLATE "C" NOT NULL REFERENCES official (id),
    service    TEXT COLLATE "C" NOT NULL,
    from_day   TEXT COLLATE "C" NOT NULL,
    to_day     TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    made_by    TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    ended_by   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX absence_deputy ON absence (deputy, to_day);
CREATE INDEX absence_body ON absence (body, to_day);

CREATE TABLE official_factor (
    official TEXT COLLATE "C" NOT NULL CONSTRAINT official_factor_pkey PRIMARY KEY REFERENCES official (id),
    secret   TEXT COLLATE "C" NOT NULL,
    step     BIGINT NOT NULL,
    recovery TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL
);

ALTER TABLE official ADD COLUMN department TEXT COLLATE "C" NOT NULL DEFAULT '';
-- 0 = no second factor
ALTER TABLE official ADD COLUMN factor_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX official_person ON official (person, body, id);

-- account of the absent official in whose place it was done; '' = the actor's own act
ALTER TABLE application_event ADD COLUMN behalf TEXT COLLATE "C" NOT NULL DEFAULT '';
