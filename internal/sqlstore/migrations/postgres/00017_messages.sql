-- Notices to applicants, messages between applicants and officials, withdrawn applications in the statistics.

-- +goose Up

-- told = 0 until the notices of the event are written; 1 from the beginning where it has none, as all before this version.
ALTER TABLE application_event ADD COLUMN told BIGINT NOT NULL DEFAULT 1;
CREATE INDEX application_event_untold ON application_event (at, id) WHERE told = 0;

DROP INDEX application_event_uncounted;
CREATE INDEX application_event_uncounted ON application_event (at, id) WHERE counted = 0 AND event IN ('sent', 'granted', 'refused', 'withdrawn');

-- One notice of one cause to one account by one channel.
CREATE TABLE notice (
    id          TEXT COLLATE "C" NOT NULL CONSTRAINT notice_pkey PRIMARY KEY,
    cause       TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    account     TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    application TEXT COLLATE "C" NOT NULL,
    args        TEXT COLLATE "C" NOT NULL,
    channel     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    attempts    BIGINT NOT NULL,
    provider    TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    sent_at     BIGINT NOT NULL,
    read_at     BIGINT NOT NULL,
    CONSTRAINT notice_once UNIQUE (cause, account, channel)
);
CREATE INDEX notice_cabinet ON notice (account, created_at, id) WHERE channel = 'cabinet';
CREATE INDEX notice_unread ON notice (account) WHERE channel = 'cabinet' AND read_at = 0;
CREATE INDEX notice_due ON notice (next_at, id) WHERE state = 'waiting';
CREATE INDEX notice_parked ON notice (id) WHERE state = 'parked';

-- By which channels besides the cabinet an account wants notices; no row = by all that there are.
CREATE TABLE notice_choice (
    account TEXT COLLATE "C" NOT NULL CONSTRAINT notice_choice_pkey PRIMARY KEY REFERENCES account (id),
    mail    BIGINT NOT NULL,
    sms     BIGINT NOT NULL
);

CREATE TABLE message (
    id          TEXT COLLATE "C" NOT NULL CONSTRAINT message_pkey PRIMARY KEY,
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    side        TEXT COLLATE "C" NOT NULL,
    author      TEXT COLLATE "C" NOT NULL,
    text        TEXT COLLATE "C" NOT NULL,
    files       TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    read_at     BIGINT NOT NULL,
    read_by     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX message_thread ON message (application, at, id);
CREATE INDEX message_unread ON message (application, side) WHERE read_at = 0;
