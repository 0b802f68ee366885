/// A database function that belongs to a binary. Its name carries a digest of its text, so another text makes
/// another function. Two binaries that work on one database during a deploy therefore never replace each other's
/// functions.
package struct SchemaFunction: Sendable, Equatable {
    /// The name that statements call: the name in the file, `_`, and the digest.
    package let name: String
    /// Creates the function, or replaces it by the same text.
    let sql: String

    /// - Parameters:
    ///   - stem: the name in the file, which must have exactly one statement `CREATE OR REPLACE FUNCTION` for it.
    ///     At most 40 bytes, because PostgreSQL truncates names after 63.
    ///   - digest: the digest of `text` in hexadecimal digits; the first 16 are used.
    package init(stem: String, text: String, digest: String) {
        let name = stem + "_" + digest.prefix(16)
        self.name = name
        sql = text.split(separator: "CREATE OR REPLACE FUNCTION \(stem)(", omittingEmptySubsequences: false)
            .joined(separator: "CREATE OR REPLACE FUNCTION \(name)(")
    }
}

/// The status of a binary's functions in a database.
package struct SchemaFunctionOverview: Sendable, Equatable {
    /// The names of this binary's functions that do not exist.
    package var missing: [String] = []
    /// Whether the binary must record again that it uses its functions.
    package var isStale = false
    /// The names of functions that no binary has used for 30 days.
    package var unused: [String] = []

    /// Whether `Migrator.keepFunctions` has work to do.
    package var needsUpkeep: Bool { isStale || !unused.isEmpty }
}

/// Maintains the functions of a binary in a database, and drops those that no binary uses any more. Their names are
/// in the table `schema_functions`, which older binaries do not know.
struct SchemaFunctions: Sendable {
    let functions: [SchemaFunction]

    private var names: [String] { functions.map(\.name) }

    /// Changes nothing. It also works on a database whose table of functions does not exist yet or may not be read
    /// by the role: whether a function exists can be seen without that table.
    func overview(on connection: PostgresConnection) async throws(PostgresError) -> SchemaFunctionOverview {
        guard !functions.isEmpty else { return SchemaFunctionOverview() }
        let rows = try await connection.query(Self.presence, [.textArray(names)])
        var overview = SchemaFunctionOverview(isStale: true)
        for row in rows where try !row.bool(1) { overview.missing.append(try row.string(0)) }
        guard try rows[0].bool(2) else { return overview }
        var noted: Set<String> = []
        for row in try await connection.query(Self.look) {
            let name = try row.string(0)
            if names.contains(name) {
                if try !row.bool(1) { noted.insert(name) }
            } else if try row.bool(2) {
                overview.unused.append(name)
            }
        }
        overview.isStale = noted.count < names.count
        return overview
    }

    /// Creates the missing functions. Must be called under the migrator's lock.
    /// - Returns: the names of the functions that were created.
    func install(on connection: PostgresConnection) async throws(PostgresError) -> [String] {
        let missing = try await overview(on: connection).missing
        guard !missing.isEmpty else { return [] }
        try await makeTable(on: connection)
        for function in functions where missing.contains(function.name) {
            try await connection.execute(script: function.sql)
        }
        try await noteUse(on: connection)
        return missing
    }

    /// Records that the binary uses its functions, and drops those that no binary uses.
    func keep(
        _ overview: SchemaFunctionOverview, on connection: PostgresConnection, lockTimeout: Duration
    ) async throws(PostgresError) {
        if overview.isStale {
            try await makeTable(on: connection)
            try await noteUse(on: connection)
        }
        for name in overview.unused { try await drop(name, on: connection, lockTimeout) }
    }

    /// Creates the table only if it does not exist, because even a CREATE TABLE IF NOT EXISTS requires the right to
    /// create tables.
    private func makeTable(on connection: PostgresConnection) async throws(PostgresError) {
        let exists = try await connection.query("SELECT to_regclass('schema_functions') IS NOT NULL")
        if try !exists[0].bool(0) { try await connection.execute(script: Self.createTable) }
    }

    /// Uses the database's clock, because all binaries share it.
    private func noteUse(on connection: PostgresConnection) async throws(PostgresError) {
        _ = try await connection.query(
            """
            INSERT INTO schema_functions (name, last_used_at) SELECT unnest($1::text[]), clock_timestamp()
            ON CONFLICT (name) DO UPDATE SET last_used_at = excluded.last_used_at
            """, [.textArray(names)])
    }

    /// Drops a function together with its row, as one script and so in one transaction.
    private func drop(
        _ name: String, on connection: PostgresConnection, _ lockTimeout: Duration
    ) async throws(PostgresError) {
        let rows = try await connection.query(
            """
            SELECT format('%s; DROP FUNCTION IF EXISTS %I; DELETE FROM schema_functions WHERE name = %L', $2::text,
                $1::text, $1::text)
            """, [.text(name), .text(LockTimeout.local(lockTimeout))])
        try await connection.execute(script: try rows[0].string(0))
    }

    private static let createTable = """
        CREATE TABLE IF NOT EXISTS schema_functions (
            name text COLLATE "C" PRIMARY KEY,
            last_used_at timestamptz NOT NULL
        )
        """

    /// Lists which functions exist, and whether the table can be read.
    private static let presence = """
        SELECT name, to_regproc(quote_ident(name)) IS NOT NULL,
            coalesce(has_table_privilege(to_regclass('schema_functions')::oid, 'SELECT'), false)
        FROM unnest($1::text[]) name
        """

    /// Unused functions are listed only if this role may drop them: only an owner may.
    private static let look = """
        SELECT f.name, f.last_used_at < now() - interval '1 day',
            f.last_used_at < now() - interval '30 days' AND (p.oid IS NULL OR pg_has_role(p.proowner, 'USAGE'))
        FROM schema_functions f LEFT JOIN pg_proc p ON p.oid = to_regproc(quote_ident(f.name))
        """
}
