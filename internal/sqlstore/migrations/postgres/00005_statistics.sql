-- Statistics are folded out of the events afterwards: the unit that decides an application writes nothing more than before.

-- +goose Up
-- The fold that counted the event; 0 = none yet. Only the three events that are counted stand in the index.
ALTER TABLE application_event ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
CREATE INDEX application_event_uncounted ON application_event (at, id) WHERE counted = 0 AND event IN ('sent', 'granted', 'refused');

CREATE TABLE statistics_figure (
    month     TEXT COLLATE "C" NOT NULL,
    service   TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    subtype   TEXT COLLATE "C" NOT NULL,
    body      TEXT COLLATE "C" NOT NULL,
    measure   TEXT COLLATE "C" NOT NULL,
    detail    TEXT COLLATE "C" NOT NULL,
    n         BIGINT NOT NULL,
    CONSTRAINT statistics_figure_pkey PRIMARY KEY (month, service, operation, subtype, body, measure, detail)
);

CREATE TABLE statistics_progress (
    folds       BIGINT NOT NULL,
    corrections BIGINT NOT NULL
);
INSERT INTO statistics_progress (folds, corrections) VALUES (0, 0);
