import HarborFleet
import Testing

@testable import FleetSimulator

@Suite struct RecordingTimelineTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        /// The time of each point in seconds; nil for a point without a time.
        var times: [Double?]
        var interval: Int64?
        /// The times of the kept points in seconds.
        var kept: [Double]
        var leftOut: Int
    }

    static let cases = [
        Case(testDescription: "rising", times: [1, 2, 5.5], kept: [1, 2, 5.5], leftOut: 0),
        Case(testDescription: "missing", times: [nil, 1, nil, 2], kept: [1, 2], leftOut: 2),
        Case(testDescription: "equal", times: [1, 1, 1, 4], kept: [1, 4], leftOut: 2),
        Case(testDescription: "one too late", times: [5, 3, 4, 6], kept: [3, 4, 6], leftOut: 1),
        Case(testDescription: "a single point", times: [9], kept: [9], leftOut: 0),
        Case(testDescription: "newest first", times: [4, 3, 2, 1], kept: [1, 2, 3, 4], leftOut: 0),
        Case(
            testDescription: "a later drive first", times: [11, 12, 13, 14, 1, 2, 3, 4, 5],
            kept: [1, 2, 3, 4, 5, 11, 12, 13, 14], leftOut: 0),
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
            testDescription: "one too early, spaced", times: [10, 4, 30, 31], interval: 1000,
            kept: [10, 11, 30, 31],
            leftOut: 0),
        Case(
            testDescription: "ten a second in whole seconds, spaced", times: [1, 1, 1, 1, 2, 2, 2, 2, 3],
            interval: 250, kept: [1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3], leftOut: 0),
    ]

    @Test(arguments: cases)
    func points_areLeftOutOrSpaced_withoutARisingTime(_ example: Case) throws {
        let timeline = try RecordingTimeline(
            [Self.points(example.times)], assumedIntervalMilliseconds: example.interval, now: GPXFile.now)
        #expect(timeline.entries.map { Double($0.milliseconds) / 1000 } == example.kept)
        #expect(timeline.leftOut == example.leftOut)
    }

    private static let ten = (0..<10).map { "2026-06-01T10:00:0\($0)Z" }

    private static let strays = [
        "1999-08-22T10:00:00Z", "2038-01-19T03:14:07Z", "1970-01-01T00:00:00Z",
        // These are one with day and month swapped, some a month away and some a day away.
        "2026-01-06T10:00:00Z", "2026-10-20T10:00:00Z", "2026-07-01T10:00:10Z", "2026-05-31T09:59:59Z",
        "2026-06-02T10:00:10Z",
    ]

    @Test(arguments: 0..<10, strays)
    func strayTime_costsOnePointAndIsNamed_anywhere(
        _ index: Int, _ stray: String
    ) throws {
        var times: [String?] = Self.ten
        times[index] = stray
        let timeline = try GPXFile.timeline([times])
        let expected = Self.ten.enumerated().filter { $0.offset != index }.map(\.element)
        #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == expected)
        #expect(
            timeline.notes == [
                "left out 1 point whose time does not fit the points around it: line \(index + 3) (\(stray))"
            ])
    }

    @Test(arguments: [0, 1, 4, 8, 9]) func strayPoint_costsOnlyItself_inASegmentOfItsOwn(_ index: Int)
        throws
    {
        var segments: [[String?]] = Self.ten.map { [$0] }
        segments[index] = ["2038-01-19T03:14:07Z"]
        let timeline = try GPXFile.timeline(segments)
        #expect(timeline.entries.count == 9 && timeline.leftOut == 1)
    }

    @Test func firstPoints_areLeftOut_whenTheReceiverDidNotKnowTheDate() throws {
        let early = (0..<5).map { "1999-08-22T00:00:0\($0)Z" }
        let right = (10..<60).map { "2026-06-01T10:00:\($0)Z" }
        let timeline = try GPXFile.timeline([early + right])
        #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == right)
        #expect(timeline.leftOut == 5)
    }

    @Test func drives_areKept_whenDaysLieBetweenThem() throws {
        let days = ["2026-06-01", "2026-06-04", "2026-06-08", "2026-10-01"]
        let drives = days.map { day in Self.ten.map { $0.replacing("2026-06-01", with: day) } }
        let times = drives.joined() + ["2026-10-05T10:00:00Z", "2026-10-05T10:00:01Z"]
        let timeline = try GPXFile.timeline([times])
        #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == Array(times))
        #expect(timeline.leftOut == 0)
    }

    @Test(arguments: [
        [["2026-06-01T10:00:00Z", "2026-06-02T18:00:00Z", "2026-06-04T07:00:00Z"]],
        [["2026-06-01T10:00:00Z", "2026-06-01T10:00:01Z", "2026-06-04T07:00:00Z"]],
        [["2026-06-01T10:00:00Z"], ["2026-06-02T18:00:00Z"], ["2026-06-04T07:00:00Z"]],
    ])
    func threePoints_areKept_overThreeDays(_ segments: [[String]]) throws {
        #expect(try GPXFile.timeline(segments).entries.count == 3)
    }

    @Test(arguments: [0, 3, 7]) func futureTimes_areLeftOut_unlessTheyAreHalfOrMore(_ index: Int)
        throws
    {
        let future = (0..<3).map { "2038-01-19T03:14:0\($0)Z" }
        var times = Array(Self.ten[..<7])
        times.insert(contentsOf: future, at: index)
        let timeline = try GPXFile.timeline([times])
        #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == Self.ten[..<7].map(\.self))
        #expect(timeline.leftOut == 3)
        let halves = Array(Self.ten[..<3]) + future
        let half = try GPXFile.timeline([halves])
        #expect(half.entries.count == 6 && half.leftOut == 0)
    }

    @Test func halvesOfDifferentYears_areKept_inOneSegmentOrTwo() throws {
        let (earlier, later) = (Self.ten.map { $0.replacing("2026", with: "2024") }, Self.ten)
        for segments in [[earlier + later], [earlier, later], [later, earlier]] {
            let timeline = try GPXFile.timeline(segments)
            #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == earlier + later)
            #expect(timeline.leftOut == 0)
        }
    }

    @Test func segments_areSortedByTime_andNoted() throws {
        let days = ["2026-06-03", "2026-06-01", "2026-06-02"].map { day in
            Self.ten.map { $0.replacing("2026-06-01", with: day) }
        }
        let timeline = try GPXFile.timeline(days)
        #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == days[1] + days[2] + days[0])
        #expect(timeline.notes == ["put the segments in the order of their times"])
    }

    @Test func segment_isReversed_whenItIsNewestFirst() throws {
        let timeline = try GPXFile.timeline([Self.ten.reversed()])
        #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == Self.ten)
        #expect(timeline.notes == ["reversed the segments that were newest first: line 3"])
    }

    @Test func overlappingSegments_areMerged_andSharedPointsCountOnce() throws {
        let timeline = try GPXFile.timeline([Array(Self.ten[0...5]), Array(Self.ten[4...9])])
        #expect(timeline.entries.compactMap(\.point.writtenTime?.text) == Self.ten)
        #expect(
            timeline.notes == [
                "merged the segments that begin before the one before them ends: line 11",
                "left out 2 points whose time another point has already: line 11 (2026-06-01T10:00:04Z), "
                    + "line 12 (2026-06-01T10:00:05Z)",
                "--assume-interval-s 0.5 would space the points without a time of their own",
            ])
    }

    @Test func notes_nameEachReasonWithTheFirstThreeLines() throws {
        let times: [String?] =
            [Self.ten[0], nil, "yesterday", "2026-02-30T10:00:00Z", "", Self.ten[0], Self.ten[1]]
            + [Self.ten[2], Self.ten[2], Self.ten[2], Self.ten[2], Self.ten[2]]
        #expect(
            try GPXFile.timeline([times]).notes == [
                "left out 2 points without a time: line 4, line 7",
                "left out 2 points whose time cannot be read: line 5 (yesterday), line 6 (2026-02-30T10:00:00Z)",
                "left out 5 points whose time another point has already: line 8 (2026-06-01T10:00:00Z), "
                    + "line 11 (2026-06-01T10:00:02Z), line 12 (2026-06-01T10:00:02Z) and 2 more",
                "--assume-interval-s 0.5 would space the points without a time of their own",
            ])
        let spaced = try GPXFile.timeline([times], assumedIntervalMilliseconds: 10)
        #expect(spaced.entries.count == times.count && spaced.leftOut == 0)
        #expect(spaced.notes.first == "spaced 2 points without a time: line 4, line 7")
    }

    @Test func points_areKeptByTheAdvisedInterval_whenTimesAreWholeSeconds() throws {
        let times = Self.ten.flatMap { Array(repeating: $0, count: 10) }
        let timeline = try GPXFile.timeline([times])
        #expect(timeline.leftOut == 90)
        #expect(
            timeline.notes.last
                == "--assume-interval-s 0.1 would space the points without a time of their own")
        let spaced = try GPXFile.timeline([times], assumedIntervalMilliseconds: 100)
        let steps = zip(spaced.entries, spaced.entries.dropFirst()).map { $1.milliseconds - $0.milliseconds }
        #expect(steps == Array(repeating: 100, count: 99))
    }

    @Test(
        arguments: [
            ([nil, nil], "2 points without a time: line 3, line 4"),
            ([nil], "1 point without a time: line 3"),
            (["x", "y"], "2 points whose time cannot be read: line 3 (x), line 4 (y)"),
            (
                [ten[0], ten[0]],
                "1 point whose time another point has already: line 4 (2026-06-01T10:00:00Z)"
            ),
            (
                ["1999-08-22T10:00:00Z", ten[1], ten[0]],
                "2 points whose time does not fit the points around it: line 4 (2026-06-01T10:00:01Z), "
                    + "line 5 (2026-06-01T10:00:00Z)"
            ),
        ] as [([String?], String)])
    func recording_isRefusedWithTheReason_whenNothingIsLeft(_ times: [String?], _ cause: String) {
        let reason =
            "too few of its points have a usable time (\(cause)); --assume-interval-s SECONDS spaces them evenly"
        #expect(throws: SimulatorError.unusableRecording(reason)) {
            try GPXFile.timeline([times])
        }
    }

    @Test func segmentWithoutTimes_isSpacedBehindTheOneBefore() throws {
        let timeline = try GPXFile.timeline(
            [[nil], [Self.ten[0]], [nil, nil], [Self.ten[9]]], assumedIntervalMilliseconds: 2000)
        let first = try #require(Timestamp(rfc3339: Self.ten[0])).milliseconds
        #expect(timeline.entries.map { $0.milliseconds - first } == [-2000, 0, 2000, 4000, 9000])
    }

    @Test func fixes_endAtTheGivenTime_andKeepTheirDistances() throws {
        let timeline = try RecordingTimeline(
            [Self.points([100, 101.5, 160])], assumedIntervalMilliseconds: nil, now: GPXFile.now)
        let end = try #require(Timestamp(rfc3339: "2026-11-20T17:00:00Z"))
        let vehicle = try #require(VehicleID("car-1"))
        let fixes = timeline.fixes(of: vehicle, endingAt: end).map(\.fix)
        #expect(
            fixes.map { $0.recordedAt.rfc3339 } == [
                "2026-11-20T16:59:00.000Z", "2026-11-20T16:59:01.500Z", "2026-11-20T17:00:00.000Z",
            ])
        #expect(fixes.allSatisfy { $0.vehicleID == vehicle && $0.altitudeMeters == 12 })
    }

    @Test func speedAndCourse_areLeftOut_whenIngestWouldRefuseThem() throws {
        var points = Self.points([1, 2])
        points[0].speedMetersPerSecond = -1
        points[0].courseDegrees = 361
        points[1].speedMetersPerSecond = 3
        points[1].courseDegrees = 360
        let timeline = try RecordingTimeline(
            [points], assumedIntervalMilliseconds: nil, now: GPXFile.now)
        let fixes = timeline.fixes(
            of: try #require(VehicleID("v")), endingAt: Timestamp(milliseconds: 0)
        ).map(\.fix)
        #expect(fixes.map(\.speedMetersPerSecond) == [nil, 3])
        #expect(fixes.map(\.headingDegrees) == [nil, 360])
    }

    private static func points(_ times: [Double?]) -> [RecordedPoint] {
        times.enumerated().map { index, seconds in
            RecordedPoint(
                line: index + 3, latitudeDegrees: 53.5, longitudeDegrees: 9.9, elevationMeters: 12,
                time: seconds.map { Timestamp(milliseconds: Int64($0 * 1000)) })
        }
    }
}
