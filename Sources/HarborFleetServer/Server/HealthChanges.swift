internal import Supervision

/// Tells when a server gets ready, or not ready any more, or for another reason. A value.
struct HealthChanges: Sendable, Equatable {
    enum Change: Sendable, Equatable {
        /// Why, by the check.
        case notReady([String: String])
        /// For the first time.
        case ready
        case readyAgain
    }

    /// The checks that failed last; nil before the first look.
    private var failed: Set<String>?
    private var wasReady = false

    /// - Returns: what has changed since the last look; nil while the same checks fail, whatever they say.
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
