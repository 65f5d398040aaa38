-- The numbering resource: ranges of subscriber numbers under codes. That no two ranges share a number is a rule of the
-- database itself, whoever writes. An exclusion constraint would need the extension btree_gist, which not every
-- installation may create.

-- +goose Up
CREATE TABLE number_code (
    code     TEXT COLLATE "C" NOT NULL CONSTRAINT number_code_pkey PRIMARY KEY,
    name_kk  TEXT COLLATE "C" NOT NULL,
    name_ru  TEXT COLLATE "C" NOT NULL,
    name_en  TEXT COLLATE "C" NOT NULL,
    capacity BIGINT NOT NULL CHECK (capacity >= 0),
    changes  BIGINT NOT NULL
);

CREATE TABLE number_range (
    code          TEXT COLLATE "C" NOT NULL REFERENCES number_code (code),
    first_number  BIGINT NOT NULL CHECK (first_number >= 0),
    last_number   BIGINT NOT NULL CHECK (last_number >= first_number),
    state         TEXT COLLATE "C" NOT NULL,
    application   TEXT COLLATE "C" NOT NULL,
    permit        TEXT COLLATE "C" NOT NULL,
    party         TEXT COLLATE "C" NOT NULL,
    holder_name   TEXT COLLATE "C" NOT NULL,
    holder_number TEXT COLLATE "C" NOT NULL,
    since         TEXT COLLATE "C" NOT NULL,
    until         TEXT COLLATE "C" NOT NULL,
    ground        TEXT COLLATE "C" NOT NULL,
    CONSTRAINT number_range_pkey PRIMARY KEY (code, first_number)
);
CREATE INDEX number_range_application ON number_range (application);
CREATE INDEX number_range_permit ON number_range (permit);
CREATE INDEX number_range_quarantine ON number_range (state, until);

-- A number of 717-2 is one of 717 too: codes that begin alike would share numbers. Two that are added at once wait for
-- each other by the lock, which ends with the transaction.
-- +goose StatementBegin
CREATE FUNCTION number_code_prefix() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('number_code'));
    IF (TG_OP = 'UPDATE' AND OLD.code <> NEW.code)
        OR EXISTS (SELECT 1 FROM number_code WHERE code <> NEW.code AND (code LIKE NEW.code || '%' OR NEW.code LIKE code || '%')) THEN
        RAISE EXCEPTION 'number_code_prefix' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'number_code_prefix';
    END IF;
    RETURN NEW;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER number_code_prefix BEFORE INSERT OR UPDATE OF code ON number_code
    FOR EACH ROW EXECUTE FUNCTION number_code_prefix();

-- The code's row is locked before the ranges are looked at: who writes ranges of the code at the same time waits here, and
-- the query after the lock sees what was committed meanwhile.
-- +goose StatementBegin
CREATE FUNCTION number_range_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM number_code WHERE code = NEW.code FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM number_range WHERE code = NEW.code AND first_number <= NEW.last_number AND last_number >= NEW.first_number
        AND NOT (TG_OP = 'UPDATE' AND code = OLD.code AND first_number = OLD.first_number)) THEN
        RAISE EXCEPTION 'number_range_overlap' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'number_range_overlap';
    END IF;
    RETURN NEW;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER number_range_overlap BEFORE INSERT OR UPDATE ON number_range
    FOR EACH ROW EXECUTE FUNCTION number_range_overlap();
