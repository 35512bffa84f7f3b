-- Guests that a person looks after without the dialogue, and letters that may
-- have been sent.

-- +goose Up
ALTER TABLE guests ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
CREATE INDEX guests_parked ON guests (parked) WHERE parked > 0;
ALTER TABLE letters ADD COLUMN in_doubt INTEGER NOT NULL DEFAULT 0;
UPDATE letters SET in_doubt = 1 WHERE source = 'outbox' AND reason LIKE 'in doubt%';

-- +goose Down
ALTER TABLE letters DROP COLUMN in_doubt;
DROP INDEX guests_parked;
ALTER TABLE guests DROP COLUMN parked;
