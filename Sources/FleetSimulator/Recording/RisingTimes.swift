/// Selects the times that fit together: the largest number that rises strictly, without leaps that only a few
/// times need.
///
/// A leap is a step of more than a day that is also more than a hundred usual steps, so that a recording with
/// one point a week has none. Each leap reduces the score of a chain of times by 1. Therefore a wrong date costs
/// only its own point wherever it stands, even at either end, while drives with days between them all stay. A
/// leap of more than half a year costs `leapCost`: it is rare between drives, and common when a receiver does
/// not know the date.
struct RisingTimes {
    /// A chain of rising times, identified by its last time.
    private struct Chain: Comparable {
        /// The number of its times, less the cost of its leaps.
        var score: Int
        /// Its first time. Of two chains with one score the shorter is better: a wrong date far away makes a
        /// chain longer.
        var startMilliseconds: Int64
        /// Its last time. The later is better: then a time between two leaps that fits between its neighbours
        /// stays.
        var endMilliseconds: Int64
        /// The index of its last time. Of equal times the first is better.
        var last: Int

        static func < (left: Self, right: Self) -> Bool {
            guard left.score == right.score else { return left.score < right.score }
            return (left.startMilliseconds, left.endMilliseconds, right.last)
                < (right.startMilliseconds, right.endMilliseconds, left.last)
        }
    }

    static let dayMilliseconds: Int64 = 86_400_000
    static let halfYearMilliseconds: Int64 = 182 * dayMilliseconds

    private let times: [Int64]
    private let sortedTimes: [Int64]
    /// The length that a step must exceed to cost 1, at most `longLeapMilliseconds`.
    private let leapMilliseconds: Int64
    /// The length that a step must exceed to cost `leapCost`.
    private let longLeapMilliseconds: Int64
    private let leapCost: Int
    /// The best chain up to each time, by the rank of that time in `sortedTimes`.
    private var chains: MaximumTree<Chain>
    /// For each time the index of the one before it in its chain.
    private var previous: [Int?] = []

    /// Which of `times` fit together. Takes O(n log n).
    /// - Parameters:
    ///   - times: in milliseconds, in the order of the points.
    ///   - leapCost: the cost of a leap of more than half a year, 1 or more.
    static func kept(of times: [Int64], leapCost: Int) -> [Bool] {
        var search = RisingTimes(times, leapCost: leapCost)
        return search.best()
    }

    private init(_ times: [Int64], leapCost: Int) {
        self.times = times
        self.leapCost = leapCost
        sortedTimes = times.sorted()
        let steps = zip(times.dropFirst(), times).map { abs($0 &- $1) }.filter { $0 > 0 }.sorted()
        // The lower and the upper median. With the upper one a pause of days is no leap while only half of the
        // steps are short: of three points, two of them close together, all stay.
        let (lower, upper) = steps.isEmpty ? (0, 0) : (steps[(steps.count - 1) / 2], steps[steps.count / 2])
        longLeapMilliseconds = max(Self.halfYearMilliseconds, 100 * lower)
        leapMilliseconds = min(max(Self.dayMilliseconds, 100 * upper), longLeapMilliseconds)
        chains = MaximumTree(count: times.count)
        previous.reserveCapacity(times.count)
    }

    private mutating func best() -> [Bool] {
        var best: (chain: Chain, length: Int64)?
        for (index, time) in times.enumerated() {
            let chain = chain(to: time, index)
            chains.raise(rank(of: time), to: chain)
            let length = time &- chain.startMilliseconds
            if let best, (best.chain.score, -best.length) >= (chain.score, -length) { continue }
            best = (chain, length)
        }
        return marked(from: best?.chain.last)
    }

    /// The best chain that ends with the time at `index`.
    private mutating func chain(to time: Int64, _ index: Int) -> Chain {
        let alone = Chain(score: 1, startMilliseconds: time, endMilliseconds: time, last: index)
        guard let before = best(before: time) else {
            previous.append(nil)
            return alone
        }
        var longer = alone
        (longer.score, longer.startMilliseconds) = (before.score + 1, before.startMilliseconds)
        previous.append(longer > alone ? before.last : nil)
        return max(longer, alone)
    }

    /// The best chain that a later time can extend, less the cost of the leap to that time.
    private func best(before time: Int64) -> Chain? {
        let firstClose = rank(of: time &- leapMilliseconds)
        let firstNear = rank(of: time &- longLeapMilliseconds)
        let close = chains.maximum(in: firstClose..<rank(of: time))
        var near = chains.maximum(in: firstNear..<firstClose)
        var far = chains.maximum(in: 0..<firstNear)
        near?.score -= 1
        far?.score -= leapCost
        return [close, near, far].compactMap(\.self).max()
    }

    /// The number of times that are earlier.
    private func rank(of time: Int64) -> Int {
        var range = 0..<sortedTimes.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = sortedTimes[middle] < time ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    private func marked(from last: Int?) -> [Bool] {
        var marks = Array(repeating: false, count: times.count)
        var index = last
        while let current = index {
            marks[current] = true
            index = previous[current]
        }
        return marks
    }
}
