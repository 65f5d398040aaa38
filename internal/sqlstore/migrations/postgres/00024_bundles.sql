-- Applications that are filed together: a bundle holds what is asked once for all of them.

-- +goose Up
CREATE TABLE bundle (
    id         TEXT COLLATE "C" NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    digest     TEXT COLLATE "C" NOT NULL,
    party      TEXT COLLATE "C" NOT NULL REFERENCES party (id),
    account    TEXT COLLATE "C" NOT NULL,
    answers    TEXT COLLATE "C" NOT NULL,
    sources    TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT bundle_pkey PRIMARY KEY (id)
);
-- bundle '' = none
ALTER TABLE application ADD COLUMN bundle TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX application_bundle ON application (bundle, number) WHERE bundle <> '';
