import HarborFleetTesting
import Testing

@testable import FleetSimulator

@Suite struct RisingTimesTests {
    private static let day: Int64 = 86_400_000
    private static let year: Int64 = 365 * day

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var times: [Int64]
        var leapCost = 1
        /// The indexes of the times that are kept.
        var kept: [Int]
    }

    static let cases = [
        Case(testDescription: "nothing", times: [], kept: []),
        Case(testDescription: "one", times: [7], kept: [0]),
        Case(testDescription: "rising", times: [1, 2, 3], kept: [0, 1, 2]),
        Case(testDescription: "of equal ones the first", times: [5, 5, 5, 6], kept: [0, 3]),
        Case(testDescription: "falling: the fewest fall out", times: [5, 3, 4, 6], kept: [1, 2, 3]),
        Case(testDescription: "late in the middle", times: [1, 2, 50, 3, 4], kept: [0, 1, 3, 4]),
        Case(testDescription: "late before the last", times: [1, 2, 50, 3], kept: [0, 1, 3]),
        Case(testDescription: "early behind the first", times: [10, 1, 11, 12], kept: [0, 2, 3]),
        Case(testDescription: "a leap to the last", times: [1, 2, 3, 9 * year], kept: [0, 1, 2]),
        Case(testDescription: "a leap from the first", times: [1, 9 * year, 9 * year + 1], kept: [1, 2]),
        Case(
            testDescription: "leaps at both ends", times: [-9 * year, 1, 2, 3, 20 * year], kept: [1, 2, 3]),
        Case(
            testDescription: "a leap that is worth it", times: [1, 2, 3, 9 * year, 9 * year + 1],
            kept: [0, 1, 2, 3, 4]),
        Case(
            testDescription: "a leap that costs more than it brings",
            times: [1, 2, 3, 9 * year, 9 * year + 1], leapCost: 2, kept: [0, 1, 2]),
        Case(
            testDescription: "two that are so far apart", times: [1, 9 * year], kept: [0, 1]),
        Case(testDescription: "a month to the last", times: [1, 2, 3, 4, 30 * day], kept: [0, 1, 2, 3]),
        Case(testDescription: "a month from the first", times: [-30 * day, 1, 2, 3, 4], kept: [1, 2, 3, 4]),
        Case(testDescription: "a day and more to the last", times: [1, 2, 3, day + 4], kept: [0, 1, 2]),
        Case(testDescription: "a day to the last", times: [1, 2, 3, day + 3], kept: [0, 1, 2, 3]),
        Case(
            testDescription: "two behind a month, at the price of one",
            times: [1, 2, 3, 30 * day, 30 * day + 1],
            leapCost: 9, kept: [0, 1, 2, 3, 4]),
        Case(
            testDescription: "one between two leaps of days",
            times: [1, 2, 3, 3 * day, 6 * day, 6 * day + 1, 6 * day + 2], kept: [0, 1, 2, 3, 4, 5, 6]),
        Case(
            testDescription: "twenty drives days apart",
            times: (Int64(0)..<20).flatMap { drive in (Int64(0)..<5).map { 2 * day * drive + $0 } },
            leapCost: 10,
            kept: Array(0..<100)),
        Case(
            testDescription: "one a year", times: [0, year, 2 * year, 3 * year], leapCost: 3,
            kept: [0, 1, 2, 3]),
    ]

    @Test(arguments: cases)
    func kept_hasTheMostRisingTimes_withoutALeapForAFew(_ example: Case) {
        let kept = RisingTimes.kept(of: example.times, leapCost: example.leapCost)
        #expect(kept.indices.filter { kept[$0] } == example.kept)
    }

    /// Without leaps the result is the longest rising subsequence. A table of all pairs gives its length too.
    @Test func kept_hasAsManyTimesAsASearchOfAllPairs() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let count = Int.random(in: 1...40, using: &generator)
            let times = (0..<count).map { _ in Int64.random(in: 0...30, using: &generator) }
            var lengths: [Int] = []
            for (index, time) in times.enumerated() {
                let before = (0..<index).filter { times[$0] < time }.map { lengths[$0] }
                lengths.append((before.max() ?? 0) + 1)
            }
            let kept = RisingTimes.kept(of: times, leapCost: 1)
            let chosen = zip(times, kept).filter(\.1).map(\.0)
            #expect(chosen.count == lengths.max(), "\(times)")
            #expect(zip(chosen, chosen.dropFirst()).allSatisfy(<), "\(times)")
        }
    }

    @Test func kept_isFast_withAHundredThousandPoints() {
        let times = (0..<100_000).map { (index: Int) -> Int64 in
            Int64(index % 1000) * 1000 + Int64(index / 1000)
        }
        #expect(RisingTimes.kept(of: times, leapCost: 1).count { $0 } == 1099)
    }
}
