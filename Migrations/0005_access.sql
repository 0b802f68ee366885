-- What keeps readers and partners apart: a partner can be bound to the `fleet_id` member, and a pass phrase has a salt.
-- oldest-binary: 1
--
-- Only additions with defaults, so that an older binary lives with it.

-- A body without the member `fleet_id` is refused: it is the only thing that binds a signature to a fleet.
ALTER TABLE partners ADD COLUMN require_fleet_id boolean NOT NULL DEFAULT false;

DROP TRIGGER bump_revision ON partners;
CREATE TRIGGER bump_revision
    AFTER INSERT OR DELETE OR UPDATE OF partner_id, fixes_per_second, requests_per_second, require_fleet_id, expires_at,
        revoked_at
    ON partners FOR EACH STATEMENT EXECUTE FUNCTION bump_revision();

-- One row, made by the first server that is given a pass phrase: what scrypt derives the key from, beside the phrase.
CREATE TABLE secret_key_salt (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    salt bytea NOT NULL
);
