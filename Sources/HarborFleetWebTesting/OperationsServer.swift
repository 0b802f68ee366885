import Endpoint
import EventLoops
import HarborFleet
package import HarborFleetAPI
import HarborFleetSite
import HarborFleetTesting
package import Logging
package import Supervision
import Telemetry

/// The operations site over real sockets, with a registry of 100 samples.
package enum OperationsServer {
    /// The checks that every server has.
    static func checks(database: HealthCheck) -> [String: HealthCheck] {
        let passed = HealthCheck(.ok, "fine")
        return ["database": database, "migrations": passed, "lifecycle": passed]
    }

    /// Runs `body` with the port of a server.
    /// - Parameter check: of the database.
    package static func with(
        check: HealthCheck = HealthCheck(.ok, "fine"), origins: OriginPolicy = .any,
        logger: Logger = .silent,
        _ body: (UInt16) async throws -> Void
    ) async throws {
        await TestSlots.servers.acquire()
        defer { TestSlots.servers.release() }
        let group = try EventLoopGroup(count: 2, label: "test.operations")
        let registry = PrometheusRegistry()
        for number in 0..<100 {
            registry.counter("test_samples_total", labels: [("number", "\(number)")]).increment(
                by: Int64(number))
        }
        let site = OperationsSite(
            readiness: { checks(database: check) }, registry: registry, version: "test",
            clock: SystemWallClock(),
            origins: origins,
            tree: { Supervisor(name: "test", strategy: .restForOne, children: []).tree },
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
