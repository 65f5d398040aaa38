-- The numbering resource: ranges of subscriber numbers under codes. That no two ranges share a number is a rule of the
-- database itself, whoever writes.

-- +goose Up
CREATE TABLE number_code (
    code     TEXT NOT NULL CONSTRAINT number_code_pkey PRIMARY KEY,
    name_kk  TEXT NOT NULL,
    name_ru  TEXT NOT NULL,
    name_en  TEXT NOT NULL,
    capacity INTEGER NOT NULL CHECK (capacity >= 0),
    changes  INTEGER NOT NULL
) STRICT;

CREATE TABLE number_range (
    code          TEXT NOT NULL REFERENCES number_code (code),
    first_number  INTEGER NOT NULL CHECK (first_number >= 0),
    last_number   INTEGER NOT NULL CHECK (last_number >= first_number),
    state         TEXT NOT NULL,
    application   TEXT NOT NULL,
    permit        TEXT NOT NULL,
    party         TEXT NOT NULL,
    holder_name   TEXT NOT NULL,
    holder_number TEXT NOT NULL,
    since         TEXT NOT NULL,
    until         TEXT NOT NULL,
    ground        TEXT NOT NULL,
    CONSTRAINT number_range_pkey PRIMARY KEY (code, first_number)
) STRICT;
CREATE INDEX number_range_application ON number_range (application);
CREATE INDEX number_range_permit ON number_range (permit);
CREATE INDEX number_range_quarantine ON number_range (state, until);

-- A number of 717-2 is one of 717 too: codes that begin alike would share numbers.
-- +goose StatementBegin
CREATE TRIGGER number_code_prefix BEFORE INSERT ON number_code
WHEN EXISTS (SELECT 1 FROM number_code WHERE code <> NEW.code AND (code LIKE NEW.code || '%' OR NEW.code LIKE code || '%'))
BEGIN SELECT RAISE(ABORT, 'number_code_prefix'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER number_code_rename BEFORE UPDATE OF code ON number_code
WHEN OLD.code <> NEW.code
BEGIN SELECT RAISE(ABORT, 'number_code_prefix'); END;
-- +goose StatementEnd

-- There is one writer: what the trigger sees is all there is.
-- +goose StatementBegin
CREATE TRIGGER number_range_insert BEFORE INSERT ON number_range
WHEN EXISTS (SELECT 1 FROM number_range WHERE code = NEW.code AND first_number <= NEW.last_number AND last_number >= NEW.first_number)
BEGIN SELECT RAISE(ABORT, 'number_range_overlap'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER number_range_update BEFORE UPDATE ON number_range
WHEN EXISTS (SELECT 1 FROM number_range WHERE code = NEW.code AND first_number <= NEW.last_number AND last_number >= NEW.first_number
    AND NOT (code = OLD.code AND first_number = OLD.first_number))
BEGIN SELECT RAISE(ABORT, 'number_range_overlap'); END;
-- +goose StatementEnd
