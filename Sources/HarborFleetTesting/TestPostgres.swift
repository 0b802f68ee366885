package import EventLoops
internal import Foundation
package import Logging
package import Postgres

/// One real PostgreSQL server per test process, in a temporary directory, on a Unix socket only. Each test makes
/// itself a database in it.
///
///     let database = try await TestPostgres.shared.makeDatabase()
///     let pool = PostgresPool(configuration: database.configuration, on: database.loop, logger: database.logger)
///
/// The server is stopped and its directory deleted when this process ends, killed or not: a watchdog reads a pipe
/// whose other end lives in this process alone. fsync is off: what these tests check is not the disk.
package final class TestPostgres: Sendable {
    /// Started by the first test that asks.
    package static var shared: TestPostgres {
        get throws { try started.get() }
    }
    private static let started = Result { try TestPostgres() }

    /// A database of one test's own, and a loop to talk to it on.
    package struct Database: Sendable {
        package let url: String
        package let loop: EventLoop
        package let logger: Logger

        package var configuration: PostgresConfiguration {
            PostgresConfiguration(url: url, applicationName: "harbor-fleet/test")
        }
    }

    /// Why there is no server; holds the end of its log.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let directory: String
    private let loop: EventLoop
    /// Its end of file stops the server; never written to, and open until the process ends.
    private let lifeline: CInt

    private init() throws {
        // Short, since a socket's path has at most 107 bytes.
        directory = "/tmp/hf-pg-\(getpid())"
        let binaries = try Self.binaries()
        try Self.run(Self.startScript, [directory, binaries])
        lifeline = try Self.watchdog(directory: directory, binaries: binaries)
        loop = try EventLoop(label: "harbor.test.postgres")
        loop.start()
    }

    /// Makes an empty database.
    package func makeDatabase() async throws -> Database {
        let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        let logger = Logger(label: "test.postgres") { _ in SwiftLogNoOpLogHandler() }
        let configuration = PostgresConfiguration(
            url: url(database: "postgres"), applicationName: "harbor-fleet/test",
            statementTimeout: .seconds(60))
        let connection = try await PostgresConnection.open(configuration, on: loop, logger: logger)
        try await connection.execute(script: "CREATE DATABASE \(name)")
        await connection.close()
        return Database(url: url(database: name), loop: loop, logger: logger)
    }

    private func url(database: String) -> String {
        "host=\(directory) dbname=\(database) user=postgres"
    }

    /// Where `initdb` is: Debian's directory of the newest version, else the PATH.
    private static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newest = versions.compactMap { Int($0) }.sorted().reversed().map { "\(root)/\($0)/bin" }
        let path = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":").map(
            String.init)
        for candidate in newest + path
        where FileManager.default.isExecutableFile(atPath: candidate + "/initdb") {
            return candidate
        }
        throw Failure(description: "no initdb: install Debian's package postgresql")
    }

    /// - Returns: the writing end of the watchdog's pipe.
    private static func watchdog(directory: String, binaries: String) throws -> CInt {
        var ends: [CInt] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Failure(description: "no pipe") }
        // Children of ours must not keep the pipe open when this process dies.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = try spawn(watchdogScript, [directory, binaries], standardInput: ends[0], output: "/dev/null")
        close(ends[0])
        return ends[1]
    }

    private static func run(_ script: String, _ arguments: [String]) throws {
        let log = "/tmp/hf-pg-\(getpid()).log"
        defer { _ = unsafe unlink(log) }
        let child = try spawn(script, arguments, standardInput: nil, output: log)
        var status: CInt = 0
        while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw Failure(description: "no test server: \(text)")
        }
    }

    /// Starts a shell. Not by Foundation's Process: that waits until the daemons of its child have ended too.
    private static func spawn(
        _ script: String, _ arguments: [String], standardInput: CInt?, output: String
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let standardInput {
            unsafe posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Copies of the arguments, freed below; posix_spawn does not keep them.
        let words = ["sh", "-c", script, "sh"] + arguments
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var child: pid_t = 0
        guard unsafe posix_spawn(&child, "/bin/sh", &actions, nil, &pointers, environ) == 0 else {
            throw Failure(description: "no shell")
        }
        return child
    }

    /// `as_owner` runs a command as a user that PostgreSQL accepts: not root.
    private static let asOwner = """
        as_owner() {
            if [ "$(id -u)" != 0 ]; then "$@"
            elif command -v setpriv >/dev/null; then
                setpriv --reuid=postgres --regid=postgres --init-groups "$@"
            else runuser -u postgres -- "$@"; fi
        }
        """

    private static let startScript =
        asOwner + """

            set -e
            cd /
            rm -rf "$1"
            mkdir -m 700 "$1"
            if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$1"; chmod 711 "$1"; fi
            as_owner "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$1.init" 2>&1 \\
                || { cat "$1.init"; exit 1; }
            rm -f "$1.init"
            as_owner "$2/pg_ctl" -D "$1/data" -s -w -t 60 -l "$1/data/log" -o "-k $1 -c listen_addresses='' \\
                -c fsync=off -c max_connections=200 -c log_min_messages=warning" start \\
                || { tail -n 20 "$1/data/log"; exit 1; }
            """

    private static let watchdogScript =
        asOwner + """

            trap '' HUP INT TERM
            cd /
            cat >/dev/null
            as_owner "$2/pg_ctl" -D "$1/data" -s -w -m immediate stop
            rm -rf "$1"
            """
}
