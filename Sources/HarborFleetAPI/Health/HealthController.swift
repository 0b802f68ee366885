package import Endpoint
internal import HTTPTypes

/// One condition of being ready.
package struct ReadinessCheck: Sendable, Encodable, Equatable {
    package enum Status: String, Sendable, Encodable {
        case ok
        case failed
    }

    package var status: Status
    /// One sentence for whoever is on call.
    package var detail: String
    /// Whether the server is not ready when this fails. Not part of the answer.
    package var isRequired: Bool

    private enum CodingKeys: CodingKey { case status, detail }

    /// - Parameter isRequired: false for what somebody has to look at, but that requests do not suffer from.
    package init(_ status: Status, _ detail: String, isRequired: Bool = true) {
        self.status = status
        self.detail = detail
        self.isRequired = isRequired
    }
}

extension [String: ReadinessCheck] {
    /// Whether no check fails that requests would suffer from.
    package var isReady: Bool { values.allSatisfy { $0.status == .ok || !$0.isRequired } }
}

/// What the server says of its readiness, asked at each `/ready`. Must answer at once, from memory.
package protocol ReadinessSource: Sendable {
    /// The checks by name: `database`, `migrations`, `lifecycle`, and what else there is.
    func checks() -> [String: ReadinessCheck]
}

/// `/health` and `/ready`, the same on both listeners.
package struct HealthController: RouteGroup {
    static let readyPath = "/ready"

    private let readiness: any ReadinessSource
    private let version: String

    package init(readiness: any ReadinessSource, version: String) {
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
        let checks: [String: ReadinessCheck]
    }

    private func health(_ request: Request) -> Reply {
        .now(JSONResponse.make(Health(status: "ok", version: version)))
    }

    private func ready(_ request: Request) -> Reply {
        let checks = readiness.checks()
        let body = Ready(status: checks.isReady ? "ready" : "not_ready", checks: checks)
        guard checks.isReady else {
            return .now(JSONResponse.make(body, status: .serviceUnavailable, fields: [.retryAfter: "1"]))
        }
        return .now(JSONResponse.make(body))
    }
}
