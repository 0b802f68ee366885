/// Finds the times that fit together: the most that rise strictly, without a leap for the sake of a few.
///
/// A leap is a step of more than half a year that is also more than a hundred usual steps, so that a recording of one point
/// a week has none. A chain of times loses `leapCost` for each of its leaps. Therefore a wrong date costs its own point
/// wherever it stands, at either end too, while two halves of different years both stay.
struct RisingTimes {
    /// A chain of rising times, by its last one.
    private struct Chain: Comparable {
        /// How many times it has, less the cost of its leaps.
        var score: Int
        /// Its first time. Of two chains as good the shorter is better: it was a date far away that made the other longer.
        var startMilliseconds: Int64
        /// The index of its last time. Of equal times the first is better.
        var last: Int

        static func < (left: Self, right: Self) -> Bool {
            guard left.score == right.score else { return left.score < right.score }
            return (left.startMilliseconds, right.last) < (right.startMilliseconds, left.last)
        }
    }

    static let shortestLeapMilliseconds: Int64 = 182 * 86_400_000

    private let times: [Int64]
    private let sortedTimes: [Int64]
    private let leapMilliseconds: Int64
    private let leapCost: Int
    /// The best chain up to each time, by the place of that time in `sortedTimes`.
    private var chains: MaximumTree<Chain>
    /// Of each time the one before it in its chain.
    private var previous: [Int?] = []

    /// Which of `times` fit together. Takes O(n log n).
    /// - Parameters:
    ///   - times: in milliseconds, in the order of the points.
    ///   - leapCost: 1 or more.
    static func kept(of times: [Int64], leapCost: Int) -> [Bool] {
        var search = RisingTimes(times, leapCost: leapCost)
        return search.best()
    }

    private init(_ times: [Int64], leapCost: Int) {
        self.times = times
        self.leapCost = leapCost
        sortedTimes = times.sorted()
        leapMilliseconds = max(Self.shortestLeapMilliseconds, 100 * Self.usualStep(times))
        chains = MaximumTree(count: times.count)
        previous.reserveCapacity(times.count)
    }

    /// The median of the steps between neighbours that differ.
    private static func usualStep(_ times: [Int64]) -> Int64 {
        let steps = zip(times.dropFirst(), times).map { abs($0 &- $1) }.filter { $0 > 0 }.sorted()
        return steps.isEmpty ? 0 : steps[(steps.count - 1) / 2]
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
        let firstNear = rank(of: time &- leapMilliseconds)
        let near = chains.maximum(in: firstNear..<rank(of: time))
        var far = chains.maximum(in: 0..<firstNear)
        far?.score -= leapCost
        let alone = Chain(score: 1, startMilliseconds: time, last: index)
        let before = [near, far].compactMap(\.self).max()
        let longer = before.map {
            Chain(score: $0.score + 1, startMilliseconds: $0.startMilliseconds, last: index)
        }
        guard let before, let longer, longer > alone else {
            previous.append(nil)
            return alone
        }
        previous.append(before.last)
        return longer
    }

    /// How many times are earlier.
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
