-- Notices to applicants, messages between applicants and officials, withdrawn applications in the statistics.

-- +goose Up

-- told = 0 until the notices of the event are written; 1 from the beginning where it has none, as all before this version.
ALTER TABLE application_event ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
CREATE INDEX application_event_untold ON application_event (at, id) WHERE told = 0;

DROP INDEX application_event_uncounted;
CREATE INDEX application_event_uncounted ON application_event (at, id) WHERE counted = 0 AND event IN ('sent', 'granted', 'refused', 'withdrawn');

-- One notice of one cause to one account by one channel.
CREATE TABLE notice (
    id          TEXT NOT NULL CONSTRAINT notice_pkey PRIMARY KEY,
    cause       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    account     TEXT NOT NULL REFERENCES account (id),
    application TEXT NOT NULL,
    args        TEXT NOT NULL,
    channel     TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    provider    TEXT NOT NULL,
    reason      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    sent_at     INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    CONSTRAINT notice_once UNIQUE (cause, account, channel)
) STRICT;
CREATE INDEX notice_cabinet ON notice (account, created_at, id) WHERE channel = 'cabinet';
CREATE INDEX notice_unread ON notice (account) WHERE channel = 'cabinet' AND read_at = 0;
CREATE INDEX notice_due ON notice (next_at, id) WHERE state = 'waiting';
CREATE INDEX notice_parked ON notice (id) WHERE state = 'parked';

-- By which channels besides the cabinet an account wants notices; no row = by all that there are.
CREATE TABLE notice_choice (
    account TEXT NOT NULL CONSTRAINT notice_choice_pkey PRIMARY KEY REFERENCES account (id),
    mail    INTEGER NOT NULL,
    sms     INTEGER NOT NULL
) STRICT;

CREATE TABLE message (
    id          TEXT NOT NULL CONSTRAINT message_pkey PRIMARY KEY,
    application TEXT NOT NULL REFERENCES application (number),
    side        TEXT NOT NULL,
    author      TEXT NOT NULL,
    text        TEXT NOT NULL,
    files       TEXT NOT NULL,
    at          INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    read_by     TEXT NOT NULL
) STRICT;
CREATE INDEX message_thread ON message (application, at, id);
CREATE INDEX message_unread ON message (application, side) WHERE read_at = 0;
