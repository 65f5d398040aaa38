-- Applications that concern a permit: one of each permit at a time is with the state body.

-- +goose Up
-- concerns '' = none
ALTER TABLE application ADD COLUMN concerns TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX application_concerns ON application (concerns) WHERE concerns <> '' AND state IN ('signing', 'in_progress', 'correcting');
