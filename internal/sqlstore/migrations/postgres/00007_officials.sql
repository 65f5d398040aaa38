-- Officials of the state bodies, and the work on applications that they decide.

-- +goose Up
CREATE TABLE official (
    id         TEXT COLLATE "C" NOT NULL CONSTRAINT official_pkey PRIMARY KEY,
    login      TEXT COLLATE "C" NOT NULL CONSTRAINT official_login UNIQUE,
    person     TEXT COLLATE "C" NOT NULL,
    surname    TEXT COLLATE "C" NOT NULL,
    given_name TEXT COLLATE "C" NOT NULL,
    patronymic TEXT COLLATE "C" NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    duties     TEXT COLLATE "C" NOT NULL,
    password   TEXT COLLATE "C" NOT NULL,
    password_at BIGINT NOT NULL,
    blocked_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX official_body ON official (body, surname, id);

-- step '' = not with officials; due '' = no term
ALTER TABLE application ADD COLUMN step TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN holder TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN due TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN report TEXT COLLATE "C" NOT NULL DEFAULT '{}';
CREATE INDEX application_queue ON application (body, due, number) WHERE step <> '' AND state = 'in_progress';

-- '' = the permit was not on paper before
ALTER TABLE permit ADD COLUMN first_issued TEXT COLLATE "C" NOT NULL DEFAULT '';
