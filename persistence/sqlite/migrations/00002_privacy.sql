-- Erasing guests, and the audit of what is done with their data.

-- +goose Up
-- When a turn said that the guest is to be erased; the rows go when nothing of it is under way.
ALTER TABLE guests ADD COLUMN erasing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX guests_erasing ON guests (erasing) WHERE erasing > 0;
CREATE INDEX aliases_guest ON aliases (guest);
CREATE INDEX outbox_guest ON outbox (guest) WHERE state < 2;

-- Append only, kept for ever, no personal data.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    by     TEXT NOT NULL,
    what   TEXT NOT NULL,
    guest  TEXT NOT NULL,
    counts TEXT NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit;
DROP INDEX outbox_guest;
DROP INDEX aliases_guest;
DROP INDEX guests_erasing;
ALTER TABLE guests DROP COLUMN erasing;
