-- Licences that were issued on paper, as state bodies handed their registers over. What the keys hold is the number as it is
-- compared. A paper becomes an electronic permit at most once: application restores it, permit is what it became.

-- +goose Up
CREATE TABLE paper_permit (
    id            TEXT NOT NULL CONSTRAINT paper_permit_pkey PRIMARY KEY,
    body          TEXT NOT NULL,
    kind_kk       TEXT NOT NULL,
    kind_ru       TEXT NOT NULL,
    category      TEXT NOT NULL,
    series        TEXT NOT NULL,
    number        TEXT NOT NULL,
    series_key    TEXT NOT NULL,
    number_key    TEXT NOT NULL,
    issued_on     TEXT NOT NULL,
    holder_name   TEXT NOT NULL,
    holder_number TEXT NOT NULL,
    state         TEXT NOT NULL,
    batch         TEXT NOT NULL,
    imported_at   INTEGER NOT NULL,
    application   TEXT NOT NULL,
    permit        TEXT NOT NULL,
    CONSTRAINT paper_permit_number UNIQUE (body, series_key, number_key)
) STRICT;
CREATE INDEX paper_permit_numbers ON paper_permit (number_key);
CREATE INDEX paper_permit_holder ON paper_permit (holder_number);
CREATE UNIQUE INDEX paper_permit_application ON paper_permit (application) WHERE application <> '';
CREATE UNIQUE INDEX paper_permit_permit ON paper_permit (permit) WHERE permit <> '';
