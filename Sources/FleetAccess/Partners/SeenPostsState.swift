/// Remembers which signed POSTs came recently, and for which fleet. A signature does not cover the path, so a POST
/// for one of a partner's fleets would also verify for its other fleets. A value: no clock, no lock, no hash.
///
/// A POST is kept until its timestamp is refused as too old. Each takes 16 bytes and some free room in the table.
/// When there are too many, a POST with the oldest timestamp is dropped.
package struct SeenPostsState: Sendable {
    /// The maximum number of POSTs that are kept.
    package static let maximumCount = 1_000_000

    package enum Verdict: Sendable, Equatable {
        /// The POST was not seen before, or has been dropped.
        case new
        /// The POST came for this fleet before: a harmless repeat.
        case repeated
        /// The POST first came for another fleet.
        case otherFleet
    }

    /// The POSTs with the same `webhook-timestamp`, which has a resolution of one second.
    private struct Second: Sendable {
        let timestampSeconds: Int64
        var posts = SeenPostTable()
    }

    /// Sorted by time. While the clock is not changed, there are at most as many entries as seconds within the
    /// tolerance.
    private var seconds: [Second] = []
    private let limit: Int
    private let toleranceSeconds: Int64
    /// The number of POSTs that are kept.
    package private(set) var count = 0
    /// The number of POSTs dropped early since the start.
    package private(set) var evicted = 0

    /// - Parameter toleranceSeconds: how long after its timestamp a POST can come again.
    package init(toleranceSeconds: Int64, limit: Int = SeenPostsState.maximumCount) {
        self.toleranceSeconds = toleranceSeconds
        self.limit = max(limit, 1)
    }

    /// Records a POST whose signature was verified. It belongs to the first fleet that it comes for.
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

    /// The index of a second, or the index at which to insert it. Searched from the end, because most POSTs are
    /// from the last one or two seconds.
    private func place(of timestampSeconds: Int64) -> (index: Int, isThere: Bool) {
        guard let index = seconds.lastIndex(where: { $0.timestampSeconds <= timestampSeconds }) else {
            return (0, false)
        }
        return seconds[index].timestampSeconds == timestampSeconds ? (index, true) : (index + 1, false)
    }
}

/// A compact record of a POST: 96 bits of a keyed hash of its partner, id, timestamp and body, and 32 bits of a
/// hash of the fleet. 16 bytes.
package struct SeenPost: Sendable, Equatable {
    fileprivate let high: UInt64
    fileprivate let low: UInt32
    fileprivate let fleet: UInt32

    /// - Parameters:
    ///   - post: the first 12 bytes of the hash; missing bytes count as 0.
    ///   - fleet: the first 4 bytes of the hash.
    package init(post: some Collection<UInt8>, fleet: some Collection<UInt8>) {
        // Never 0, because 0 marks a free place.
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

/// A hash table of POSTs in one array: open addressing with linear probing, at most seven eighths full.
private struct SeenPostTable: Sendable {
    private static let leastPlaces = 8

    private var places: [SeenPost] = []
    private(set) var count = 0
    /// Where `removeAny` continues, so that it does not pass again over the places that it has emptied.
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

    /// Inserts a POST that is not in the table.
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

    /// Removes the next POST in the order of places; does nothing when the table is empty.
    mutating func removeAny() {
        guard count > 0 else { return }
        while places[cursor] == .none { cursor = next(cursor) }
        remove(at: cursor)
        count -= 1
    }

    /// Removes a place without hiding others: each later POST of the same run moves to the free place if its home
    /// is there or before it.
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

    /// Scales the hash to the number of places, which therefore need not be a power of two.
    private func home(of post: SeenPost) -> Int {
        Int(truncatingIfNeeded: post.high.multipliedFullWidth(by: UInt64(places.count)).high)
    }
}
