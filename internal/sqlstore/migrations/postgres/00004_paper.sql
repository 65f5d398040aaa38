-- Licences that were issued on paper, as state bodies handed their registers over. What the keys hold is the number as it is
-- compared. A paper becomes an electronic permit at most once: application restores it, permit is what it became.

-- +goose Up
CREATE TABLE paper_permit (
    id            TEXT COLLATE "C" NOT NULL CONSTRAINT paper_permit_pkey PRIMARY KEY,
    body          TEXT COLLATE "C" NOT NULL,
    kind_kk       TEXT COLLATE "C" NOT NULL,
    kind_ru       TEXT COLLATE "C" NOT NULL,
    category      TEXT COLLATE "C" NOT NULL,
    series        TEXT COLLATE "C" NOT NULL,
    number        TEXT COLLATE "C" NOT NULL,
    series_key    TEXT COLLATE "C" NOT NULL,
    number_key    TEXT COLLATE "C" NOT NULL,
    issued_on     TEXT COLLATE "C" NOT NULL,
    holder_name   TEXT COLLATE "C" NOT NULL,
    holder_number TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    batch         TEXT COLLATE "C" NOT NULL,
    imported_at   BIGINT NOT NULL,
    application   TEXT COLLATE "C" NOT NULL,
    permit        TEXT COLLATE "C" NOT NULL,
    CONSTRAINT paper_permit_number UNIQUE (body, series_key, number_key)
);
CREATE INDEX paper_permit_numbers ON paper_permit (number_key);
CREATE INDEX paper_permit_holder ON paper_permit (holder_number);
CREATE UNIQUE INDEX paper_permit_application ON paper_permit (application) WHERE application <> '';
CREATE UNIQUE INDEX paper_permit_permit ON paper_permit (permit) WHERE permit <> '';
