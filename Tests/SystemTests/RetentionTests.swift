import Foundation
import HarborFleetTesting
import Testing

/// A server that starts long after its last run, or with a clock that is far ahead. It cannot tell the two apart.
@Suite(.timeLimit(.minutes(2))) struct RetentionTests {
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

    @Test func leapOfTheClock_deletesNothingAtFirst_andIsBelievedAfterADay() async throws {
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
        // The log has it when the keeper's run is over.
        try await server.logLine(containing: "100 days ahead of the last run")
        let check = try await server.check("partitions")
        #expect(check?.status == "failed")
        #expect(
            check?.detail.contains("the clock is 100 days ahead of the last run") == true, "\(check as Any)")
        #expect(try await server.isReady())
        let receipts = "SELECT count(*) FROM receipts"
        // The sweeper logs nothing of what it deletes.
        try await waitUntil { try await database.number(receipts) == 1 }
        #expect(try await database.number("\(receipts) WHERE webhook_id = 'past it now'") == 1)
        #expect(try await database.number("SELECT count(*) FROM fixes") == 1)
        await server.stop(SIGINT)

        try await database.execute("UPDATE retention_clock SET observed_ms = 86400000")
        try await server.start()
        try await server.logLine(saying: "partitions dropped")
        #expect(try await database.number("SELECT count(*) FROM fixes") == 0)
        // As above.
        try await waitUntil { try await database.number(receipts) == 0 }
        // The check is ok when the run is over, which no line of the log says.
        try await server.waitForCheck("partitions") { $0.status == "ok" }
    }

    @Test func dayWhosePartitionCannotBeMade_isLogged_andDelaysNoOtherDay() async throws {
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
        // The line comes at the end of the run.
        try await server.logLine(
            containing: "a part of that day", within: .seconds(50))
        // The days of the retention, today, and a week. One of them is the table in the way.
        #expect(try await database.number("SELECT count(*) \(partitions)") == 408)
        await server.stop(SIGINT)
    }

    @Test func failureToReadTheRetention_isLogged_andDelaysNoPartition() async throws {
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
        // The line comes at the end of the run.
        try await server.logLine(containing: "SQLSTATE 42P01")
        #expect(try await database.number(count) == made)
        await server.stop(SIGINT)
    }
}
