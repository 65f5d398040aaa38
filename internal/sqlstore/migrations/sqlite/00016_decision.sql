-- What watches over automatic decisions: runs in which they are decided again, and what differed; services that a body does not
-- let the system decide; reviews by a person that applicants asked for.

-- +goose Up
CREATE TABLE decision_replay (
    id            TEXT NOT NULL CONSTRAINT decision_replay_pkey PRIMARY KEY,
    from_event    TEXT NOT NULL,
    through_event TEXT NOT NULL,
    decisions     INTEGER NOT NULL,
    different     INTEGER NOT NULL,
    at            INTEGER NOT NULL
) STRICT;

CREATE TABLE decision_difference (
    application TEXT NOT NULL CONSTRAINT decision_difference_pkey PRIMARY KEY REFERENCES application (number),
    what        TEXT NOT NULL,
    found_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE automation_stop (
    service    TEXT NOT NULL,
    body       TEXT NOT NULL,
    reason     TEXT NOT NULL,
    stopped_by TEXT NOT NULL,
    person     TEXT NOT NULL,
    at         INTEGER NOT NULL,
    CONSTRAINT automation_stop_pkey PRIMARY KEY (service, body)
) STRICT;

CREATE TABLE decision_review (
    application   TEXT NOT NULL CONSTRAINT decision_review_pkey PRIMARY KEY REFERENCES application (number),
    body          TEXT NOT NULL,
    account       TEXT NOT NULL,
    said          TEXT NOT NULL,
    asked_at      INTEGER NOT NULL,
    outcome       TEXT NOT NULL,
    reason_kk     TEXT NOT NULL,
    reason_ru     TEXT NOT NULL,
    closed_by     TEXT NOT NULL,
    closed_person TEXT NOT NULL,
    closed_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_review_waiting ON decision_review (body, asked_at, application) WHERE outcome = '';
