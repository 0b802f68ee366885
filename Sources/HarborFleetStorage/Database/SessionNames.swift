internal import Glibc
package import Postgres

/// The names of a server's sessions in `pg_stat_activity`, so that other processes can distinguish servers'
/// sessions from their own: `harbor-fleet/PROCESS/ROLE`.
package struct SessionNames: Sendable {
    enum Role: String {
        case recorder
        case revision
        case schema
    }

    /// The pid and a random hexadecimal number of up to eight digits, because pids are reused.
    let process = "harbor-fleet/\(getpid())-" + String(UInt32.random(in: .min ... .max), radix: 16)

    package init() {}

    /// The name of the recorder's sessions. It also stands for the process where one name is needed.
    package var recorder: String { name(.recorder) }

    func name(_ role: Role) -> String { "\(process)/\(role)" }

    /// A LIKE pattern for the names of all servers' sessions of a role.
    static func pattern(_ role: Role) -> String { "harbor-fleet/%/\(role)" }

    /// Whether a server uses the database, judged by the session in which servers migrate.
    package static func serverIsThere(in pool: PostgresPool) async throws -> Bool {
        let rows = try await pool.query(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE $1)
            """, [.text(pattern(.schema))])
        return try rows[0].bool(0)
    }
}
