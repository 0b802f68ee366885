/// The result of checking one part of a server, as `/ready` shows it.
package struct HealthCheck: Sendable, Encodable, Equatable {
    package enum Status: String, Sendable, Encodable {
        case ok
        case failed
    }

    package var status: Status
    /// One sentence for the engineer on call.
    package var detail: String
    /// Whether the server counts as not ready while this check fails. This is not part of the response.
    package var isRequired: Bool

    private enum CodingKeys: CodingKey { case status, detail }

    /// - Parameter isRequired: false for a failure that needs an operator's attention but does not affect requests.
    package init(_ status: Status, _ detail: String, isRequired: Bool = true) {
        self.status = status
        self.detail = detail
        self.isRequired = isRequired
    }
}

extension [String: HealthCheck] {
    /// Whether the server is ready: no required check fails.
    package var isReady: Bool { values.allSatisfy { $0.status == .ok || !$0.isRequired } }
}
