internal import HarborFleetWeb

/// Whether there are partitions for the fixes of the next days. A value.
///
/// They are made a week ahead, so a run that fails once, when the database is away or a lock is held, leaves the
/// server ready.
struct PartitionSupply: Sendable, Equatable {
    /// A day less than what is made ahead.
    static let lasts: Duration = .seconds(6 * 86_400)

    private var filledAt: ContinuousClock.Instant

    init(filledAt now: ContinuousClock.Instant) {
        filledAt = now
    }

    /// All that are wanted are there.
    mutating func filled(at now: ContinuousClock.Instant) {
        filledAt = now
    }

    func check(at now: ContinuousClock.Instant) -> ReadinessCheck {
        guard filledAt.duration(to: now) > Self.lasts else {
            return ReadinessCheck(.ok, "the schema is current")
        }
        return ReadinessCheck(.failed, "no partitions were made for 6 days; the log says why")
    }
}
