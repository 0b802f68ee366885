import Endpoint
import EventLoops
import HarborFleet
package import HarborFleetAPI
import HarborFleetSite
import HarborFleetTesting
package import Logging
import Supervision
import Telemetry

/// The operations site over real sockets, with a registry of 100 samples.
package enum OperationsServer {
    /// Says the same at all times.
    package struct Readiness: ReadinessSource {
        package var check: ReadinessCheck

        package init(check: ReadinessCheck = ReadinessCheck(.ok, "fine")) {
            self.check = check
        }

        package func checks() -> [String: ReadinessCheck] { ["database": check] }
    }

    /// Runs `body` with the port of a server.
    package static func with(
        readiness: Readiness = Readiness(), origins: OriginPolicy = .any,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: (UInt16) async throws -> Void
    ) async throws {
        await TestSlots.servers.enter()
        defer { TestSlots.servers.leave() }
        let group = try EventLoopGroup(count: 2, label: "test.operations")
        let registry = PrometheusRegistry()
        for number in 0..<100 {
            registry.counter("test_samples_total", labels: [("number", "\(number)")]).increment(
                by: Int64(number))
        }
        let site = OperationsSite(
            readiness: readiness, registry: registry, version: "test", clock: SystemWallClock(),
            origins: origins,
            tree: { SupervisionNode(name: "test", kind: .supervisor, state: .running) },
            page: { SupervisionPage($0, asOf: $1).render() })
        let endpoint = EndpointServer(
            EndpointConfiguration(), on: group, router: site.router(),
            observer: RequestObserver(listener: "operations", logger: logger),
            errorResponder: ErrorMapping.responder(logger: logger))
        group.start()
        try await endpoint.start()
        try await body(try required(endpoint.port))
        await endpoint.drain(within: .zero)
        await group.stop()
    }
}
