-- The queue of officials: its order, its filters, who is given what, views, many at once, files that were ordered; and
-- applicants by the words of their names.

-- +goose Up
ALTER TABLE application ADD COLUMN department TEXT NOT NULL DEFAULT '';
-- 1 = the term stands still
ALTER TABLE application ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;
-- due, or 9999-12-31 where there is no term: the order of the queue
ALTER TABLE application ADD COLUMN last TEXT NOT NULL DEFAULT '9999-12-31';
-- first day of the last quarter of the term; of rows from before this column the last day, until they change
ALTER TABLE application ADD COLUMN soon TEXT NOT NULL DEFAULT '9999-12-31';
UPDATE application SET last = due, soon = due WHERE due <> '';
-- The filters stand behind the order, so that a row that does not match costs no look at the application.
DROP INDEX application_queue;
CREATE INDEX application_queue ON application (body, stopped, last, number, service, step, holder, department, soon, registered_at)
    WHERE step <> '' AND state = 'in_progress';
CREATE INDEX application_queue_holder ON application (body, holder, stopped, last, number)
    WHERE step <> '' AND state = 'in_progress';

CREATE TABLE party_word (
    party TEXT NOT NULL REFERENCES party (id),
    word  TEXT NOT NULL,
    CONSTRAINT party_word_pkey PRIMARY KEY (party, word)
) STRICT;
CREATE INDEX party_word_word ON party_word (word, party);

CREATE TABLE queue_rule (
    body      TEXT NOT NULL CONSTRAINT queue_rule_pkey PRIMARY KEY,
    hands_out INTEGER NOT NULL
) STRICT;

CREATE TABLE queue_view (
    id       TEXT NOT NULL CONSTRAINT queue_view_pkey PRIMARY KEY,
    official TEXT NOT NULL REFERENCES official (id),
    name     TEXT NOT NULL,
    query    TEXT NOT NULL,
    CONSTRAINT queue_view_name UNIQUE (official, name)
) STRICT;

CREATE TABLE queue_batch (
    id       TEXT NOT NULL CONSTRAINT queue_batch_pkey PRIMARY KEY,
    official TEXT NOT NULL REFERENCES official (id),
    act      TEXT NOT NULL,
    at       INTEGER NOT NULL,
    rows     TEXT NOT NULL,
    done     INTEGER NOT NULL
) STRICT;
CREATE INDEX queue_batch_at ON queue_batch (at);

CREATE TABLE queue_export (
    id       TEXT NOT NULL CONSTRAINT queue_export_pkey PRIMARY KEY,
    official TEXT NOT NULL REFERENCES official (id),
    lang     TEXT NOT NULL,
    query    TEXT NOT NULL,
    found    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT NOT NULL,
    written  INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    beat_at  INTEGER NOT NULL,
    digest   TEXT NOT NULL,
    size     INTEGER NOT NULL,
    version  INTEGER NOT NULL
) STRICT;
CREATE INDEX queue_export_official ON queue_export (official, at);
