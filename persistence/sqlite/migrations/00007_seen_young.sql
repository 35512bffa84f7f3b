-- Hashes have no order: each that is written into their tree costs a page of the
-- log. So the young ones are written one behind the other and remembered by
-- the engine, and moved into the tree many at a time, in its order. A clean stop
-- moves all of them: the release before this one finds them where it looks.

-- +goose Up
CREATE TABLE seen_young (
    n     INTEGER PRIMARY KEY,
    hash  BLOB NOT NULL,
    day   INTEGER NOT NULL,
    inbox INTEGER NOT NULL
);

-- +goose Down
INSERT INTO seen (hash, day, inbox) SELECT hash, day, inbox FROM seen_young WHERE true ORDER BY hash ON CONFLICT DO NOTHING;
DROP TABLE seen_young;
