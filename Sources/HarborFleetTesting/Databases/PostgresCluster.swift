internal import Foundation
internal import Processes
internal import Supervision

/// A real PostgreSQL server for one test that can be made to fail.
///
///     let cluster = try await PostgresCluster()
///     let database = try await cluster.makeDatabase()
///     try await cluster.kill()                              // -9, the postmaster and every backend
///     try await cluster.start()                             // the same data directory and port
///     try await cluster.freeze()                            // SIGSTOP: connections hang, new ones too
///     try await cluster.thaw()
///     let standby = try await PostgresCluster(standbyOf: cluster)
///
/// It listens on a Unix socket and on 127.0.0.1, both with the same port number. Tests connect as a role without
/// special privileges, which owns its databases. fsync is off; the test chooses `synchronous_commit`: a killed
/// server loses the commits that it has not handed to the kernel.
///
/// The server is ended, even when frozen, and its directory is deleted, when this object is released, or when
/// this process ends, even when killed.
package final class PostgresCluster: Sendable {
    /// The role that owns the databases and that tests connect as.
    package static let role = "harbor_fleet"

    /// The mode in which `stop` ends the server (PostgreSQL manual, 19.5).
    package enum StopMode: String, Sendable, CaseIterable {
        /// SIGINT: transactions are rolled back, clients are notified.
        case fast
        /// SIGQUIT: no shutdown checkpoint, recovery at the next start.
        case immediate
    }

    /// The directory of the Unix socket, the data directory and the log.
    package let directory: String
    package let port: UInt16
    private let binaries: String
    private let processes: ClusterProcesses
    private let watchdog: Watchdog
    /// All operations on the server run on this queue, one after the other, so that they block no task.
    private let queue = BlockingQueue(label: "test.postgres-cluster")

    /// Makes and starts a server.
    /// - Parameters:
    ///   - settings: lines of `postgresql.conf`, such as `["max_connections": "20"]`.
    ///   - primary: makes the server a hot standby of this one; nil for a new cluster.
    package init(settings: [String: String] = [:], standbyOf primary: PostgresCluster? = nil) async throws {
        // Short, because a socket's path has at most 107 bytes.
        directory = "/tmp/hf-pgc-" + UUID().uuidString.prefix(13).lowercased()
        port = try FreePort.find()
        binaries = try PostgresTools.binaries()
        processes = ClusterProcesses(dataDirectory: directory + "/data")
        watchdog = try PostgresTools.watchdog(Self.watchdogScript, [directory, binaries])
        let own = [
            "unix_socket_directories": directory, "listen_addresses": "127.0.0.1", "port": "\(port)",
            "fsync": "off", "max_connections": "60", "log_min_messages": "warning",
        ]
        let lines = own.merging(settings) { _, given in given }.map { "\($0.key) = '\($0.value)'\n" }
        let make = primary == nil ? PostgresTools.initialise : PostgresTools.copy
        let origin = primary.map { "\($0.port)" } ?? ""
        try await blocking { cluster in
            try PostgresTools.run(
                make + "\n" + Self.configureScript,
                [cluster.directory, cluster.binaries, lines.joined(), origin])
        }
        try await start()
        if primary == nil { try await asSuperuser("CREATE ROLE \(Self.role) LOGIN") }
    }

    /// Makes an empty database, owned by `role`.
    package func makeDatabase() async throws -> ClusterDatabase {
        let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try await asSuperuser("CREATE DATABASE \(name) OWNER \(Self.role)")
        return ClusterDatabase(name: name, directory: directory, port: port)
    }

    /// Whether any process of the server is alive, even a frozen one.
    package var isRunning: Bool { !processes.all.isEmpty }

    /// The end of the server's log.
    package var log: String {
        let data = FileManager.default.contents(atPath: directory + "/data/log") ?? Data()
        return String(decoding: data.suffix(8_000), as: UTF8.self)
    }

    func asSuperuser(_ script: String) async throws {
        let session = try await SuperuserSession(
            ClusterDatabase(name: "postgres", directory: directory, port: port))
        let result = await Result {
            // Overrides the cluster's settings: a fault that was lifted must not come back after a crash.
            try await session.execute("SET synchronous_commit = on")
            try await session.execute(script)
        }
        await session.close()
        try result.get()
    }
}

// MARK: Operations on the server

extension PostgresCluster {
    /// Starts the server and returns when it accepts connections; does nothing when it runs.
    package func start() async throws {
        try await blocking { cluster in
            guard cluster.processes.all.isEmpty else { return }
            // A killed postmaster leaves its lock files, and its process id may now belong to another process or
            // a zombie.
            try PostgresTools.run(
                #"rm -f "$1/data/postmaster.pid" "$1"/.s.PGSQL.*"# + "\n" + PostgresTools.start,
                [cluster.directory, cluster.binaries, ""])
        }
    }

    /// Ends the server in an orderly way and returns when it is gone. Thaws it first.
    package func stop(_ mode: StopMode = .fast) async throws {
        try await blocking { cluster in
            cluster.processes.continueAll()
            guard !cluster.processes.all.isEmpty else { return }
            try PostgresTools.run(Self.stopScript, [cluster.directory, cluster.binaries, mode.rawValue])
            // pg_ctl waits until the lock file is gone; the processes end a moment later.
            try cluster.processes.waitUntilGone()
        }
    }

    /// `stop` and `start`.
    package func restart(_ mode: StopMode = .fast) async throws {
        try await stop(mode)
        try await start()
    }

    /// Kills the postmaster and every backend with SIGKILL, and returns when none is alive. This is like a crash
    /// of the machine that keeps the kernel's memory.
    package func kill() async throws {
        try await blocking { try $0.processes.killAll() }
    }

    /// Stops the postmaster and every backend (SIGSTOP), and returns when none runs. Open connections hang, and
    /// new ones hang too, because only the kernel accepts them.
    package func freeze() async throws {
        try await blocking { try $0.processes.stopAll() }
    }

    /// Continues a frozen server.
    package func thaw() async throws {
        try await blocking { $0.processes.continueAll() }
    }

    /// Makes every writing transaction of `role` fail (25006), or ends that, also on open connections. The
    /// server must run.
    package func setReadOnly(_ isReadOnly: Bool) async throws {
        try await asSuperuser(
            "ALTER SYSTEM SET default_transaction_read_only = \(isReadOnly ? "on" : "off")")
        try await asSuperuser("SELECT pg_reload_conf()")
    }

    /// Limits the connections of `role`: further ones are refused (53300), and open ones beyond the limit are
    /// ended (57P01). The server must run.
    /// - Parameter limit: the largest number; nil for as many as the server has.
    package func limitConnections(to limit: Int?) async throws {
        try await asSuperuser("ALTER ROLE \(Self.role) CONNECTION LIMIT \(limit ?? -1)")
        if let limit { try await endConnections(allBut: limit) }
    }

    /// Ends `role`'s connections as an administrator does (57P01).
    /// - Parameter kept: the number of connections that stay, the oldest ones.
    package func endConnections(allBut kept: Int = 0) async throws {
        try await asSuperuser(
            """
            SELECT pg_terminate_backend(pid) FROM (
                SELECT pid FROM pg_stat_activity WHERE usename = '\(Self.role)' ORDER BY backend_start OFFSET \(kept)
            ) excess
            """)
    }

    /// Makes a standby the primary; returns when it accepts writes.
    package func promote() async throws {
        try await blocking { cluster in
            try PostgresTools.run(Self.promoteScript, [cluster.directory, cluster.binaries])
        }
    }

    /// Makes a stopped server a hot standby of another one, and starts it. Its data must be part of the other
    /// one's history.
    package func follow(_ primary: PostgresCluster) async throws {
        try await blocking { cluster in
            try PostgresTools.run(
                Self.followScript, [cluster.directory, cluster.binaries, "\(primary.port)"])
        }
        try await start()
    }

    private func blocking(_ body: @escaping @Sendable (PostgresCluster) throws -> Void) async throws {
        try await queue.runThrowing {
            do { try body(self) } catch { throw TestFailure("\(error)\n\(self.log.suffix(2_000))") }
        }
    }

    private static let configureScript = """
        printf '%s' "$3" | as_owner tee -a "$1/data/postgresql.conf" >/dev/null
        """

    private static let promoteScript = """
        as_owner "$2/pg_ctl" -D "$1/data" -s -w -t 60 promote
        """

    private static let followScript = """
        as_owner touch "$1/data/standby.signal"
        printf "primary_conninfo = 'host=127.0.0.1 port=%s user=postgres'\\n" "$3" \\
            | as_owner tee -a "$1/data/postgresql.auto.conf" >/dev/null
        """

    private static let stopScript = """
        as_owner "$2/pg_ctl" -D "$1/data" -s -w -t 60 -m "$3" stop
        """

    /// The orderly stop also frees PostgreSQL's shared memory, but a frozen server cannot do it. Processes that
    /// are left after it are found by their working directory.
    private static let watchdogScript = """
        processes() {
            for entry in /proc/[0-9]*; do
                [ "$(readlink "$entry/cwd")" = "$1/data" ] && echo "${entry#/proc/}"
            done
        }
        ids=$(processes "$1")
        for id in $ids; do kill -CONT "$id"; done
        [ -n "$ids" ] && as_owner "$2/pg_ctl" -D "$1/data" -s -w -t 10 -m immediate stop
        while ids=$(processes "$1"); [ -n "$ids" ]; do
            for id in $ids; do kill -9 "$id"; done
            sleep 0.1
        done
        memory=$(sed -n 7p "$1/data/postmaster.pid" | awk '{ print $2 }')
        [ -n "$memory" ] && ipcrm -m "$memory"
        rm -rf "$1"
        """
}
