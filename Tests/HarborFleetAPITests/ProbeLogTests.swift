import HarborFleetTesting
import HarborFleetWebTesting
import Logging
import Supervision
import Synchronization
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct ProbeLogTests {
    @Test func aProbe_isLoggedAtDebug_whateverItIsTold() async throws {
        let log = LineLog()
        let check = HealthCheck(.failed, "away")
        try await OperationsServer.with(check: check, logger: Logger(label: "test") { _ in log }) {
            port in
            let client = try RawClient(port: port)
            for path in ["/ready", "/health"] {
                try await client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await client.response().status == (path == "/ready" ? 503 : 200))
            }
            let lines = ["debug GET /ready 503", "debug GET /health 200"]
            #expect(try await eventually { log.requests.withLock { $0 } == lines })
        }
    }
}

/// Keeps level, route and status of each request.
private final class LineLog: LogHandler, Sendable {
    let requests = Mutex<[String]>([])
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        guard let metadata = event.metadata, let route = metadata["route"], let status = metadata["status"],
            let method = metadata["method"]
        else { return }
        requests.withLock { $0.append("\(event.level) \(method) \(route) \(status)") }
    }
}
