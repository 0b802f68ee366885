import Foundation
import HarborFleetTesting
import Testing

/// A server that starts long after its last run, or with a clock that is far ahead, which it cannot tell apart.
@Suite struct RetentionTests {
    private static let hold = """
        UPDATE retention_clock SET believed_at = now() - interval '100 days', doubted_at = NULL, observed_ms = 0;
        INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, post_id)
        SELECT 1, now() - interval '101 days', now(), 1, 1, gen_random_uuid();
        INSERT INTO receipts (post_id, fleet_key, webhook_id, received_at, body_bytes, accepted, duplicates)
        SELECT id, 1, name, now(), 1, 0, 0 FROM (VALUES
            ('00000000-0000-7000-8000-000000000000'::uuid, 'past the retention when it last ran'),
            (overlay('00000000-0000-7000-8000-000000000000' placing
                regexp_replace(lpad(to_hex((extract(epoch FROM now() - interval '101 days') * 1000)::bigint), 12, '0'),
                    '(.{8})(.{4})', '\\1-\\2') from 1 for 13)::uuid, 'past it now')) v (id, name)
        """

    @Test(.timeLimit(.minutes(2)))
    func aLeapOfTheClock_deletesNothing_isTold_andIsBelievedAfterADay() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_RETENTION_DAYS": "3"])
        try await server.start()
        let database = try await SuperuserSession(of: server)
        await server.stop(SIGINT)
        try await database.execute(
            "DO $$ BEGIN EXECUTE format('CREATE TABLE old PARTITION OF fixes FOR VALUES FROM (%L) TO (%L)', "
                + "date_trunc('day', now()) - interval '102 days', date_trunc('day', now()) - interval '99 days'); "
                + "END $$")
        try await database.execute(Self.hold)

        try await server.start()
        // The server answers ready, and both the keeper and the sweeper have been at work.
        try await waitUntil { try await server.check("partitions")?.status == "failed" }
        let check = try await server.check("partitions")
        #expect(
            check?.detail.contains("the clock is 100 days ahead of the last run") == true, "\(check as Any)")
        #expect(try await server.isReady())
        // The log has it when the run is over, the check while it goes on.
        try await waitUntil { server.log.contains("100 days ahead of the last run") }
        let receipts = "SELECT count(*) FROM receipts"
        try await waitUntil { try await database.number(receipts) == 1 }
        #expect(try await database.number("\(receipts) WHERE webhook_id = 'past it now'") == 1)
        #expect(try await database.number("SELECT count(*) FROM fixes") == 1)
        await server.stop(SIGINT)

        try await database.execute("UPDATE retention_clock SET observed_ms = 86400000")
        try await server.start()
        try await waitUntil {
            try await database.number("SELECT (SELECT count(*) FROM fixes) + (\(receipts))") == 0
        }
        try await waitUntil { try await server.check("partitions")?.status == "ok" }
    }

    @Test(.timeLimit(.minutes(2)))
    func aDayThatCannotBeMade_isTold_andKeepsNoOtherWaiting() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_RETENTION_DAYS": "400"])
        try await server.start()
        let database = try await SuperuserSession(of: server)
        await server.stop(SIGINT)
        let partitions = "FROM pg_inherits WHERE inhparent = 'fixes'::regclass"
        try await database.execute(
            """
            DO $$ DECLARE name text; day timestamptz := date_trunc('day', now(), 'UTC') - interval '20 days'; BEGIN
                FOR name IN SELECT inhrelid::regclass::text \(partitions) AND inhrelid::regclass::text
                    < 'fixes_' || to_char(now() AT TIME ZONE 'UTC' - interval '5 days', 'YYYYMMDD')
                LOOP EXECUTE 'DROP TABLE ' || name; END LOOP;
                EXECUTE format('CREATE TABLE part PARTITION OF fixes FOR VALUES FROM (%L) TO (%L)',
                    day + interval '1 hour', day + interval '2 hours');
            END $$
            """)
        try await server.start()
        // The days of the retention, today, and a week: one of them is the table in the way.
        try await waitUntil(within: .seconds(50)) {
            try await database.number("SELECT count(*) \(partitions)") == 408
        }
        try await waitUntil { server.log.contains("another partition covers a part of that day") }
        await server.stop(SIGINT)
    }

    @Test(.timeLimit(.minutes(2)))
    func aGuardThatFails_isTold_andKeepsNoPartitionFromBeingMade() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_RETENTION_DAYS": "3"])
        try await server.start()
        let database = try await SuperuserSession(of: server)
        await server.stop(SIGINT)
        let count = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'fixes'::regclass"
        let made = try await database.number(count)
        try await database.execute(
            """
            ALTER TABLE retentions RENAME TO hidden;
            DO $$ BEGIN EXECUTE (SELECT 'DROP TABLE ' || max(inhrelid::regclass::text)
                FROM pg_inherits WHERE inhparent = 'fixes'::regclass); END $$
            """)
        #expect(try await database.number(count) == made - 1)

        try await server.start()
        #expect(try await server.isReady())
        try await waitUntil { try await database.number(count) == made }
        try await waitUntil { server.log.contains("SQLSTATE 42P01") }
        await server.stop(SIGINT)
    }
}
