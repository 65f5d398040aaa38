-- A deputy proposes and closes orders about numbers in the place of an absent official: account and person of that official.

-- +goose Up
ALTER TABLE number_order ADD COLUMN proposed_for TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE number_order ADD COLUMN proposed_for_person TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE number_order ADD COLUMN closed_for TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE number_order ADD COLUMN closed_for_person TEXT COLLATE "C" NOT NULL DEFAULT '';
