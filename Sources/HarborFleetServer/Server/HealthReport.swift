internal import Logging
internal import Supervision
internal import Synchronization

/// What `/ready` says: what all services say of themselves. Looks when it is asked, and has a line for the log when it
/// finds a change.
final class HealthReport: Sendable {
    /// A failure in this time, while everything starts, is not worth a line.
    private static let startTime: Duration = .seconds(1)
    /// Between two looks, until the server is ready for the first time.
    private static let backoff = Backoff(initial: .milliseconds(10), maximum: .seconds(1))

    private let sources: [String: @Sendable () -> HealthCheck]
    private let changes = Mutex(HealthChanges())
    private let logger: Logger
    /// What the line that the server is ready tells besides.
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

    /// - Parameter identity: goes into the line that the server is ready.
    func listening(as identity: Logger.Metadata) {
        self.identity.withLock { $0 = identity }
    }

    /// Looks until the server is ready for the first time, so that the log says so without a request for `/ready`; or
    /// until the task is cancelled. The checks are states of many parts, none of which signals a change.
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
