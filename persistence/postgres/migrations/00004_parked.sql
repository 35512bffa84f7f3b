-- Guests that a person looks after without the dialogue, and letters that may
-- have been sent.

-- +goose Up
ALTER TABLE guests ADD COLUMN parked bigint NOT NULL DEFAULT 0;
CREATE INDEX guests_parked ON guests (parked) WHERE parked > 0;
ALTER TABLE letters ADD COLUMN in_doubt boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE letters DROP COLUMN in_doubt;
DROP INDEX guests_parked;
ALTER TABLE guests DROP COLUMN parked;
