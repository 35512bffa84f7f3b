-- What is unconsumed, in the order of commit: the engine remembers it by guest,
-- and an index by guest costs each message random pages of the log. The index keeps
-- its name: the release before this one names it in its queries, which
-- are right on it, only slower.

-- +goose Up
DROP INDEX inbox_pending;
CREATE INDEX inbox_pending ON inbox (id, guest, at) WHERE consumed = 0;

-- +goose Down
DROP INDEX inbox_pending;
CREATE INDEX inbox_pending ON inbox (guest, id, at) WHERE consumed = 0;
