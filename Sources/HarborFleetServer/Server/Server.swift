internal import Endpoint
internal import EventLoops
internal import Glibc
internal import HarborFleet
internal import HarborFleetWeb
package import Logging
internal import Processes
internal import Sockets
internal import Supervision
package import Telemetry

/// The whole server process: its parts, its supervision tree, its start and its end.
///
///     let server = Server(configuration, isDemo: false, registry: registry, logger: logger)
///     try await server.run()     // until SIGTERM or SIGINT
package final class Server: Sendable {
    /// Where a running server listens.
    package struct Addresses: Sendable, Equatable {
        package var publicURL: String
        package var operationsURL: String
    }

    private let configuration: ServerConfiguration
    private let isDemo: Bool
    private let registry: PrometheusRegistry
    private let logger: Logger

    /// Nothing runs before `run`.
    /// - Parameter isDemo: adds a demo fleet and drives it.
    package init(
        _ configuration: ServerConfiguration, isDemo: Bool, registry: PrometheusRegistry, logger: Logger
    ) {
        self.configuration = configuration
        self.isDemo = isDemo
        self.registry = registry
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT has come and the drain is over, or the task is cancelled.
    /// - Parameter onListening: called once, when the listeners accept.
    /// - Throws: what kept it from starting, or `SupervisorError` when a part keeps failing.
    package func run(onListening: @escaping @Sendable (Addresses) -> Void = { _ in }) async throws {
        // Before anything is made: a port that is taken is the end of the start.
        let ports = try ReservedPorts(configuration)
        let descriptors = try DescriptorPlan(
            limit: DescriptorLimit.raise(), loops: configuration.eventLoopCount,
            poolSize: configuration.databasePoolSize)
        let longTurns = LongTurnLog(logger)
        let group = try EventLoopGroup(
            count: configuration.eventLoopCount, bindsToProcessors: true, longTurn: longTurns.observer)
        // Of its own: a commit that has ended, and a transaction that may begin, would else wait behind the requests of
        // a whole turn, with PostgreSQL idle meanwhile.
        let recorderLoop = try EventLoop(label: "harbor.recorder", longTurn: longTurns.observer)
        group.start()
        recorderLoop.start()
        let result: Result<Void, any Error>
        do {
            let parts = try await ServerParts(
                configuration, on: group, recorderLoop: recorderLoop, descriptors: descriptors, ports: ports,
                demoFleetID: isDemo ? DemoChild.fleetID : nil, registry: registry,
                logger: logger)
            result = .success(try await supervise(parts, onListening: onListening))
        } catch {
            result = .failure(error)
        }
        await group.stop()
        await recorderLoop.stop()
        try result.get()
    }

    private func supervise(
        _ parts: ServerParts, onListening: @escaping @Sendable (Addresses) -> Void
    ) async throws {
        // Pipes and libpq have no flag against it.
        _ = signal(SIGPIPE, SIG_IGN)
        let signals = StopSignals()
        let tree = SupervisionTree(parts, isDemo: isDemo)
        let (listening, listens) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await tree.run {
                    guard let addresses = Self.addresses(of: parts) else { return }
                    self.logger.notice("listening", metadata: addresses.metadata)
                    // Before it may be ready, which it is not while it starts.
                    parts.readiness.listening(as: addresses.metadata)
                    parts.lifecycle.enter(.running)
                    listens.yield()
                    onListening(addresses)
                }
            }
            // Ends when it is cancelled.
            tasks.addTask { for await _ in listening { await parts.readiness.waitUntilReady() } }
            tasks.addTask { await self.waitForStop(signals, parts.lifecycle) }
            defer { tasks.cancelAll() }
            // Whichever ends first ends the other: the tree by failing, the wait by a signal.
            try await tasks.next()
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    /// Returns when the process is asked to stop. A second signal ends it at once: who sends two does not want to
    /// wait, and whatever was acknowledged is durable.
    private func waitForStop(_ signals: StopSignals, _ lifecycle: Lifecycle) async {
        var stop = signals.stream.makeAsyncIterator()
        guard let signal = await stop.next(isolation: nil) else { return }
        logger.notice("stopping", metadata: ["signal": "\(signal)"])
        lifecycle.stopRequested(signal)
        // Detached: the drain that follows outlives this task, and a second signal may come at any moment of it.
        Task.detached {
            for await _ in signals.stream { _exit(130) }
        }
    }

    private static func addresses(of parts: ServerParts) -> Addresses? {
        guard let address = parts.publicEndpoint.address, let operations = parts.operationsEndpoint.address
        else {
            return nil
        }
        return Addresses(publicURL: "http://\(address)", operationsURL: "http://\(operations)")
    }
}

extension Server.Addresses {
    /// Who listens where.
    fileprivate var metadata: Logger.Metadata {
        [
            "pid": .stringConvertible(getpid()), "address": "\(publicURL)",
            "operations_address": "\(operationsURL)",
            "version": "\(ServerVersion.text)",
        ]
    }
}
