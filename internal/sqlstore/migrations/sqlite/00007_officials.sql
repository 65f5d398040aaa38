-- Officials of the state bodies, and the work on applications that they decide.

-- +goose Up
CREATE TABLE official (
    id         TEXT NOT NULL CONSTRAINT official_pkey PRIMARY KEY,
    login      TEXT NOT NULL CONSTRAINT official_login UNIQUE,
    person     TEXT NOT NULL,
    surname    TEXT NOT NULL,
    given_name TEXT NOT NULL,
    patronymic TEXT NOT NULL,
    body       TEXT NOT NULL,
    duties     TEXT NOT NULL,
    password   TEXT NOT NULL,
    password_at INTEGER NOT NULL,
    blocked_at INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX official_body ON official (body, surname, id);

-- step '' = not with officials; due '' = no term
ALTER TABLE application ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN due TEXT NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN report TEXT NOT NULL DEFAULT '{}';
CREATE INDEX application_queue ON application (body, due, number) WHERE step <> '' AND state = 'in_progress';

-- '' = the permit was not on paper before
ALTER TABLE permit ADD COLUMN first_issued TEXT NOT NULL DEFAULT '';
