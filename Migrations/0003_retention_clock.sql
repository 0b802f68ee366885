-- What deletions by age go by, so that a clock that was set wrong deletes nothing.
-- oldest-binary: 1

CREATE TABLE retention_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- The last time that was believed; NULL while nothing was ever stored.
    believed_at timestamptz,
    -- The last time that lies too far ahead to be believed yet, and for how long it has been seen to go on.
    doubted_at timestamptz,
    observed_ms bigint NOT NULL DEFAULT 0
);
-- Where data is older than this table, its newest time stands for the last run's. The id of a receipt rises with time.
INSERT INTO retention_clock (believed_at)
SELECT greatest(
    (SELECT received_at FROM receipts ORDER BY post_id DESC LIMIT 1),
    (SELECT max(received_at) FROM vehicle_positions));

-- What each server wants kept, and when it was last seen: the longest that was seen lately holds. One that is stopped
-- in order takes its own out.
CREATE TABLE retentions (
    server text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('fixes', 'receipts')),
    days integer NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (server, kind)
);
