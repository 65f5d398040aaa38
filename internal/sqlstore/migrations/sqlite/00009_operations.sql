-- What a draft asked for before a revision that no longer offers it; '' = the operation stayed.

-- +goose Up
ALTER TABLE application_move ADD COLUMN operation TEXT NOT NULL DEFAULT '';
