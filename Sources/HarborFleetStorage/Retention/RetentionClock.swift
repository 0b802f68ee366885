internal import HarborFleet

/// Which time deletions by age may go by. A value; the database keeps it from run to run.
///
/// A machine that starts with a clock years ahead must not delete everything. So a time is believed at once only when
/// it lies close behind the last one that was. One far ahead may also mean that everything was switched off for a while:
/// it is believed after it has been seen to go on for a day, in which somebody may set the clock right.
struct RetentionClock: Equatable {
    /// How far ahead of the last time one is believed at once.
    static let tolerance: Duration = .seconds(2 * 86_400)
    /// For how long one further ahead has to be seen to go on.
    static let probation: Duration = .seconds(86_400)
    /// What counts as seen between two looks, at most: it is looked every hour.
    static let longestStep: Duration = .seconds(2 * 3_600)

    /// The last time that was believed; nil while nothing was ever stored.
    private(set) var believed: Timestamp?
    /// The last time that is not believed yet; nil when the last one was.
    private(set) var doubted: Timestamp?
    /// How long that has been seen to go on.
    private(set) var observed: Duration = .zero

    /// A clock says `time`. One that was set back, or is not set yet, is not kept: less is deleted by it, and when it is
    /// right again it is not far ahead of anything.
    mutating func read(_ time: Timestamp) {
        guard let believed else { return believe(time) }
        guard time > believed else { return doubted = nil }
        guard time.since(believed) > Self.tolerance else { return believe(time) }
        // What was seen counts also when the machine was switched off in between.
        let step = doubted.map(time.since) ?? .zero
        if step < .zero - Self.tolerance { observed = .zero }
        observed += min(max(step, .zero), Self.longestStep)
        doubted = time
        if observed >= Self.probation { believe(time) }
    }

    /// Why deletions stay behind the clock; nil when they do not. The same text for as long as it is the same doubt.
    var doubt: String? {
        guard let believed, let doubted else { return nil }
        let days = doubted.since(believed).components.seconds / 86_400
        return "the clock is \(days) days ahead of the last run: what has expired since stays for a day"
    }

    private mutating func believe(_ time: Timestamp) {
        believed = time
        doubted = nil
        observed = .zero
    }
}
