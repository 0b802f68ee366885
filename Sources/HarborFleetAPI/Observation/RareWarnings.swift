internal import Logging
internal import Synchronization
internal import Telemetry

/// Limits warnings that may come often: it writes the first of each subject, then one a minute with the number
/// of those left out.
final class RareWarnings: Sendable {
    private let logger: Logger
    private let lines = Mutex(RefusalLog())

    init(_ logger: Logger) { self.logger = logger }

    func warn(
        _ message: Logger.Message, of subject: String, _ metadata: Logger.Metadata,
        now: ContinuousClock.Instant = .now
    ) {
        guard let unwritten = lines.withLock({ $0.refused(subject, now: now) }) else { return }
        var metadata = metadata
        metadata.add(unwritten: unwritten)
        logger.warning(message, metadata: metadata)
    }
}
