internal import HarborFleet

/// The limits of a partner; nil means no limit.
package struct PartnerLimits: Sendable, Equatable {
    /// No limits.
    package static let none = PartnerLimits()
    /// The highest value that can be set.
    package static let highest = 1_000_000

    package var fixesPerSecond: Int?
    package var requestsPerSecond: Int?

    package init(fixesPerSecond: Int? = nil, requestsPerSecond: Int? = nil) {
        self.fixesPerSecond = fixesPerSecond
        self.requestsPerSecond = requestsPerSecond
    }
}

/// A change of one limit.
package enum LimitChange: Sendable, Equatable {
    case keep
    /// Removes the limit.
    case lift
    /// 1...`PartnerLimits.highest`.
    case perSecond(Int)
}

/// A rate, and the amount that may come at once after a pause.
package struct RateLimit: Sendable, Equatable {
    package let perSecond: Int
    /// The tokens of a full bucket; at least one.
    package let burst: Int

    /// - Parameters:
    ///   - perSecond: values below 1 count as 1.
    ///   - leastBurst: the minimum burst; otherwise the burst is worth one second.
    package init(perSecond: Int, leastBurst: Int = 1) {
        self.perSecond = max(perSecond, 1)
        burst = max(self.perSecond, leastBurst)
    }

    /// The time in which the bucket gains this number of tokens.
    func time(for tokens: Int) -> Duration { .seconds(tokens) / perSecond }
}

extension PartnerLimits {
    /// The burst allows at least the largest possible POST, which would otherwise never pass.
    var fixes: RateLimit? {
        fixesPerSecond.map { RateLimit(perSecond: $0, leastBurst: FixBatch.maximumFixes) }
    }

    var requests: RateLimit? { requestsPerSecond.map { RateLimit(perSecond: $0) } }
}
