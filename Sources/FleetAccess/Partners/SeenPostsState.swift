/// Which signed POSTs came lately, and for which fleet: a signature does not cover the path, so a POST for one of a
/// partner's fleets would verify for its others too. A value: no clock, no lock, no hash.
///
/// A POST is kept until its timestamp is refused as stale. The most that are kept are 16 bytes each and some room between
/// them; when there are more, one of the oldest timestamp goes.
package struct SeenPostsState: Sendable {
    /// POSTs that are kept, at most.
    package static let maximumCount = 1_000_000

    package enum Verdict: Sendable, Equatable {
        /// It was not seen before, or that is forgotten.
        case new
        /// It came for this fleet before: a harmless repeat.
        case repeated
        /// It came for another fleet first.
        case otherFleet
    }

    /// The POSTs of one second, by `webhook-timestamp`.
    private struct Second: Sendable {
        let timestampSeconds: Int64
        var posts = SeenPostTable()
    }

    /// By their time; as many as there are seconds within the tolerance, when the clock is not set.
    private var seconds: [Second] = []
    private let limit: Int
    private let toleranceSeconds: Int64
    /// POSTs that are kept.
    package private(set) var count = 0
    /// POSTs that went before their time, since the start.
    package private(set) var evicted = 0

    /// - Parameter toleranceSeconds: how long after its timestamp a POST can come again.
    package init(toleranceSeconds: Int64, limit: Int = SeenPostsState.maximumCount) {
        self.toleranceSeconds = toleranceSeconds
        self.limit = max(limit, 1)
    }

    /// A POST's signature verified. The first fleet that it comes for is the one that it is for.
    /// - Parameters:
    ///   - timestampSeconds: its `webhook-timestamp`.
    ///   - nowSeconds: the wall clock, in Unix seconds.
    package mutating func came(
        _ post: SeenPost, timestampSeconds: Int64, nowSeconds: Int64
    ) -> Verdict {
        forget(before: nowSeconds &- toleranceSeconds)
        let (index, isThere) = place(of: timestampSeconds)
        if isThere, let fleet = seconds[index].posts.fleet(of: post) {
            return fleet == post.fleet ? .repeated : .otherFleet
        }
        if count >= limit { evict() }
        insert(post, timestampSeconds)
        return .new
    }

    private mutating func insert(_ post: SeenPost, _ timestampSeconds: Int64) {
        let (index, isThere) = place(of: timestampSeconds)
        if !isThere { seconds.insert(Second(timestampSeconds: timestampSeconds), at: index) }
        seconds[index].posts.insert(post)
        count += 1
    }

    private mutating func forget(before earliest: Int64) {
        guard let first = seconds.first, first.timestampSeconds < earliest else { return }
        let gone = seconds.firstIndex { $0.timestampSeconds >= earliest } ?? seconds.count
        count -= seconds.prefix(gone).reduce(0) { $0 + $1.posts.count }
        seconds.removeFirst(gone)
    }

    private mutating func evict() {
        guard !seconds.isEmpty else { return }
        seconds[0].posts.removeAny()
        count -= 1
        evicted += 1
        if seconds[0].posts.count == 0 { seconds.removeFirst() }
    }

    /// Where a second is, or belongs. Most POSTs are of the last one or two.
    private func place(of timestampSeconds: Int64) -> (index: Int, isThere: Bool) {
        guard let index = seconds.lastIndex(where: { $0.timestampSeconds <= timestampSeconds }) else {
            return (0, false)
        }
        return seconds[index].timestampSeconds == timestampSeconds ? (index, true) : (index + 1, false)
    }
}

/// A POST without what it says: 96 bits of a keyed hash of its partner, id, timestamp and body, and 32 bits of one of the
/// fleet. 16 bytes.
package struct SeenPost: Sendable, Equatable {
    fileprivate let high: UInt64
    fileprivate let low: UInt32
    fileprivate let fleet: UInt32

    /// - Parameters:
    ///   - post: the hash's first 12 bytes; of fewer the rest counts as 0.
    ///   - fleet: the hash's first 4 bytes.
    package init(post: some Collection<UInt8>, fleet: some Collection<UInt8>) {
        // Never 0, which stands for a free place.
        high = Self.number(post.prefix(8)) | 1
        low = UInt32(truncatingIfNeeded: Self.number(post.dropFirst(8).prefix(4)))
        self.fleet = UInt32(truncatingIfNeeded: Self.number(fleet.prefix(4)))
    }

    private init() { (high, low, fleet) = (0, 0, 0) }

    fileprivate static let none = SeenPost()

    fileprivate func isSamePost(as other: SeenPost) -> Bool { high == other.high && low == other.low }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// POSTs by their hash in one array: open addressing with linear probing, filled to seven eighths at most.
private struct SeenPostTable: Sendable {
    private static let leastPlaces = 8

    private var places: [SeenPost] = []
    private(set) var count = 0
    /// Where `removeAny` goes on, so that it need not pass the places again that it has emptied.
    private var cursor = 0

    func fleet(of post: SeenPost) -> UInt32? {
        guard !places.isEmpty else { return nil }
        var index = home(of: post)
        while places[index] != .none {
            if places[index].isSamePost(as: post) { return places[index].fleet }
            index = next(index)
        }
        return nil
    }

    /// Inserts a POST that is not there.
    mutating func insert(_ post: SeenPost) {
        if (count + 1) * 8 > places.count * 7 { grow() }
        put(post)
        count += 1
    }

    private mutating func put(_ post: SeenPost) {
        var index = home(of: post)
        while places[index] != .none { index = next(index) }
        places[index] = post
    }

    private mutating func grow() {
        let old = places
        places = Array(repeating: .none, count: max(Self.leastPlaces, old.count + old.count / 2))
        cursor = 0
        for post in old where post != .none { put(post) }
    }

    /// Removes whichever comes next; does nothing when there is none.
    mutating func removeAny() {
        guard count > 0 else { return }
        while places[cursor] == .none { cursor = next(cursor) }
        remove(at: cursor)
        count -= 1
    }

    /// Moves those back that a free place would hide: what stands behind it and has its home before or at it.
    private mutating func remove(at index: Int) {
        var free = index
        var candidate = next(index)
        while places[candidate] != .none {
            if distance(from: home(of: places[candidate]), to: candidate)
                >= distance(from: free, to: candidate)
            {
                places[free] = places[candidate]
                free = candidate
            }
            candidate = next(candidate)
        }
        places[free] = .none
    }

    private func distance(from start: Int, to end: Int) -> Int {
        end >= start ? end - start : end + places.count - start
    }

    private func next(_ index: Int) -> Int { index + 1 == places.count ? 0 : index + 1 }

    /// The hash's share of the whole, so that any number of places will do.
    private func home(of post: SeenPost) -> Int {
        Int(truncatingIfNeeded: post.high.multipliedFullWidth(by: UInt64(places.count)).high)
    }
}
