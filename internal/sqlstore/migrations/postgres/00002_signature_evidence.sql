-- What third parties stated about a signature: a signature stays as it was received, and its evidence grows.

-- +goose Up
CREATE TABLE signature_evidence (
    signature TEXT COLLATE "C" NOT NULL REFERENCES signature (id),
    kind      TEXT COLLATE "C" NOT NULL,
    digest    TEXT COLLATE "C" NOT NULL,
    der       BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    CONSTRAINT signature_evidence_pkey PRIMARY KEY (signature, kind, digest)
);
-- As with signatures: what they hold does not compress.
ALTER TABLE signature_evidence SET (toast_tuple_target = 8160);

-- Signatures whose time stamp could not be had on receipt; the row goes when the stamp comes.
CREATE TABLE signature_unstamped (
    signature TEXT COLLATE "C" NOT NULL CONSTRAINT signature_unstamped_pkey PRIMARY KEY REFERENCES signature (id)
);
