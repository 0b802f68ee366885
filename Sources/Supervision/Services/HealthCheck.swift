/// Whether one part of a server works.
package struct HealthCheck: Sendable, Encodable, Equatable {
    package enum Status: String, Sendable, Encodable {
        case ok
        case failed
    }

    package var status: Status
    /// One sentence for the engineer on call.
    package var detail: String
    /// Whether the server is not ready while this fails. Not part of the response.
    package var isRequired: Bool

    private enum CodingKeys: CodingKey { case status, detail }

    /// - Parameter isRequired: false for a failure that an operator should look at, but that requests do not suffer from.
    package init(_ status: Status, _ detail: String, isRequired: Bool = true) {
        self.status = status
        self.detail = detail
        self.isRequired = isRequired
    }
}

extension [String: HealthCheck] {
    /// Whether no check fails that requests would suffer from.
    package var isReady: Bool { values.allSatisfy { $0.status == .ok || !$0.isRequired } }
}
