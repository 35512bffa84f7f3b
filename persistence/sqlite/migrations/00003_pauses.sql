-- Whom the bot keeps quiet for: a guest, a property, or, both empty, the engine.

-- +goose Up
CREATE TABLE pauses (
    property TEXT NOT NULL,
    guest    TEXT NOT NULL,
    who      TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (property, guest)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE pauses;
