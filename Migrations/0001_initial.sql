-- The first schema.
-- oldest-binary: 1
--
-- Ids are compared and ordered by bytes (COLLATE "C") whatever the database's locale is.

CREATE TABLE fleets (
    fleet_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fleet_id text COLLATE "C" NOT NULL,
    name text NOT NULL DEFAULT '',
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);
-- Unique among the fleets that are there: one that comes back gets a new key and so starts empty, while the fixes
-- of the removed one are deleted in the background.
CREATE UNIQUE INDEX fleets_fleet_id ON fleets (fleet_id) WHERE removed_at IS NULL;

CREATE TABLE vehicles (
    vehicle_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fleet_key bigint NOT NULL REFERENCES fleets,
    vehicle_id text COLLATE "C" NOT NULL,
    name text NOT NULL DEFAULT '',
    attributes jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);
-- As with fleets: one that comes back gets a new key.
CREATE UNIQUE INDEX vehicles_fleet_key_vehicle_id ON vehicles (fleet_key, vehicle_id) WHERE removed_at IS NULL;
-- Servers ask which were removed lately.
CREATE INDEX vehicles_removed_at ON vehicles (removed_at) WHERE removed_at IS NOT NULL;

-- One row per accepted fix. No foreign keys and no second index: each would halve the rate of inserts. The primary
-- key serves the history of a vehicle; expired days go as whole partitions.
CREATE TABLE fixes (
    vehicle_key bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lat double precision NOT NULL,
    lng double precision NOT NULL,
    speed_mps double precision,
    heading_deg double precision,
    altitude_m double precision,
    accuracy_m double precision,
    derived_speed_mps double precision,
    -- json, not jsonb, keeps the text as it was sent, so that a reload says the same: jsonb sorts the members, makes
    -- 309 digits of 1e308 and 0 of -0.
    attributes json,
    post_id uuid NOT NULL,
    PRIMARY KEY (vehicle_key, recorded_at)
) PARTITION BY RANGE (recorded_at);

-- The newest fix of each vehicle: what a tracker reloads with one indexed query.
CREATE TABLE vehicle_positions (
    vehicle_key bigint PRIMARY KEY,
    fleet_key bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lat double precision NOT NULL,
    lng double precision NOT NULL,
    speed_mps double precision,
    heading_deg double precision,
    altitude_m double precision,
    accuracy_m double precision,
    derived_speed_mps double precision,
    -- What the fix made of the vehicle, and since when it is slow, by its clock and by ours: a fix alone does not
    -- tell, since a vehicle that drives counts as moving for a while when it slows down.
    is_moving boolean,
    slow_recorded_at timestamptz,
    slow_received_at timestamptz,
    -- As in fixes.
    attributes json,
    post_id uuid NOT NULL
) WITH (fillfactor = 70);
-- Only of columns that an update leaves alone, so that updates stay in their page (HOT).
CREATE INDEX vehicle_positions_fleet_key ON vehicle_positions (fleet_key);

-- What became of each POST, written in the transaction of its fixes. The id is a UUIDv7 and rises with the time,
-- so that old receipts are one range of the primary key.
CREATE TABLE receipts (
    post_id uuid PRIMARY KEY,
    fleet_key bigint NOT NULL,
    partner_id text COLLATE "C",
    webhook_id text,
    received_at timestamptz NOT NULL,
    body_bytes bigint NOT NULL,
    body_hash bytea,
    accepted integer NOT NULL,
    duplicates integer NOT NULL,
    node_id bigint
);

CREATE TABLE partners (
    partner_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id text COLLATE "C" NOT NULL,
    fixes_per_second integer,
    requests_per_second integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);

CREATE UNIQUE INDEX partners_partner_id ON partners (partner_id) WHERE revoked_at IS NULL;

CREATE TABLE partner_fleets (
    partner_key bigint NOT NULL REFERENCES partners,
    fleet_key bigint NOT NULL REFERENCES fleets,
    PRIMARY KEY (partner_key, fleet_key)
);
CREATE INDEX partner_fleets_fleet_key ON partner_fleets (fleet_key);

CREATE TABLE partner_secrets (
    secret_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_key bigint NOT NULL REFERENCES partners,
    -- AES-GCM: nonce, ciphertext, tag; under the key that key_id names.
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX partner_secrets_partner_key ON partner_secrets (partner_key);

CREATE TABLE tokens (
    token_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    -- SHA-256 in hexadecimal digits: who reads this table has no token.
    hash text COLLATE "C" NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('viewer', 'admin')),
    -- All fleets, those to come too; else those in token_fleets.
    all_fleets boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX tokens_name ON tokens (name) WHERE revoked_at IS NULL;

CREATE TABLE token_fleets (
    token_key bigint NOT NULL REFERENCES tokens,
    fleet_key bigint NOT NULL REFERENCES fleets,
    PRIMARY KEY (token_key, fleet_key)
);

CREATE TABLE sessions (
    hash text COLLATE "C" PRIMARY KEY,
    token_key bigint NOT NULL REFERENCES tokens,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX sessions_token_key ON sessions (token_key);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Vehicles that are to be deleted in the background, with their positions and fixes.
CREATE TABLE removals (
    vehicle_key bigint PRIMARY KEY,
    fleet_key bigint NOT NULL,
    removed_at timestamptz NOT NULL DEFAULT now()
);

-- One row; its number rises with every change of what servers keep in memory. They poll it.
CREATE TABLE revision (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number bigint NOT NULL,
    -- Rises with every removal of a fleet or vehicle: as long as it stands still, keys that a server keeps are good.
    removals bigint NOT NULL DEFAULT 0
);
INSERT INTO revision (number) VALUES (1);

CREATE FUNCTION bump_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE revision SET number = number + 1;
    RETURN NULL;
END
$$;

CREATE FUNCTION bump_removals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE revision SET number = number + 1, removals = removals + 1;
    RETURN NULL;
END
$$;

-- Not on last_used_at: that is written all the time and changes nobody's rights.
CREATE TRIGGER bump_revision AFTER INSERT OR UPDATE OR DELETE ON fleets
    FOR EACH STATEMENT EXECUTE FUNCTION bump_revision();
CREATE TRIGGER bump_revision
    AFTER INSERT OR DELETE OR UPDATE OF partner_id, fixes_per_second, requests_per_second, expires_at, revoked_at
    ON partners FOR EACH STATEMENT EXECUTE FUNCTION bump_revision();
CREATE TRIGGER bump_revision AFTER INSERT OR UPDATE OR DELETE ON partner_fleets
    FOR EACH STATEMENT EXECUTE FUNCTION bump_revision();
CREATE TRIGGER bump_revision AFTER INSERT OR DELETE OR UPDATE OF sealed, key_id, expires_at, revoked_at
    ON partner_secrets FOR EACH STATEMENT EXECUTE FUNCTION bump_revision();
CREATE TRIGGER bump_revision
    AFTER INSERT OR DELETE OR UPDATE OF name, hash, role, all_fleets, expires_at, revoked_at
    ON tokens FOR EACH STATEMENT EXECUTE FUNCTION bump_revision();
CREATE TRIGGER bump_revision AFTER INSERT OR UPDATE OR DELETE ON token_fleets
    FOR EACH STATEMENT EXECUTE FUNCTION bump_revision();
-- Not on DELETE of vehicles: that is the background's, when nobody sees them any more.
CREATE TRIGGER bump_removals AFTER UPDATE OF removed_at ON fleets
    FOR EACH STATEMENT EXECUTE FUNCTION bump_removals();
CREATE TRIGGER bump_removals AFTER UPDATE OF removed_at ON vehicles
    FOR EACH STATEMENT EXECUTE FUNCTION bump_removals();
