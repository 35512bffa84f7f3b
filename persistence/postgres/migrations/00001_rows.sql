-- The tables of the shared store. Times are unix milliseconds, 0 = never. Keys
-- compare by byte ("C"): shorter work, and the same order on every machine.
-- Pending work is found by partial indexes that hold nothing else; plan_test.go
-- asserts the plan of every hot query.

-- +goose Up
CREATE TABLE meta (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

-- One counter for inbox and outbox. It is asked under the guest's and the
-- lane's lock, so orders rise in order of commit for each of them.
CREATE SEQUENCE orders;

-- Narrow dedupe: what was taken, as a keyed hash, kept longer than the row.
CREATE TABLE seen (
    hash  bytea PRIMARY KEY,
    day   integer NOT NULL,
    inbox bigint NOT NULL -- id of the row that it made; 0 = a dead letter
);
CREATE INDEX seen_day ON seen (day);

CREATE TABLE guests (
    id       text COLLATE "C" PRIMARY KEY,
    property text NOT NULL,
    version  bigint NOT NULL DEFAULT 0,
    due      bigint NOT NULL DEFAULT 0,
    panics   integer NOT NULL DEFAULT 0,
    owner    text NOT NULL DEFAULT '', -- engine that committed last: it wakes the guest when due
    facts    text NOT NULL DEFAULT '',
    state    bytea
) WITH (fillfactor = 80);
CREATE INDEX guests_due ON guests (due) WHERE due > 0;

-- name is "property<US>kind<US>value": one narrow key for the hottest look-up.
CREATE TABLE aliases (
    name  text COLLATE "C" PRIMARY KEY,
    guest text COLLATE "C" NOT NULL
);

CREATE TABLE inbox (
    id       bigint PRIMARY KEY, -- the order of commit
    key      text COLLATE "C" NOT NULL UNIQUE,
    guest    text COLLATE "C" NOT NULL,
    kind     text NOT NULL,
    at       bigint NOT NULL,
    consumed bigint NOT NULL DEFAULT 0,
    owner    text NOT NULL DEFAULT '', -- engine that accepted it
    body     bytea
);
CREATE INDEX inbox_pending ON inbox (guest, id) WHERE consumed = 0;
CREATE INDEX inbox_done ON inbox (consumed) WHERE consumed > 0;

-- state: 0 pending, 1 sending, 2 settled, 3 dead, 4 withdrawn
CREATE TABLE outbox (
    key        text COLLATE "C" PRIMARY KEY,
    ord        bigint NOT NULL, -- the order of commit, and the lane's
    guest      text COLLATE "C" NOT NULL,
    property   text NOT NULL,
    lane       text COLLATE "C" NOT NULL,
    kind       text NOT NULL,
    state      smallint NOT NULL,
    owner      text NOT NULL,
    attempt    integer NOT NULL,
    taken_over boolean NOT NULL DEFAULT false,
    not_before bigint NOT NULL,
    created    bigint NOT NULL,
    claimed    bigint NOT NULL,
    done       bigint NOT NULL DEFAULT 0,
    status     text NOT NULL DEFAULT '',
    proof      text NOT NULL DEFAULT '',
    body       bytea
) WITH (fillfactor = 80);
CREATE INDEX outbox_lane ON outbox (lane, ord) WHERE state = 0;
CREATE UNIQUE INDEX outbox_sending ON outbox (lane) WHERE state = 1;
CREATE INDEX outbox_proof ON outbox (proof) WHERE proof <> '';
CREATE INDEX outbox_done ON outbox (done) WHERE state >= 2;

CREATE TABLE letters (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source   text NOT NULL,
    key      text COLLATE "C" NOT NULL,
    guest    text COLLATE "C" NOT NULL,
    property text NOT NULL,
    kind     text NOT NULL,
    lane     text NOT NULL,
    reason   text NOT NULL,
    at       bigint NOT NULL,
    closed   bigint NOT NULL DEFAULT 0,
    closing  text NOT NULL DEFAULT '',
    body     bytea
);
CREATE INDEX letters_open ON letters (key) WHERE closed = 0;
CREATE INDEX letters_closed ON letters (closed) WHERE closed > 0;

CREATE TABLE reservations (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    property  text NOT NULL,
    guest     text COLLATE "C" NOT NULL,
    body      text NOT NULL
);

CREATE TABLE transcript (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest text COLLATE "C" NOT NULL,
    at    bigint NOT NULL,
    body  bytea NOT NULL
);
CREATE INDEX transcript_guest ON transcript (guest, id);

CREATE TABLE handoffs (
    guest    text COLLATE "C" PRIMARY KEY,
    property text NOT NULL,
    state    text NOT NULL,
    cause    text NOT NULL,
    name     text NOT NULL,
    address  text NOT NULL,
    opened   bigint NOT NULL,
    staff    bigint NOT NULL,
    heard    bigint NOT NULL
);
CREATE INDEX handoffs_open ON handoffs (guest) WHERE state <> 'closed';

-- Engines that share the store. One that is not here is gone.
CREATE TABLE engines (
    owner   text PRIMARY KEY,
    counter bigint NOT NULL,
    gone    boolean NOT NULL DEFAULT false -- it has drained
);

-- +goose Down
DROP TABLE engines;
DROP TABLE handoffs;
DROP TABLE transcript;
DROP TABLE reservations;
DROP TABLE letters;
DROP TABLE outbox;
DROP TABLE inbox;
DROP TABLE aliases;
DROP TABLE guests;
DROP TABLE seen;
DROP SEQUENCE orders;
DROP TABLE meta;
