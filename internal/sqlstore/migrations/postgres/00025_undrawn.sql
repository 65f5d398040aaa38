-- Acts with permits whose documents are still to be made.

-- +goose Up
CREATE TABLE permit_undrawn (
    permit TEXT NOT NULL REFERENCES permit (number),
    seq    BIGINT NOT NULL
);
CREATE INDEX permit_undrawn_of ON permit_undrawn (permit, seq);
