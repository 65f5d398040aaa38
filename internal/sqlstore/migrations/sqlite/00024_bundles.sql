-- Applications that are filed together: a bundle holds what is asked once for all of them.

-- +goose Up
CREATE TABLE bundle (
    id         TEXT NOT NULL,
    definition TEXT NOT NULL,
    digest     TEXT NOT NULL,
    party      TEXT NOT NULL REFERENCES party (id),
    account    TEXT NOT NULL,
    answers    TEXT NOT NULL,
    sources    TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CONSTRAINT bundle_pkey PRIMARY KEY (id)
) STRICT;
-- bundle '' = none
ALTER TABLE application ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
CREATE INDEX application_bundle ON application (bundle, number) WHERE bundle <> '';
