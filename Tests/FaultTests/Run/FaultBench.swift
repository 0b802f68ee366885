import Foundation
import HarborFleetTesting

/// A PostgreSQL that a run can make fail, a proxy before it, and a real server that uses both.
struct FaultBench: Sendable {
    let cluster: PostgresCluster
    let database: ClusterDatabase
    let proxy: FaultProxy
    let server: ServerProcess

    /// - Parameters:
    ///   - reconcile: `HARBOR_RECONCILE_S`.
    ///   - settings: of `postgresql.conf`. By default PostgreSQL does not wait for commits, so that a kill loses what a
    ///     server acknowledges without asking for more.
    init(
        reconcile: String,
        settings: [String: String] = ["synchronous_commit": "off", "wal_writer_delay": "10s"]
    ) async throws {
        cluster = try await PostgresCluster(settings: settings)
        database = try await cluster.makeDatabase()
        proxy = try FaultProxy(to: database.proxyTarget)
        server = try await ServerProcess(
            database: .url(database.url(through: proxy)),
            environment: [
                "HARBOR_RECONCILE_S": reconcile, "HARBOR_PUBLIC_READ": "true", "HARBOR_EVENT_LOOPS": "2",
                "HARBOR_RETENTION_DAYS": "2", "HARBOR_DRAIN_DELAY_S": "0.1", "HARBOR_DRAIN_TIMEOUT_S": "3",
            ])
        try await server.start()
    }

    /// Makes PostgreSQL write what is committed. The commands that add partners leave that to its settings.
    func makeDurable() async throws {
        try await SuperuserSession.execute("CHECKPOINT", on: database)
    }

    /// The server did not end as it must; with the end of its log.
    struct StopFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// Begins a fault.
    /// - Returns: what ends it.
    func begin(_ fault: Fault) async throws -> @Sendable () async throws -> Void {
        switch fault {
        case .stop, .restart, .kill, .freeze: try await beginEnd(fault)
        case .readOnly, .fewConnections, .endConnections, .lock: try await beginRefusal(fault)
        case .delay, .hang, .cut, .truncate, .refuse: await beginTrouble(fault)
        case .killServer, .stopServer: try await beginAbsence(fault)
        }
    }

    /// The database ends or freezes.
    private func beginEnd(_ fault: Fault) async throws -> @Sendable () async throws -> Void {
        let start: @Sendable () async throws -> Void = { [cluster] in try await cluster.start() }
        switch fault {
        case .stop(let mode): try await cluster.stop(mode)
        case .restart(let mode): try await cluster.restart(mode)
        case .freeze:
            try await cluster.freeze()
            return { [cluster] in try await cluster.thaw() }
        default: try await cluster.kill()
        }
        return start
    }

    /// The database runs, and refuses or delays statements.
    private func beginRefusal(_ fault: Fault) async throws -> @Sendable () async throws -> Void {
        switch fault {
        case .readOnly:
            try await cluster.setReadOnly(true)
            return { [cluster] in try await cluster.setReadOnly(false) }
        case .fewConnections(let limit):
            try await cluster.limitConnections(to: limit)
            return { [cluster] in try await cluster.limitConnections(to: nil) }
        case .lock(let table):
            let session = try await SuperuserSession(database)
            try await session.execute("BEGIN; LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE")
            return { await session.close() }
        default:
            try await cluster.endConnections()
            return {}
        }
    }

    /// The connection to the database has a fault.
    private func beginTrouble(_ fault: Fault) async -> @Sendable () async throws -> Void {
        switch fault {
        case .delay(let milliseconds): await proxy.set(.delay(.milliseconds(milliseconds)))
        case .hang(.toServer): await proxy.set(.hang(.toServer))
        case .hang(.toClient): await proxy.set(.hang(.toClient))
        case .hang: await proxy.set(.hang(.both))
        case .truncate(let direction, let length, let cut):
            await proxy.set(.truncate(direction, after: length, cut))
        case .cut(let cut): await proxy.cut(cut)
        default:
            await proxy.set(.refuse)
            await proxy.cut(.reset)
        }
        return { [proxy] in await proxy.set(.pass) }
    }

    /// The server ends. The next one starts with the end of the fault.
    private func beginAbsence(_ fault: Fault) async throws -> @Sendable () async throws -> Void {
        server.send(fault == .killServer ? SIGKILL : SIGTERM)
        // Longer than its drain, which is bounded.
        guard let end = await server.exit(within: .seconds(20)) else {
            throw StopFailure(description: "the server does not end\n\(server.log.suffix(4_000))")
        }
        // The kernel ends a process by SIGTERM that has not set up its handler yet.
        let hasNotBegun = end == .signal(SIGTERM) && server.presentLog.isEmpty
        if fault == .killServer || end == .code(0) || hasNotBegun {
            return { [server] in try server.launch() }
        }
        throw StopFailure(description: "SIGTERM ended it with \(end)\n\(server.log.suffix(4_000))")
    }
}
