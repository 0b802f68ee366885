internal import HarborFleet

/// Decides which time may be used for deletions by age. A value; the database keeps it from run to run.
///
/// A machine that starts with its clock years ahead must not delete everything. So a time is believed at once only
/// if it lies closely after the last believed one. A time far ahead may also mean that everything was switched off
/// for a while: it is believed after it has been seen to advance for a day, in which an operator can correct the
/// clock.
struct RetentionClock: Equatable {
    /// How far ahead of the last believed time another one may lie to be believed at once.
    static let tolerance: Duration = .seconds(2 * 86_400)
    /// For how long a time further ahead must be seen to advance.
    static let probation: Duration = .seconds(86_400)
    /// The maximum advance that counts between two looks; a look happens every hour.
    static let longestStep: Duration = .seconds(2 * 3_600)

    /// The last time that was believed; nil while none has been stored.
    private(set) var believed: Timestamp?
    /// The last time, if it is not believed yet; nil when it was believed.
    private(set) var doubted: Timestamp?
    /// For how long the doubted time has been seen to advance.
    private(set) var observed: Duration = .zero

    /// Reads a clock. A time at or before the believed one is not stored: it deletes less, and once the clock is
    /// right again, its time is not far ahead of the stored one.
    mutating func read(_ time: Timestamp) {
        guard let believed else { return believe(time) }
        guard time > believed else { return doubted = nil }
        guard time.since(believed) > Self.tolerance else { return believe(time) }
        // The advance that was seen before the machine was switched off counts too.
        let step = doubted.map(time.since) ?? .zero
        if step < .zero - Self.tolerance { observed = .zero }
        observed += min(max(step, .zero), Self.longestStep)
        doubted = time
        if observed >= Self.probation { believe(time) }
    }

    /// Why deletions stay behind the clock; nil when they do not. The text stays the same while the doubt is the
    /// same.
    var doubt: String? {
        guard let believed, let doubted else { return nil }
        let days = doubted.since(believed).components.seconds / 86_400
        return "the clock is \(days) days ahead of the last run: data that expired since is kept for a day"
    }

    private mutating func believe(_ time: Timestamp) {
        believed = time
        doubted = nil
        observed = .zero
    }
}
