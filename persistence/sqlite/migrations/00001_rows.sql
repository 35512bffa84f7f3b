-- The tables of the embedded store. Times are unix milliseconds, 0 = never.
-- A partial index is used only when its condition stands in the query as it
-- stands here; plan_test.go asserts the plan of every hot query.

-- +goose Up
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Narrow dedupe: what was taken, as a keyed hash, kept longer than the row.
CREATE TABLE seen (
    hash  BLOB PRIMARY KEY,
    day   INTEGER NOT NULL,
    inbox INTEGER NOT NULL -- id of the row that it made; 0 = a dead letter
) WITHOUT ROWID;

CREATE TABLE guests (
    n        INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    property TEXT NOT NULL,
    version  INTEGER NOT NULL DEFAULT 0,
    due      INTEGER NOT NULL DEFAULT 0,
    panics   INTEGER NOT NULL DEFAULT 0,
    facts    TEXT NOT NULL DEFAULT '',
    state    BLOB
);
CREATE INDEX guests_due ON guests (due) WHERE due > 0;

-- name is "property<US>kind<US>value": one narrow key for the hottest look-up.
CREATE TABLE aliases (
    name  TEXT PRIMARY KEY,
    guest TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE inbox (
    id       INTEGER PRIMARY KEY, -- the order of commit
    key      TEXT NOT NULL UNIQUE,
    guest    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    consumed INTEGER NOT NULL DEFAULT 0,
    body     BLOB
);
CREATE INDEX inbox_pending ON inbox (guest, id, at) WHERE consumed = 0;

-- state: 0 pending, 1 sending, 2 settled, 3 dead, 4 withdrawn
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY, -- the order of commit, and the lane's
    key        TEXT NOT NULL UNIQUE,
    guest      TEXT NOT NULL,
    property   TEXT NOT NULL,
    lane       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    state      INTEGER NOT NULL,
    owner      TEXT NOT NULL,
    attempt    INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    claimed    INTEGER NOT NULL,
    done       INTEGER NOT NULL,
    status     TEXT NOT NULL,
    proof      TEXT NOT NULL,
    body       BLOB
);
CREATE INDEX outbox_lane ON outbox (lane, id, not_before, created) WHERE state = 0;
CREATE UNIQUE INDEX outbox_sending ON outbox (lane) WHERE state = 1;
CREATE INDEX outbox_proof ON outbox (proof) WHERE proof <> '';

CREATE TABLE letters (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    source   TEXT NOT NULL,
    key      TEXT NOT NULL,
    guest    TEXT NOT NULL,
    property TEXT NOT NULL,
    kind     TEXT NOT NULL,
    lane     TEXT NOT NULL,
    reason   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    closed   INTEGER NOT NULL DEFAULT 0,
    closing  TEXT NOT NULL DEFAULT '',
    body     BLOB
);
CREATE INDEX letters_open ON letters (key) WHERE closed = 0;

CREATE TABLE reservations (
    id        INTEGER PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    property  TEXT NOT NULL,
    guest     TEXT NOT NULL,
    body      TEXT NOT NULL
);

CREATE TABLE transcript (
    id    INTEGER PRIMARY KEY,
    guest TEXT NOT NULL,
    at    INTEGER NOT NULL,
    body  BLOB NOT NULL
);
CREATE INDEX transcript_guest ON transcript (guest);

CREATE TABLE handoffs (
    guest    TEXT PRIMARY KEY,
    property TEXT NOT NULL,
    state    TEXT NOT NULL,
    cause    TEXT NOT NULL,
    name     TEXT NOT NULL,
    address  TEXT NOT NULL,
    opened   INTEGER NOT NULL,
    staff    INTEGER NOT NULL,
    heard    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX handoffs_open ON handoffs (guest) WHERE state <> 'closed';

-- +goose Down
DROP TABLE handoffs;
DROP TABLE transcript;
DROP TABLE reservations;
DROP TABLE letters;
DROP TABLE outbox;
DROP TABLE inbox;
DROP TABLE aliases;
DROP TABLE guests;
DROP TABLE seen;
DROP TABLE meta;
