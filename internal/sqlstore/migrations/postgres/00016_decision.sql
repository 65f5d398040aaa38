-- What watches over automatic decisions: runs in which they are decided again, and what differed; services that a body does not
-- let the system decide; reviews by a person that applicants asked for.

-- +goose Up
CREATE TABLE decision_replay (
    id            TEXT COLLATE "C" NOT NULL CONSTRAINT decision_replay_pkey PRIMARY KEY,
    from_event    TEXT COLLATE "C" NOT NULL,
    through_event TEXT COLLATE "C" NOT NULL,
    decisions     BIGINT NOT NULL,
    different     BIGINT NOT NULL,
    at            BIGINT NOT NULL
);

CREATE TABLE decision_difference (
    application TEXT COLLATE "C" NOT NULL CONSTRAINT decision_difference_pkey PRIMARY KEY REFERENCES application (number),
    what        TEXT COLLATE "C" NOT NULL,
    found_at    BIGINT NOT NULL
);

CREATE TABLE automation_stop (
    service    TEXT COLLATE "C" NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    stopped_by TEXT COLLATE "C" NOT NULL,
    person     TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    CONSTRAINT automation_stop_pkey PRIMARY KEY (service, body)
);

CREATE TABLE decision_review (
    application   TEXT COLLATE "C" NOT NULL CONSTRAINT decision_review_pkey PRIMARY KEY REFERENCES application (number),
    body          TEXT COLLATE "C" NOT NULL,
    account       TEXT COLLATE "C" NOT NULL,
    said          TEXT COLLATE "C" NOT NULL,
    asked_at      BIGINT NOT NULL,
    outcome       TEXT COLLATE "C" NOT NULL,
    reason_kk     TEXT COLLATE "C" NOT NULL,
    reason_ru     TEXT COLLATE "C" NOT NULL,
    closed_by     TEXT COLLATE "C" NOT NULL,
    closed_person TEXT COLLATE "C" NOT NULL,
    closed_at     BIGINT NOT NULL
);
CREATE INDEX decision_review_waiting ON decision_review (body, asked_at, application) WHERE outcome = '';
