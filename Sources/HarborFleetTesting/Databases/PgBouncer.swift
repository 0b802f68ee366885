internal import Foundation
internal import Glibc
internal import Processes

/// A PgBouncer in transaction mode (Debian's package `pgbouncer`) in front of a PostgreSQL, for one test.
///
///     let bouncer = try await PgBouncer(before: database.url)
///     let configuration = PostgresConfiguration(url: bouncer.url, applicationName: "…")
///
/// It admits every client, and ends with this object or with the test. If PgBouncer is not installed, the test
/// fails.
package final class PgBouncer: Sendable {
    /// The connection string of the same database, through PgBouncer.
    package let url: String
    private let home: ProcessHome
    private let process: ChildProcess

    /// Starts PgBouncer, and returns when it listens.
    /// - Parameters:
    ///   - databaseURL: keywords with `host`, `dbname` and `user`, and an optional `port`.
    ///   - serverConnections: the largest number of its connections to PostgreSQL.
    package init(before databaseURL: String, serverConnections: Int = 4) async throws {
        home = try ProcessHome()
        let port = try FreePort.find()
        let parts = databaseURL.split(separator: " ").map(String.init)
        let name = parts.first { $0.hasPrefix("dbname=") } ?? ""
        let way = parts.filter { !$0.hasPrefix("dbname=") }.joined(separator: " ")
        url = "host=127.0.0.1 port=\(port) \(name) user=anybody"
        let settings = """
            [databases]
            * = \(way)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = \(serverConnections)
            server_login_retry = 1

            """
        try settings.write(toFile: home.path + "/pgbouncer.ini", atomically: false, encoding: .utf8)
        process = try home.spawn(.shell(Self.script, in: home.path), output: "log", errors: "log")
        let log = try ProcessLog(of: process.id, at: home.path + "/log", from: 0)
        let line = await log.line(
            containing: "listening on 127.0.0.1:\(port)", from: 0, within: .seconds(20))
        guard line != nil else { throw TestFailure("no PgBouncer:\n\(home.text(of: "log"))") }
    }

    deinit { process.send(SIGKILL) }

    /// Freezes it: it serves no client any more, and closes no connection.
    package func freeze() { process.send(SIGSTOP) }

    package func thaw() { process.send(SIGCONT) }

    /// PgBouncer refuses to run as root.
    private static let script = """
        command -v pgbouncer >/dev/null || { echo "install Debian's package pgbouncer"; exit 1; }
        if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups pgbouncer pgbouncer.ini
        else exec pgbouncer pgbouncer.ini; fi
        """
}
