internal import Endpoint
internal import HarborFleet
internal import HarborFleetWeb
internal import Logging
internal import Postgres
internal import Supervision
internal import Synchronization

/// What of a server runs, in which order it starts, and who is restarted with whom: rest_for_one, so that what
/// was started after a failed part, and relies on it, starts anew with it.
struct SupervisionTree: Sendable {
    private let supervisor: Supervisor
    private let lifecycle: Lifecycle

    init(_ parts: ServerParts, isDemo: Bool) {
        let supervisor = Supervisor(
            name: "server", strategy: .restForOne, children: Self.children(parts, isDemo: isDemo),
            observer: SupervisionLog(parts.logger).observer)
        self.init(supervisor, parts.lifecycle)
        parts.treeSource.set { [supervisor] in supervisor.tree }
    }

    init(_ supervisor: Supervisor, _ lifecycle: Lifecycle) {
        self.supervisor = supervisor
        self.lifecycle = lifecycle
    }

    /// Runs until the task is cancelled.
    ///
    /// The supervisor has a task of its own, so that the stop is on record before a child hears of it.
    func run(onReady: @escaping @Sendable () -> Void) async throws {
        let run = Task { [supervisor] in try await supervisor.run(onReady: onReady) }
        try await withTaskCancellationHandler {
            try await run.value
        } onCancel: {
            lifecycle.stopRequested(nil)
            run.cancel()
        }
    }

    private static func children(_ parts: ServerParts, isDemo: Bool) -> [ChildSpec] {
        var children = database(parts)
        children += domain(parts)
        children += listeners(parts)
        if isDemo { children.append(DemoChild(parts: parts).spec) }
        children.append(
            DrainGuard(
                lifecycle: parts.lifecycle, endpoints: [parts.publicEndpoint, parts.operationsEndpoint],
                delay: parts.configuration.drainDelay, timeout: parts.configuration.drainTimeout,
                logger: parts.logger
            ).childSpec)
        return children
    }

    private static func database(_ parts: ServerParts) -> [ChildSpec] {
        var children: [ChildSpec] = []
        if let postgres = parts.privatePostgres {
            children.append(
                ChildSpec(id: "postgres", shutdown: .seconds(30)) { context in
                    try await postgres.run(on: parts.databaseLoop) { context.ready() }
                })
        }
        children.append(
            ChildSpec(id: "schema-pool") { context in
                try await parts.directPool.run { context.ready() }
            })
        children.append(SchemaChild(parts: parts).spec)
        children.append(pool("connection-pool", parts.pool, behind: parts.gate))
        children.append(pool("recorder-pool", parts.recorderPool, behind: parts.gate))
        children.append(pool("revision-pool", parts.revisionPool, behind: parts.gate))
        children.append(PartitionChild(parts: parts).spec)
        return children
    }

    private static func pool(_ id: String, _ pool: PostgresPool, behind gate: SchemaGate) -> ChildSpec {
        ChildSpec(id: id) { context in
            // While it is closed nobody gets anything here, and nobody is to wait for that.
            if !gate.isOpen { context.ready() }
            try await gate.runWhileOpen {
                try await pool.run { context.ready() }
            }
        }
    }

    private static func domain(_ parts: ServerParts) -> [ChildSpec] {
        [
            ChildSpec(id: "recorder") { context in
                try await parts.recorder.run { context.ready() }
            }.running(on: parts.recorderLoop),
            parts.trackers.childSpec,
            parts.fleets.refresherSpec(
                onChange: {
                    parts.authenticator.revisionChanged()
                    parts.keys.revisionChanged()
                    parts.limiter.revisionChanged()
                    parts.hub.revisionChanged()
                    parts.secrets.revisionChanged()
                },
                onFailure: { error in
                    // That the database is away is told by the pools, once.
                    guard error.kind != .unavailable || error.isRefusal else { return }
                    parts.logger.warning("the fleets are not refreshed", metadata: ["error": "\(error)"])
                }
            ).running(on: parts.recorderLoop),
            parts.fleets.reconcilerSpec,
            parts.uses.spec,
            parts.authenticator.tokens.spec,
            PredecessorChild(parts: parts).spec,
            SweeperChild(parts: parts).spec,
            SecretsChild(parts: parts).spec,
        ]
    }

    private static func listeners(_ parts: ServerParts) -> [ChildSpec] {
        [
            endpoint("endpoint-public", parts.publicEndpoint),
            endpoint("endpoint-operations", parts.operationsEndpoint),
        ]
    }

    private static func endpoint(_ id: String, _ server: EndpointServer) -> ChildSpec {
        ChildSpec(id: id) { context in
            try await server.run { context.ready() }
        }
    }
}

/// Where the operations listener finds the tree, which is made after it.
final class TreeSource: Sendable {
    private let source = Mutex<(@Sendable () -> SupervisionNode)?>(nil)

    func set(_ source: @escaping @Sendable () -> SupervisionNode) {
        self.source.withLock { $0 = source }
    }

    var tree: SupervisionNode {
        let source = source.withLock { $0 }
        return source?() ?? SupervisionNode(name: "server", kind: .supervisor, state: .waiting)
    }
}
