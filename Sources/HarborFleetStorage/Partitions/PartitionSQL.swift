internal import HarborFleet
internal import Postgres

/// The statements of the partition keeper.
enum PartitionSQL {
    /// One batch of statements in one transaction: the first statement sets how bounds are printed, and its
    /// settings end with the transaction. NULL stands for a missing lower or upper bound (MINVALUE, MAXVALUE,
    /// infinity, DEFAULT).
    static let survey: [PostgresStatement] = [
        PostgresStatement("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true)"),
        PostgresStatement(
            """
            SELECT i.inhrelid::regclass::text, i.inhdetachpending, lower.milliseconds, upper.milliseconds
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
            CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS text) bound
            CROSS JOIN LATERAL (
                SELECT \(moment("FROM"))
            ) lower
            CROSS JOIN LATERAL (
                SELECT \(moment("TO"))
            ) upper
            WHERE i.inhparent = 'fixes'::regclass AND bound.text <> 'DEFAULT'
            """),
    ]

    /// Tables that have the name of a day's partition but are not attached: never attached, or detached and not
    /// dropped.
    static let detached = """
        SELECT c.relname::text FROM pg_class c
        WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'fixes'::regclass)
            AND c.relkind = 'r' AND NOT c.relispartition AND c.relname ~ '^fixes_[0-9]{8}$'
        ORDER BY c.relname
        """

    /// Does not use CREATE TABLE … PARTITION OF, which locks `fixes` against writers.
    static func create(_ day: PartitionDay) -> String {
        """
        CREATE TABLE IF NOT EXISTS \(day.tableName) (LIKE fixes INCLUDING ALL);
        ALTER TABLE fixes ATTACH PARTITION \(day.tableName) FOR VALUES FROM ('\(day.bound)') TO ('\(day.next.bound)');

        """
    }

    private static func moment(_ word: String) -> String {
        """
        CASE WHEN isfinite(t) THEN floor(extract(epoch FROM t) * 1000)::bigint END AS milliseconds
                FROM (SELECT (regexp_match(bound.text, '\(word) \\(''([^'']+)''\\)'))[1]::timestamptz AS t) m
        """
    }
}

extension PartitionSurvey {
    /// Reads which partitions exist now. Takes no lock that other sessions wait for.
    init(on session: some PostgresQuerying) async throws {
        let rows = try await session.unit(PartitionSQL.survey, timeout: nil).last
        let partitions = try rows?.map { row in
            Partition(
                name: try row.string(0), start: try row.optionalInt64(2).map(Timestamp.init(milliseconds:)),
                end: try row.optionalInt64(3).map(Timestamp.init(milliseconds:)),
                isDetaching: try row.bool(1))
        }
        self.init(partitions: partitions ?? [])
    }
}
