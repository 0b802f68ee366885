import HarborFleetTesting
import HarborFleetWebTesting
import Supervision
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct ProbeLogTests {
    @Test func probe_isLoggedAtDebug_withAnyStatus() async throws {
        let log = LogRecorder()
        let check = HealthCheck(.failed, "away")
        try await OperationsServer.with(check: check, logger: log.logger) {
            port in
            let client = try RawClient(port: port)
            for path in ["/ready", "/health"] {
                try await client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await client.response(to: "GET", path).status == (path == "/ready" ? 503 : 200))
            }
            let lines = ["debug GET /ready 503", "debug GET /health 200"]
            await log.wait { $0.compactMap(\.request) == lines }
        }
    }
}

extension LogRecorder.Line {
    fileprivate var request: String? {
        guard let method = self["method"], let route = self["route"], let status = self["status"] else {
            return nil
        }
        return "\(level) \(method) \(route) \(status)"
    }
}
