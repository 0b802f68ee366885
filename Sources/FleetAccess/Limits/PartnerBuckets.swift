internal import HarborFleet

/// The token buckets of all partners that have a limit and have recently sent something. Full buckets are dropped,
/// so that partners that stop sending leave nothing behind.
struct PartnerBuckets {
    /// A partner's buckets.
    struct Entry {
        var requests: TokenBucketState
        var fixes: TokenBucketState

        func isFull(now: ContinuousClock.Instant) -> Bool {
            requests.isFull(now: now) && fixes.isFull(now: now)
        }
    }

    /// The minimum number of entries for which a search for full buckets is worthwhile.
    private static let few = 64
    private var entries: [PartnerID: Entry] = [:]
    private var looksAt = PartnerBuckets.few

    /// The number of partners with buckets.
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

    /// As `TokenBucketState.giveBack`. A bucket that was dropped was full, so it needs nothing back.
    mutating func giveBack(
        _ withdrawal: TokenBucketState.Withdrawal, to bucket: WritableKeyPath<Entry, TokenBucketState>,
        of id: PartnerID, now: ContinuousClock.Instant
    ) {
        entries[id]?[keyPath: bucket].giveBack(withdrawal, now: now)
    }

    /// Drops full buckets, which equal new ones. Linear in the number of entries, so it runs only when that number
    /// has doubled.
    mutating func forgetFull(now: ContinuousClock.Instant) {
        entries = entries.filter { !$0.value.isFull(now: now) }
        looksAt = max(entries.count &* 2, Self.few)
    }
}
