-- Whom the bot keeps quiet for: a guest, a property, or, both empty, the engines.

-- +goose Up
CREATE TABLE pauses (
    property text NOT NULL,
    guest    text COLLATE "C" NOT NULL,
    who      text NOT NULL,
    at       bigint NOT NULL,
    PRIMARY KEY (property, guest)
);

-- +goose Down
DROP TABLE pauses;
