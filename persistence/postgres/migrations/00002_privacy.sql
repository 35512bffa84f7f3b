-- Erasing guests, and the audit of what is done with their data.

-- +goose Up
-- When a turn said that the guest is to be erased; the rows go when nothing of it is under way.
ALTER TABLE guests ADD COLUMN erasing bigint NOT NULL DEFAULT 0;
CREATE INDEX guests_erasing ON guests (erasing) WHERE erasing > 0;
CREATE INDEX aliases_guest ON aliases (guest);
CREATE INDEX outbox_guest ON outbox (guest) WHERE state < 2;

-- Append only, kept for ever, no personal data.
CREATE TABLE audit (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     bigint NOT NULL,
    who    text NOT NULL,
    what   text NOT NULL,
    guest  text NOT NULL,
    counts text NOT NULL
);
-- +goose StatementBegin
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is append only'; END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

-- +goose Down
DROP TABLE audit;
DROP FUNCTION audit_is_append_only;
DROP INDEX outbox_guest;
DROP INDEX aliases_guest;
DROP INDEX guests_erasing;
ALTER TABLE guests DROP COLUMN erasing;
