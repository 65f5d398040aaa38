-- What accompanies the examination of an application: the officials' notes, who has it open, and what its applicant was asked
-- to correct until when. Findings and corrections themselves stand in application.report.

-- +goose Up
CREATE TABLE case_note (
    id          TEXT NOT NULL,
    application TEXT NOT NULL REFERENCES application (number),
    author      TEXT NOT NULL,
    text        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    CONSTRAINT case_note_pkey PRIMARY KEY (id)
) STRICT;
CREATE INDEX case_note_application ON case_note (application, at, id);

CREATE TABLE case_presence (
    application TEXT NOT NULL REFERENCES application (number),
    account     TEXT NOT NULL,
    since       INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    CONSTRAINT case_presence_pkey PRIMARY KEY (application, account)
) STRICT;
CREATE INDEX case_presence_seen ON case_presence (seen_at);

CREATE TABLE correction_asked (
    application TEXT NOT NULL REFERENCES application (number),
    until       TEXT NOT NULL,
    CONSTRAINT correction_asked_pkey PRIMARY KEY (application)
) STRICT;
CREATE INDEX correction_asked_until ON correction_asked (until, application);
