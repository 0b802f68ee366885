internal import Supervision

/// Detects when a server becomes ready, is no longer ready, or is not ready for another reason. A value type.
struct HealthChanges: Sendable, Equatable {
    enum Change: Sendable, Equatable {
        /// The reasons, by check.
        case notReady([String: String])
        /// The server is ready for the first time.
        case ready
        case readyAgain
    }

    /// The checks that failed at the last look; nil before the first look.
    private var failed: Set<String>?
    private var wasReady = false

    /// - Returns: the change since the last look; nil while the same checks fail, even if their details change.
    mutating func looked(at checks: [String: HealthCheck]) -> Change? {
        let failures = checks.filter { $0.value.isRequired && $0.value.status == .failed }
        let names = Set(failures.keys)
        guard names != failed else { return nil }
        failed = names
        guard names.isEmpty else { return .notReady(failures.mapValues(\.detail)) }
        defer { wasReady = true }
        return wasReady ? .readyAgain : .ready
    }
}
