-- What the owner of a claim keeps on its row while it is out: another engine, or
-- the next life of this one, goes on by it.

-- +goose Up
ALTER TABLE outbox ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE outbox DROP COLUMN note;
