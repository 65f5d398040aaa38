-- The log of the audit: every audit row waits for its number from the moment it is written (audit_waiting), one node at a time
-- numbers what waits (audit_leaf: the leaves of a Merkle tree) and signs what there is (audit_checkpoint). What is in audit,
-- audit_leaf and audit_checkpoint is never changed and never deleted.

-- +goose Up
CREATE TABLE audit_waiting (
    id TEXT COLLATE "C" NOT NULL CONSTRAINT audit_waiting_pkey PRIMARY KEY
);
INSERT INTO audit_waiting (id) SELECT id FROM audit;

-- A trigger and no statement of the program: rows written by a node of an older version are numbered too.
-- +goose StatementBegin
CREATE FUNCTION audit_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO audit_waiting (id) SELECT id FROM added; RETURN NULL; END;
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_insert AFTER INSERT ON audit
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION audit_wait();

-- The columns after kept repeat what the row says, for searching; elicense audit verify compares them.
CREATE TABLE audit_leaf (
    seq    BIGINT NOT NULL CONSTRAINT audit_leaf_pkey PRIMARY KEY,
    id     TEXT COLLATE "C" NOT NULL,
    kept   BYTEA NOT NULL,
    at     BIGINT NOT NULL,
    actor  TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX audit_leaf_id ON audit_leaf (id);
CREATE INDEX audit_leaf_actor ON audit_leaf (actor, at, seq);
CREATE INDEX audit_leaf_object ON audit_leaf (object, at, seq);

CREATE TABLE audit_checkpoint (
    number BIGINT NOT NULL CONSTRAINT audit_checkpoint_pkey PRIMARY KEY,
    size   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    note   BYTEA NOT NULL
);
CREATE INDEX audit_checkpoint_size ON audit_checkpoint (size);

CREATE TRIGGER audit_leaf_update BEFORE UPDATE ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_leaf_delete BEFORE DELETE ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_leaf_truncate BEFORE TRUNCATE ON audit_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoint_truncate BEFORE TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
