-- The queue of officials: its order, its filters, who is given what, views, many at once, files that were ordered; and
-- applicants by the words of their names.

-- +goose Up
ALTER TABLE application ADD COLUMN department TEXT COLLATE "C" NOT NULL DEFAULT '';
-- 1 = the term stands still
ALTER TABLE application ADD COLUMN stopped BIGINT NOT NULL DEFAULT 0;
-- due, or 9999-12-31 where there is no term: the order of the queue
ALTER TABLE application ADD COLUMN last TEXT COLLATE "C" NOT NULL DEFAULT '9999-12-31';
-- first day of the last quarter of the term; of rows from before this column the last day, until they change
ALTER TABLE application ADD COLUMN soon TEXT COLLATE "C" NOT NULL DEFAULT '9999-12-31';
UPDATE application SET last = due, soon = due WHERE due <> '';
-- The filters stand behind the order, so that a row that does not match costs no look at the application.
DROP INDEX application_queue;
CREATE INDEX application_queue ON application (body, stopped, last, number, service, step, holder, department, soon, registered_at)
    WHERE step <> '' AND state = 'in_progress';
CREATE INDEX application_queue_holder ON application (body, holder, stopped, last, number)
    WHERE step <> '' AND state = 'in_progress';

CREATE TABLE party_word (
    party TEXT COLLATE "C" NOT NULL REFERENCES party (id),
    word  TEXT COLLATE "C" NOT NULL,
    CONSTRAINT party_word_pkey PRIMARY KEY (party, word)
);
CREATE INDEX party_word_word ON party_word (word, party);

CREATE TABLE queue_rule (
    body      TEXT COLLATE "C" NOT NULL CONSTRAINT queue_rule_pkey PRIMARY KEY,
    hands_out BIGINT NOT NULL
);

CREATE TABLE queue_view (
    id       TEXT COLLATE "C" NOT NULL CONSTRAINT queue_view_pkey PRIMARY KEY,
    official TEXT COLLATE "C" NOT NULL REFERENCES official (id),
    name     TEXT COLLATE "C" NOT NULL,
    query    TEXT COLLATE "C" NOT NULL,
    CONSTRAINT queue_view_name UNIQUE (official, name)
);

CREATE TABLE queue_batch (
    id       TEXT COLLATE "C" NOT NULL CONSTRAINT queue_batch_pkey PRIMARY KEY,
    official TEXT COLLATE "C" NOT NULL REFERENCES official (id),
    act      TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    rows     TEXT COLLATE "C" NOT NULL,
    done     BIGINT NOT NULL
);
CREATE INDEX queue_batch_at ON queue_batch (at);

CREATE TABLE queue_export (
    id       TEXT COLLATE "C" NOT NULL CONSTRAINT queue_export_pkey PRIMARY KEY,
    official TEXT COLLATE "C" NOT NULL REFERENCES official (id),
    lang     TEXT COLLATE "C" NOT NULL,
    query    TEXT COLLATE "C" NOT NULL,
    found    TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,
    written  BIGINT NOT NULL,
    total    BIGINT NOT NULL,
    beat_at  BIGINT NOT NULL,
    digest   TEXT COLLATE "C" NOT NULL,
    size     BIGINT NOT NULL,
    version  BIGINT NOT NULL
);
CREATE INDEX queue_export_official ON queue_export (official, at);
