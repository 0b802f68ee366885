package import Endpoint
internal import HTTPTypes
package import Supervision

/// Reports the server's health by the names of the checks. Called at each `/ready`; it must return at once, from
/// memory.
package typealias HealthSource = @Sendable () -> [String: HealthCheck]

/// `/health` and `/ready`, the same on both listeners.
package struct HealthController: RouteGroup {
    static let readyPath = "/ready"

    private let readiness: HealthSource
    private let version: String

    package init(readiness: @escaping HealthSource, version: String) {
        self.readiness = readiness
        self.version = version
    }

    package func addRoutes(to router: inout Router) {
        router.get("/health") { health($0) }
        router.get(Self.readyPath) { ready($0) }
    }

    private struct Health: Encodable {
        let status: String
        let version: String
    }

    private struct Ready: Encodable {
        let status: String
        let checks: [String: HealthCheck]
    }

    private func health(_ request: Request) -> Reply {
        .now(JSONResponse.make(Health(status: "ok", version: version)))
    }

    private func ready(_ request: Request) -> Reply {
        let checks = readiness()
        let body = Ready(status: checks.isReady ? "ready" : "not_ready", checks: checks)
        guard checks.isReady else {
            return .now(JSONResponse.make(body, status: .serviceUnavailable, fields: [.retryAfter: "1"]))
        }
        return .now(JSONResponse.make(body))
    }
}
