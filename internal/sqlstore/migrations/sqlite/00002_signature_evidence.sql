-- What third parties stated about a signature: a signature stays as it was received, and its evidence grows.

-- +goose Up
CREATE TABLE signature_evidence (
    signature TEXT NOT NULL REFERENCES signature (id),
    kind      TEXT NOT NULL,
    digest    TEXT NOT NULL,
    der       BLOB NOT NULL,
    at        INTEGER NOT NULL,
    CONSTRAINT signature_evidence_pkey PRIMARY KEY (signature, kind, digest)
) STRICT;

-- Signatures whose time stamp could not be had on receipt; the row goes when the stamp comes.
CREATE TABLE signature_unstamped (
    signature TEXT NOT NULL CONSTRAINT signature_unstamped_pkey PRIMARY KEY REFERENCES signature (id)
) STRICT;
