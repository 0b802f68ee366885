internal import Endpoint
internal import EventLoops
internal import Glibc
internal import HarborFleetAPI
package import Logging
internal import Processes
internal import Sockets
internal import Supervision
internal import Synchronization
package import Telemetry

/// The whole server process: its services, its supervision tree, its start and its end.
///
///     let server = Server(configuration, isDemo: false, registry: registry, logger: logger)
///     try await server.run()     // until SIGTERM or SIGINT
package final class Server: Sendable {
    /// The addresses of a running server.
    package struct Addresses: Sendable, Equatable {
        package var publicURL: String
        package var operationsURL: String
    }

    private let configuration: ServerConfiguration
    private let isDemo: Bool
    private let registry: PrometheusRegistry
    private let logger: Logger
    private let lifecycle = Lifecycle()
    /// Set when the supervisor exists: the operations listener, which shows its tree, is made before it.
    private let supervisor = Mutex<Supervisor?>(nil)

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

    /// Runs until the drain after SIGTERM or SIGINT is over, or the task is cancelled.
    /// - Parameter onListening: called once, when the listeners accept connections.
    /// - Throws: the error that prevented the start, or `SupervisorError` when a part keeps failing.
    package func run(onListening: @escaping @Sendable (Addresses) -> Void = { _ in }) async throws {
        // Done before anything else is made: without its ports the server cannot start.
        let ports = try ReservedPorts(configuration)
        let descriptors = try DescriptorPlan(
            limit: DescriptorLimit.raise(), loops: configuration.eventLoopCount,
            poolSize: configuration.databasePoolSize)
        let longTurns = LongTurnLog(logger)
        let group = try EventLoopGroup(
            count: configuration.eventLoopCount, bindsToProcessors: true, longTurn: longTurns.observer)
        let recorderLoop = try EventLoop(label: "harbor.recorder", longTurn: longTurns.observer)
        group.start()
        recorderLoop.start()
        let result = await Result {
            let services = try ServerServices(
                configuration, on: group, recorderLoop: recorderLoop, descriptors: descriptors, ports: ports,
                isDemo: isDemo, lifecycle: lifecycle, registry: registry, logger: logger
            ) { [self] in tree }
            for service in services.all {
                for (name, help) in service.metrics { registry.describe(name, help) }
                registry.collect(service.collect)
            }
            registry.collect(ProcessMetrics().collect)
            try await supervise(services, onListening: onListening)
        }
        await group.stop()
        await recorderLoop.stop()
        try result.get()
    }

    private var tree: SupervisionNode {
        let supervisor = supervisor.withLock { $0 }
        return (supervisor ?? Supervisor(name: "server", strategy: .restForOne, children: [])).tree
    }

    private func supervise(
        _ services: ServerServices, onListening: @escaping @Sendable (Addresses) -> Void
    ) async throws {
        // Writes to pipes and by libpq have no flag that prevents SIGPIPE.
        _ = signal(SIGPIPE, SIG_IGN)
        let signals = StopSignals()
        let supervisor = services.supervisor(logger: logger)
        self.supervisor.withLock { $0 = supervisor }
        let (listening, listens) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await self.lifecycle.run(supervisor) {
                    guard let addresses = Addresses(services.edge) else { return }
                    self.logger.notice("listening", metadata: addresses.metadata)
                    // Set before `.running`, because the server cannot become ready while it is starting.
                    services.health.listening(as: addresses.metadata)
                    self.lifecycle.enter(.running)
                    listens.yield()
                    onListening(addresses)
                }
            }
            // This task ends when it is cancelled.
            tasks.addTask { for await _ in listening { await services.health.waitUntilReady() } }
            tasks.addTask { await self.waitForStop(signals) }
            defer { tasks.cancelAll() }
            // Whichever ends first ends the other: the tree ends by failing, the wait by a signal.
            try await tasks.next()
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    /// Returns when the process is asked to stop. A second signal ends the process at once: an operator who sends
    /// two does not want to wait, and everything that was acknowledged is durable.
    private func waitForStop(_ signals: StopSignals) async {
        var stop = signals.stream.makeAsyncIterator()
        guard let signal = await stop.next(isolation: nil) else { return }
        logger.notice("stopping", metadata: ["signal": "\(signal)"])
        lifecycle.stopRequested(signal)
        // Detached: the following drain outlives this task, and a second signal may come at any moment of it.
        Task.detached {
            for await _ in signals.stream { _exit(130) }
        }
    }
}

extension Server.Addresses {
    /// nil unless both listeners listen.
    fileprivate init?(_ edge: EdgeServices) {
        guard let address = edge.publicEndpoint.address, let operations = edge.operationsEndpoint.address
        else { return nil }
        self.init(publicURL: "http://\(address)", operationsURL: "http://\(operations)")
    }

    /// The addresses and the process, for the log.
    fileprivate var metadata: Logger.Metadata {
        [
            "pid": .stringConvertible(getpid()), "address": "\(publicURL)",
            "operations_address": "\(operationsURL)",
            "version": "\(ServerVersion.text)",
        ]
    }
}
