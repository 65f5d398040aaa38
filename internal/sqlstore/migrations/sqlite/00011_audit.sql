-- The log of the audit: every audit row waits for its number from the moment it is written (audit_waiting), one node at a time
-- numbers what waits (audit_leaf: the leaves of a Merkle tree) and signs what there is (audit_checkpoint). What is in audit,
-- audit_leaf and audit_checkpoint is never changed and never deleted.

-- +goose Up
CREATE TABLE audit_waiting (
    id TEXT NOT NULL CONSTRAINT audit_waiting_pkey PRIMARY KEY
) STRICT;
INSERT INTO audit_waiting (id) SELECT id FROM audit;

-- A trigger and no statement of the program: rows written by a program of an older version are numbered too.
-- +goose StatementBegin
CREATE TRIGGER audit_insert AFTER INSERT ON audit
BEGIN INSERT INTO audit_waiting (id) VALUES (NEW.id); END;
-- +goose StatementEnd

-- The columns after kept repeat what the row says, for searching; elicense audit verify compares them.
CREATE TABLE audit_leaf (
    seq    INTEGER NOT NULL CONSTRAINT audit_leaf_pkey PRIMARY KEY,
    id     TEXT NOT NULL,
    kept   BLOB NOT NULL,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_leaf_id ON audit_leaf (id);
CREATE INDEX audit_leaf_actor ON audit_leaf (actor, at, seq);
CREATE INDEX audit_leaf_object ON audit_leaf (object, at, seq);

CREATE TABLE audit_checkpoint (
    number INTEGER NOT NULL CONSTRAINT audit_checkpoint_pkey PRIMARY KEY,
    size   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    note   BLOB NOT NULL
) STRICT;
CREATE INDEX audit_checkpoint_size ON audit_checkpoint (size);

-- +goose StatementBegin
CREATE TRIGGER audit_leaf_update BEFORE UPDATE ON audit_leaf
BEGIN SELECT RAISE(ABORT, 'audit_leaf is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_leaf_delete BEFORE DELETE ON audit_leaf
BEGIN SELECT RAISE(ABORT, 'audit_leaf is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is immutable'); END;
-- +goose StatementEnd
