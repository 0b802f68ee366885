internal import HarborFleet

/// What a partner may send; nil is any number.
package struct PartnerLimits: Sendable, Equatable {
    /// Anything.
    package static let none = PartnerLimits()
    /// The highest number that can be set.
    package static let highest = 1_000_000

    package var fixesPerSecond: Int?
    package var requestsPerSecond: Int?

    package init(fixesPerSecond: Int? = nil, requestsPerSecond: Int? = nil) {
        self.fixesPerSecond = fixesPerSecond
        self.requestsPerSecond = requestsPerSecond
    }
}

/// What becomes of one limit.
package enum LimitChange: Sendable, Equatable {
    case keep
    /// Any number from now on.
    case lift
    /// 1...`PartnerLimits.highest`.
    case perSecond(Int)
}

/// A rate, and how much may come at once after a pause.
package struct RateLimit: Sendable, Equatable {
    package let perSecond: Int
    /// Tokens of a full bucket; at least one.
    package let burst: Int

    /// - Parameters:
    ///   - perSecond: what is below 1 counts as 1.
    ///   - leastBurst: the burst is worth a second, but at least this.
    package init(perSecond: Int, leastBurst: Int = 1) {
        self.perSecond = max(perSecond, 1)
        burst = max(self.perSecond, leastBurst)
    }

    /// How long the bucket takes for so many tokens.
    func time(for tokens: Int) -> Duration { .seconds(tokens) / perSecond }
}

extension PartnerLimits {
    /// A full bucket lets the largest POST pass, or none would ever.
    var fixes: RateLimit? {
        fixesPerSecond.map { RateLimit(perSecond: $0, leastBurst: FixBatch.maximumFixes) }
    }

    var requests: RateLimit? { requestsPerSecond.map { RateLimit(perSecond: $0) } }
}
