-- Versions of the calendar of working days, what is told of statutory terms, and which of them a new version moved. How each
-- term was counted stands in application.report.

-- +goose Up
CREATE TABLE calendar_revision (
    number  INTEGER NOT NULL CONSTRAINT calendar_revision_pkey PRIMARY KEY,
    version TEXT NOT NULL,
    base    TEXT NOT NULL,
    author  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    days    TEXT NOT NULL,
    data    TEXT NOT NULL,
    CONSTRAINT calendar_revision_version UNIQUE (version)
) STRICT;

CREATE TABLE reminder (
    id          TEXT NOT NULL,
    application TEXT NOT NULL REFERENCES application (number),
    stage       TEXT NOT NULL,
    due         TEXT NOT NULL,
    addressee   TEXT NOT NULL,
    body        TEXT NOT NULL,
    duty        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    seen_by     TEXT NOT NULL,
    CONSTRAINT reminder_pkey PRIMARY KEY (id),
    CONSTRAINT reminder_once UNIQUE (application, stage, due, addressee)
) STRICT;
CREATE INDEX reminder_unseen ON reminder (body, due, application) WHERE seen_at = 0;

CREATE TABLE term_moved (
    id          TEXT NOT NULL,
    application TEXT NOT NULL REFERENCES application (number),
    body        TEXT NOT NULL,
    matter      TEXT NOT NULL,
    version     TEXT NOT NULL,
    due_from    TEXT NOT NULL,
    due_to      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    CONSTRAINT term_moved_pkey PRIMARY KEY (id)
) STRICT;
CREATE INDEX term_moved_list ON term_moved (version, application);

CREATE INDEX application_in_work ON application (number) WHERE step <> '' AND state = 'in_progress';
