internal import Glibc
package import Postgres

/// What the sessions of a server call themselves in `pg_stat_activity`, so that other processes can tell servers' sessions
/// from their own: `harbor-fleet/PROCESS/ROLE`.
package struct SessionNames: Sendable {
    enum Role: String {
        case recorder
        case revision
        case schema
    }

    /// The pid and eight random digits: pids come again.
    let process = "harbor-fleet/\(getpid())-" + String(UInt32.random(in: .min ... .max), radix: 16)

    package init() {}

    /// The recorder's, which stands for the process where one name is wanted.
    package var recorder: String { name(.recorder) }

    func name(_ role: Role) -> String { "\(process)/\(role)" }

    /// The names of all servers' sessions of a role, for LIKE.
    static func pattern(_ role: Role) -> String { "harbor-fleet/%/\(role)" }

    /// Whether a server is on a database: by the session in which it migrates.
    package static func serverIsThere(in pool: PostgresPool) async throws -> Bool {
        let rows = try await pool.query(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE $1)
            """, [.text(pattern(.schema))])
        return try rows[0].bool(0)
    }
}
