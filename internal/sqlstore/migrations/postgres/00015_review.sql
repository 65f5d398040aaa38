-- What accompanies the examination of an application: the officials' notes, who has it open, and what its applicant was asked
-- to correct until when. Findings and corrections themselves stand in application.report.

-- +goose Up
CREATE TABLE case_note (
    id          TEXT COLLATE "C" NOT NULL,
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    author      TEXT COLLATE "C" NOT NULL,
    text        TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    CONSTRAINT case_note_pkey PRIMARY KEY (id)
);
CREATE INDEX case_note_application ON case_note (application, at, id);

CREATE TABLE case_presence (
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    account     TEXT COLLATE "C" NOT NULL,
    since       BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    CONSTRAINT case_presence_pkey PRIMARY KEY (application, account)
);
CREATE INDEX case_presence_seen ON case_presence (seen_at);

CREATE TABLE correction_asked (
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    until       TEXT COLLATE "C" NOT NULL,
    CONSTRAINT correction_asked_pkey PRIMARY KEY (application)
);
CREATE INDEX correction_asked_until ON correction_asked (until, application);
