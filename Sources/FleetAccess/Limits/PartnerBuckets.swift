internal import HarborFleet

/// The buckets of all partners that have a limit and sent something lately. What is full again is forgotten, so that
/// partners who are gone leave nothing behind.
struct PartnerBuckets {
    /// A partner's buckets.
    struct Entry {
        var requests: TokenBucketState
        var fixes: TokenBucketState

        func isFull(now: ContinuousClock.Instant) -> Bool {
            requests.isFull(now: now) && fixes.isFull(now: now)
        }
    }

    /// Below this many it is not worth looking for full ones.
    private static let few = 64
    private var entries: [PartnerID: Entry] = [:]
    private var looksAt = PartnerBuckets.few

    /// How many partners have buckets.
    var count: Int { entries.count }

    /// As `TokenBucketState.take`, from one of a partner's buckets.
    mutating func take(
        _ tokens: Int, from bucket: WritableKeyPath<Entry, TokenBucketState>, of id: PartnerID,
        at limit: RateLimit, now: ContinuousClock.Instant
    ) -> TokenBucketState.Outcome {
        if entries[id] == nil, entries.count >= looksAt { forgetFull(now: now) }
        let new = Entry(requests: TokenBucketState(now: now), fixes: TokenBucketState(now: now))
        return entries[id, default: new][keyPath: bucket].take(tokens, at: limit, now: now)
    }

    /// As `TokenBucketState.giveBack`. One that was forgotten is full.
    mutating func giveBack(
        _ withdrawal: TokenBucketState.Withdrawal, to bucket: WritableKeyPath<Entry, TokenBucketState>,
        of id: PartnerID, now: ContinuousClock.Instant
    ) {
        entries[id]?[keyPath: bucket].giveBack(withdrawal, now: now)
    }

    /// Forgets the buckets that are as good as new ones. Linear in their number, so that it is done when that has
    /// doubled.
    mutating func forgetFull(now: ContinuousClock.Instant) {
        entries = entries.filter { !$0.value.isFull(now: now) }
        looksAt = max(entries.count &* 2, Self.few)
    }
}
