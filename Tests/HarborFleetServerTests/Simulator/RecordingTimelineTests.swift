import HarborFleet
import Testing

@testable import HarborFleetServer

@Suite struct RecordingTimelineTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        /// Seconds of each point; nil: it has none.
        var times: [Double?]
        var interval: Int64?
        /// Seconds of the points kept.
        var kept: [Double]
        var leftOut: Int
    }

    static let cases = [
        Case(testDescription: "rising", times: [1, 2, 5.5], kept: [1, 2, 5.5], leftOut: 0),
        Case(testDescription: "missing", times: [nil, 1, nil, 2], kept: [1, 2], leftOut: 2),
        Case(testDescription: "equal", times: [1, 1, 1, 4], kept: [1, 4], leftOut: 2),
        Case(testDescription: "falling", times: [5, 3, 4, 6], kept: [5, 6], leftOut: 2),
        Case(testDescription: "a single point", times: [9], kept: [9], leftOut: 0),
        Case(
            testDescription: "all equal, spaced", times: [7, 7, 7], interval: 5000, kept: [7, 12, 17],
            leftOut: 0),
        Case(
            testDescription: "none, spaced", times: [nil, nil, nil], interval: 500, kept: [0, 0.5, 1],
            leftOut: 0),
        Case(
            testDescription: "late start, spaced", times: [nil, nil, 100, nil, 103], interval: 2000,
            kept: [96, 98, 100, 102, 103], leftOut: 0),
        Case(
            testDescription: "falling, spaced", times: [10, 4, 30, 31], interval: 1000,
            kept: [10, 11, 30, 31],
            leftOut: 0),
    ]

    @Test(arguments: cases)
    func `points without a strictly rising time are left out or spaced`(_ example: Case) throws {
        let timeline = try RecordingTimeline(
            Self.points(example.times), assumedIntervalMilliseconds: example.interval)
        #expect(timeline.entries.map { Double($0.milliseconds) / 1000 } == example.kept)
        #expect(timeline.leftOut == example.leftOut)
    }

    @Test(
        arguments: [
            ([nil, nil], "none of its 2 points has a time"),
            ([3, 3, 3], "all of its 3 points with a time have one and the same"),
            ([3, 2, 1], "of its 3 points no two have rising times"),
            ([nil], "none of its 1 points has a time"),
        ] as [([Double?], String)])
    func `a recording of which nothing is left says why`(_ times: [Double?], _ cause: String) {
        let advice = "; --assume-interval-s SECONDS spaces them evenly"
        #expect(throws: SimulatorError.unusableRecording(cause + advice)) {
            try RecordingTimeline(Self.points(times), assumedIntervalMilliseconds: nil)
        }
    }

    @Test func `the last point is put at the end and the distances stay`() throws {
        let timeline = try RecordingTimeline(
            Self.points([100, 101.5, 160]), assumedIntervalMilliseconds: nil)
        let end = try #require(RFC3339.parse("2026-11-20T17:00:00Z"))
        let vehicle = try #require(VehicleID("car-1"))
        let fixes = timeline.fixes(of: vehicle, endingAt: end)
        #expect(
            fixes.map { RFC3339.format($0.recordedAt) } == [
                "2026-11-20T16:59:00.000Z", "2026-11-20T16:59:01.500Z", "2026-11-20T17:00:00.000Z",
            ])
        #expect(fixes.allSatisfy { $0.vehicleID == vehicle && $0.altitudeMeters == 12 })
    }

    @Test func `a speed or course that ingest would refuse is not sent`() throws {
        var points = Self.points([1, 2])
        points[0].speedMetersPerSecond = -1
        points[0].courseDegrees = 361
        points[1].speedMetersPerSecond = 3
        points[1].courseDegrees = 360
        let timeline = try RecordingTimeline(points, assumedIntervalMilliseconds: nil)
        let fixes = timeline.fixes(
            of: try #require(VehicleID("v")), endingAt: Timestamp(milliseconds: 0))
        #expect(fixes.map(\.speedMetersPerSecond) == [nil, 3])
        #expect(fixes.map(\.headingDegrees) == [nil, 360])
    }

    private static func points(_ times: [Double?]) -> [RecordedPoint] {
        times.map { seconds in
            RecordedPoint(
                latitudeDegrees: 53.5, longitudeDegrees: 9.9, elevationMeters: 12,
                time: seconds.map { Timestamp(milliseconds: Int64($0 * 1000)) })
        }
    }
}
