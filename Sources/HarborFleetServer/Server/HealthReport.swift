internal import Logging
internal import Supervision
internal import Synchronization

/// Collects the content of `/ready` from the checks of all services. It runs them at each request, and logs a
/// line when it finds a change.
final class HealthReport: Sendable {
    /// During the first second, while everything starts, failures are not logged.
    private static let startTime: Duration = .seconds(1)
    /// The delay between two looks until the server is ready for the first time.
    private static let backoff = Backoff(initial: .milliseconds(10), maximum: .seconds(1))

    private let sources: [String: @Sendable () -> HealthCheck]
    private let changes = Mutex(HealthChanges())
    private let logger: Logger
    /// Further fields of the log line that says that the server is ready.
    private let identity = Mutex<Logger.Metadata>([:])

    init(_ services: [Service], logger: Logger) {
        sources = services.reduce(into: [:]) { $0.merge($1.checks) { first, _ in first } }
        self.logger = logger
    }

    func checks() -> [String: HealthCheck] {
        let checks = look()
        switch changes.withLock({ $0.looked(at: checks) }) {
        case .notReady(let reasons)?: logger.warning("not ready", metadata: reasons.mapValues { "\($0)" })
        case .ready?: logger.notice("ready", metadata: identity.withLock { $0 })
        case .readyAgain?: logger.notice("ready again")
        case nil: break
        }
        return checks
    }

    /// - Parameter identity: added to the log line that says that the server is ready.
    func listening(as identity: Logger.Metadata) {
        self.identity.withLock { $0 = identity }
    }

    /// Looks until the server is ready for the first time, so that the log says so without a request for
    /// `/ready`; or until the task is cancelled. It polls, because the checks read the states of many parts,
    /// none of which signals a change.
    func waitUntilReady() async {
        let start = ContinuousClock.now
        var looks = 0
        try? await PeriodicJob().run {
            let isStarting = start.duration(to: .now) < Self.startTime
            guard !(isStarting ? look() : checks()).isReady else {
                _ = checks()
                return .never
            }
            looks += 1
            return .after(Self.backoff.delay(afterFailures: looks))
        }
    }

    private func look() -> [String: HealthCheck] { sources.mapValues { $0() } }
}
