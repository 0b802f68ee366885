import HarborFleetTesting

/// Holds back the commits of fixes in PostgreSQL, and tells when one waits.
///
/// A trigger of the table of receipts waits for a lock of the gate. Before it waits it raises a notice, which the
/// server that sent the statement logs at `debug`.
///
///     let gate = try await CommitGate(session)
///     try await gate.close()
///     async let late = api.post(…)
///     try await server.logLine(containing: CommitGate.notice)
///     try await gate.open()
struct CommitGate {
    /// What the log has once a commit waits.
    static let notice = "a commit waits at the gate"

    private static let lock = 7_364_810_254
    private let session: SuperuserSession

    /// Makes a gate that is open.
    /// - Parameter session: to a database with its tables. It holds the lock, so its end opens the gate.
    init(_ session: SuperuserSession) async throws {
        self.session = session
        try await session.execute(
            """
            CREATE FUNCTION pass_commit_gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NOT pg_try_advisory_xact_lock_shared(\(Self.lock)) THEN
                    RAISE NOTICE '\(Self.notice)';
                    PERFORM pg_advisory_xact_lock_shared(\(Self.lock));
                END IF;
                RETURN NULL;
            END
            $$;
            CREATE TRIGGER commit_gate BEFORE INSERT ON receipts
                FOR EACH STATEMENT EXECUTE FUNCTION pass_commit_gate()
            """)
    }

    /// Makes every commit of fixes wait from now on.
    func close() async throws {
        try await session.execute("BEGIN; SELECT pg_advisory_xact_lock(\(Self.lock))")
    }

    /// Lets the commits go that wait, and all later ones.
    func open() async throws { try await session.execute("COMMIT") }

    /// How many commits wait.
    func waiting() async throws -> Int64 {
        try await session.number(
            """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """)
    }
}
