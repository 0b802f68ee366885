import Endpoint
import EventLoops
import HarborFleet
import HarborFleetTesting
import Logging
import Supervision
import Telemetry
import Testing

@testable import HarborFleetWeb

/// The operations site over real sockets, with a registry of 100 samples.
enum OperationsServer {
    /// Says the same at all times.
    struct Readiness: ReadinessSource {
        var check = ReadinessCheck(.ok, "fine")

        func checks() -> [String: ReadinessCheck] { ["database": check] }
    }

    /// Runs `body` with the port of a server.
    static func with(
        readiness: Readiness = Readiness(), origins: OriginPolicy = .any,
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
            readiness: readiness, registry: registry, version: "test", clock: SystemWallClock(),
            origins: origins,
            tree: { SupervisionNode(name: "test", kind: .supervisor, state: .running) })
        let endpoint = EndpointServer(
            EndpointConfiguration(), on: group, router: site.router(),
            observer: RequestObserver(listener: "operations", logger: logger),
            errorResponder: ErrorMapping.responder(logger: logger))
        group.start()
        try await endpoint.start()
        try await body(try #require(endpoint.port))
        await endpoint.drain(within: .zero)
        await group.stop()
    }
}
