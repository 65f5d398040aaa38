-- Versions of the calendar of working days, what is told of statutory terms, and which of them a new version moved. How each
-- term was counted stands in application.report.

-- +goose Up
CREATE TABLE calendar_revision (
    number  BIGINT NOT NULL CONSTRAINT calendar_revision_pkey PRIMARY KEY,
    version TEXT COLLATE "C" NOT NULL,
    base    TEXT COLLATE "C" NOT NULL,
    author  TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    reason  TEXT COLLATE "C" NOT NULL,
    days    TEXT COLLATE "C" NOT NULL,
    data    TEXT COLLATE "C" NOT NULL,
    CONSTRAINT calendar_revision_version UNIQUE (version)
);

CREATE TABLE reminder (
    id          TEXT COLLATE "C" NOT NULL,
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    stage       TEXT COLLATE "C" NOT NULL,
    due         TEXT COLLATE "C" NOT NULL,
    addressee   TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    duty        TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    seen_by     TEXT COLLATE "C" NOT NULL,
    CONSTRAINT reminder_pkey PRIMARY KEY (id),
    CONSTRAINT reminder_once UNIQUE (application, stage, due, addressee)
);
CREATE INDEX reminder_unseen ON reminder (body, due, application) WHERE seen_at = 0;

CREATE TABLE term_moved (
    id          TEXT COLLATE "C" NOT NULL,
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    body        TEXT COLLATE "C" NOT NULL,
    matter      TEXT COLLATE "C" NOT NULL,
    version     TEXT COLLATE "C" NOT NULL,
    due_from    TEXT COLLATE "C" NOT NULL,
    due_to      TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    CONSTRAINT term_moved_pkey PRIMARY KEY (id)
);
CREATE INDEX term_moved_list ON term_moved (version, application);

CREATE INDEX application_in_work ON application (number) WHERE step <> '' AND state = 'in_progress';
