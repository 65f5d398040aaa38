-- Statistics are folded out of the events afterwards: the unit that decides an application writes nothing more than before.

-- +goose Up
-- The fold that counted the event; 0 = none yet. Only the three events that are counted stand in the index.
ALTER TABLE application_event ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX application_event_uncounted ON application_event (at, id) WHERE counted = 0 AND event IN ('sent', 'granted', 'refused');

CREATE TABLE statistics_figure (
    month     TEXT NOT NULL,
    service   TEXT NOT NULL,
    operation TEXT NOT NULL,
    subtype   TEXT NOT NULL,
    body      TEXT NOT NULL,
    measure   TEXT NOT NULL,
    detail    TEXT NOT NULL,
    n         INTEGER NOT NULL,
    CONSTRAINT statistics_figure_pkey PRIMARY KEY (month, service, operation, subtype, body, measure, detail)
) STRICT;

CREATE TABLE statistics_progress (
    folds       INTEGER NOT NULL,
    corrections INTEGER NOT NULL
) STRICT;
INSERT INTO statistics_progress (folds, corrections) VALUES (0, 0);
