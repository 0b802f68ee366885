import HarborFleetTesting
import Synchronization
import Testing

/// A way in which PostgreSQL goes away and comes back.
struct Outage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What `/ready` says of it.
    let reason: String
    /// Whether the server notices it without a POST.
    var isNoticedWithoutPost = true
    let begin: @Sendable (OutageBench) async throws -> Void
    let end: @Sendable (OutageBench) async throws -> Void

    /// Outages that a server notices at once.
    static let quick = [
        Outage(testDescription: "stopped", reason: "connection refused") {
            try await $0.cluster.stop()
        } end: {
            try await $0.cluster.start()
        },
        Outage(testDescription: "killed", reason: "connection refused") {
            try await $0.cluster.kill()
        } end: {
            try await $0.cluster.start()
        },
        Outage(testDescription: "out of connections", reason: "too many connections (SQLSTATE 53300)") {
            try await $0.cluster.limitConnections(to: 0)
        } end: {
            try await $0.cluster.limitConnections(to: nil)
        },
        Outage(testDescription: "read-only", reason: "read-only") {
            try await $0.cluster.setReadOnly(true)
        } end: {
            try await $0.cluster.setReadOnly(false)
        },
        Outage(
            testDescription: "out of disk", reason: "out of disk space (SQLSTATE 53100)",
            isNoticedWithoutPost: false
        ) {
            try await $0.onDatabase(
                """
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$;
                CREATE TRIGGER full_disk BEFORE INSERT ON fixes FOR EACH ROW EXECUTE FUNCTION fail()
                """)
        } end: {
            try await $0.onDatabase("DROP TRIGGER full_disk ON fixes; DROP FUNCTION fail()")
        },
    ]

    /// Outages that a server notices by a time-out.
    static let silent = [
        Outage(
            testDescription: "a lock held", reason: "the database does not respond: time-out",
            isNoticedWithoutPost: false
        ) {
            try await locker.hold("LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE", on: $0)
        } end: { _ in
            await locker.release()
        },
        Outage(testDescription: "frozen", reason: "the database does not respond: time-out") {
            try await $0.cluster.freeze()
        } end: {
            try await $0.cluster.thaw()
        },
    ]

    /// Outages of the network, for a bench with a proxy.
    static let network = [
        Outage(testDescription: "network gone", reason: "the database does not respond: time-out") {
            await $0.proxy?.set(.hang(.both))
        } end: {
            await $0.proxy?.cut(.end)
            await $0.proxy?.set(.pass)
        },
        Outage(testDescription: "network refused", reason: "connection refused") {
            await $0.proxy?.set(.refuse)
            await $0.proxy?.cut(.reset)
        } end: {
            await $0.proxy?.set(.pass)
        },
    ]

    private static let locker = Locker()
}

extension OutageBench {
    fileprivate func onDatabase(_ script: String) async throws {
        try await SuperuserSession.execute(script, on: database)
    }
}

/// Holds a lock in a transaction of its own.
private final class Locker: Sendable {
    private let session = Mutex<SuperuserSession?>(nil)

    func hold(_ statement: String, on bench: OutageBench) async throws {
        let opened = try await SuperuserSession(bench.database)
        session.withLock { $0 = opened }
        try await opened.execute("BEGIN; \(statement)")
    }

    func release() async {
        let held = session.withLock { session in
            defer { session = nil }
            return session
        }
        await held?.close()
    }
}
