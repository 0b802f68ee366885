import FleetWire
import HTTP1
import HarborFleet
import Testing

@testable import HarborFleetAPI

@Suite struct TrackQueryTests {
    private func query(_ text: String) throws -> TrackQuery { try TrackQuery(QueryParameters(text)) }

    private func milliseconds(_ text: String) throws -> Int64 {
        try #require(Timestamp(rfc3339: text)).milliseconds
    }

    @Test func emptyQuery_meansTheFirst10000FixesOfAllTime() throws {
        let query = try query("")
        #expect(query.limit == 10_000)
        #expect(query.period.contains(Timestamp(milliseconds: 0)))
        #expect(query.period.contains(Timestamp(milliseconds: 1 << 52)))
    }

    @Test func from_isIncluded_andToIsNot() throws {
        let query = try query("from=2026-11-20T17:00:00Z&to=2026-11-20T18:00:00Z&limit=5")
        #expect(query.period.lowerBound.milliseconds == (try milliseconds("2026-11-20T17:00:00Z")))
        #expect(query.period.upperBound.milliseconds == (try milliseconds("2026-11-20T18:00:00Z")))
        #expect(query.limit == 5)
    }

    @Test(arguments: ["2026-11-20T18:00:00%2B01:00", "2026-11-20T18:00:00+01:00"])
    func offset_isRead_escapedOrNot(_ time: String) throws {
        #expect(
            try query("from=\(time)").period.lowerBound.milliseconds == milliseconds("2026-11-20T17:00:00Z"))
    }

    @Test func cursor_continuesBehindItsFix_withinThePeriod() throws {
        let last = Timestamp(milliseconds: try milliseconds("2026-11-20T17:30:00.123Z"))
        let cursor = TrackCursor(behind: last).text
        let query = try query("from=2026-11-20T17:00:00Z&to=2026-11-20T18:00:00Z&cursor=\(cursor)")
        #expect(query.period.lowerBound.milliseconds == last.milliseconds + 1)
        // A period that begins later is kept, and one that ends earlier is empty.
        #expect(
            try self.query("from=2026-11-21T00:00:00Z&cursor=\(cursor)").period.lowerBound.milliseconds
                == milliseconds("2026-11-21T00:00:00Z"))
        #expect(try self.query("to=2026-11-20T17:00:00Z&cursor=\(cursor)").period.isEmpty)
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 1_795_194_000_123, .max])
    func cursor_comesBackUnchanged(_ milliseconds: Int64) {
        let cursor = TrackCursor(behind: Timestamp(milliseconds: milliseconds))
        #expect(TrackCursor(cursor.text) == cursor)
    }

    private static let accepted: [(String?, TrackFormat)] = [
        (nil, .json), ("*/*", .json), ("text/html,application/xhtml+xml,*/*;q=0.8", .json),
        ("application/geo+json", .geoJSON), ("application/gpx+xml", .gpx), ("text/csv", .csv),
        ("text/*, application/json;q=0.5", .csv), ("application/json;q=0.4, text/csv;q=0.6", .csv),
        ("application/*;q=0.9, application/gpx+xml", .gpx), ("application/json;q=0, */*", .geoJSON),
    ]

    @Test(arguments: accepted)
    func format_isTheOnePreferredByAccept(_ accept: String?, _ format: TrackFormat) throws {
        #expect(try TrackFormat(accept: accept) == format)
    }

    @Test func format_is406_whenItIsNotOffered() {
        let problem = #expect(throws: Problem.self) { try TrackFormat(accept: "image/png, */*;q=0") }
        #expect(problem?.status == .notAcceptable)
    }
}

/// Parameters of a track that are not valid.
@Suite struct TrackQueryRefusalTests {
    private func query(_ text: String) throws -> TrackQuery { try TrackQuery(QueryParameters(text)) }

    @Test(arguments: [
        ("limit=0", "/limit"), ("limit=1000001", "/limit"), ("limit=-1", "/limit"), ("limit=%2B5", "/limit"),
        ("limit=", "/limit"), ("limit=ten", "/limit"), ("limit=99999999999999999999", "/limit"),
        ("from=yesterday", "/from"), ("from=", "/from"), ("to=2026-13-01T00:00:00Z", "/to"),
        ("from=2026-11-20T17:00:00Z&to=2026-11-20T16:59:59Z", "/to"), ("cursor=", "/cursor"),
        ("cursor=2abc", "/cursor"), ("cursor=1+5", "/cursor"), ("cursor=1%2B5", "/cursor"),
        ("limits=5", "/limits"), ("format=gpx", "/format"), ("simplify=5", "/simplify"),
        ("limit=5&limit=6", "/limit"), ("token=x", "/token"), ("%7E/=", "/~0~1"), ("cursor=1zz", "/cursor"),
        ("cursor=10005", "/cursor"), ("cursor=1A", "/cursor"),
    ])
    func wrongParameter_isNamed(_ text: String, _ pointer: String) throws {
        let problem = #expect(throws: Problem.self) { try query(text) }
        #expect(problem?.status == .badRequest)
        #expect(problem?.errors.map(\.pointer) == [pointer])
    }

    @Test func wrongParameters_areAllNamed() {
        let problem = #expect(throws: Problem.self) { try query("limit=0&from=x&to=y&cursor=z") }
        #expect(problem?.errors.map(\.pointer) == ["/from", "/to", "/cursor", "/limit"])
    }
}

@Suite struct TrackProgressTests {
    private func fixes(_ range: Range<Int>) throws -> [StoredFix] {
        let van = try #require(VehicleID("van-7"))
        return range.map { index in
            StoredFix(
                fix: Fix(
                    vehicleID: van, recordedAt: Timestamp(milliseconds: Int64(index)), latitudeDegrees: 1,
                    longitudeDegrees: 1), receivedAt: Timestamp(milliseconds: 0))
        }
    }

    /// Reads a track of `count` fixes, one per millisecond, and records the requests.
    private func read(_ count: Int, limit: Int) throws -> (asked: [Int], shown: [Int64], next: TrackCursor?) {
        var progress = TrackProgress(try TrackQuery(QueryParameters("limit=\(limit)")))
        var (asked, shown): ([Int], [Int64]) = ([], [])
        while let request = progress.request {
            asked.append(request)
            let first = Int(max(progress.period.lowerBound.milliseconds, 0))
            let page = try fixes(first..<max(first, min(count, first + request)))
            shown += progress.received(page).map(\.fix.recordedAt.milliseconds)
        }
        return (asked, shown, progress.next)
    }

    @Test func track_isReadToItsEnd_inPages() throws {
        let track = try read(5_000, limit: 10_000)
        #expect(track.asked == [100, 2_000, 2_000, 2_000])
        #expect(track.shown == (0..<5_000).map(Int64.init))
        #expect(track.next == nil)
    }

    @Test(arguments: [1, 2, 99, 100, 101, 2_099, 2_100, 2_101, 4_999])
    func limit_isKept_andTheCursorSaysThatThereIsMore(_ limit: Int) throws {
        let track = try read(5_000, limit: limit)
        #expect(track.shown == (0..<limit).map(Int64.init))
        #expect(track.next == TrackCursor(behind: Timestamp(milliseconds: Int64(limit - 1))))
        #expect((track.asked.max() ?? 0) <= 2_000)
        let whole = try read(limit, limit: limit)
        #expect(whole.shown == track.shown && whole.next == nil)
    }

    /// The store keeps to both limits: the number of rows and the sum of attribute bytes.
    @Test(arguments: [0, 1, 130, 131, 132, 2_048])
    func fullPageOfAttributes_isNotTheLast(_ bytes: Int) throws {
        var progress = TrackProgress(try TrackQuery(QueryParameters("limit=100000")))
        var (shown, pages): ([Int64], [Int]) = ([], [])
        while let request = progress.request {
            let first = Int(max(progress.period.lowerBound.milliseconds, 0))
            var page = try fixes(first..<max(first, min(5_000, first + request)))
            for index in page.indices { page[index].fix.attributes = Array(repeating: 32, count: bytes) }
            let limit = progress.attributeBytes
            page = Array(page.prefix(bytes == 0 ? .max : (limit + bytes - 1) / bytes))
            pages.append(page.count)
            #expect(page.count * bytes < limit + 2_048)
            shown += progress.received(page).map(\.fix.recordedAt.milliseconds)
        }
        #expect(shown == (0..<5_000).map(Int64.init))
        #expect(pages.first == min(100, 65_536 / max(bytes, 1)))
        #expect(progress.next == nil)
    }

    @Test func slowClient_isReadForInSmallPages() throws {
        var progress = TrackProgress(try TrackQuery(QueryParameters("limit=100000")))
        var asked: [Int] = []
        for isSlow in [false, true, true, false, false] {
            let request = try #require(progress.request)
            asked.append(request)
            progress.pagesAreSmall = isSlow
            let first = Int(max(progress.period.lowerBound.milliseconds, 0))
            #expect(progress.received(try fixes(first..<first + request)).count == request)
        }
        #expect(asked == [100, 2_000, 250, 250, 2_000])
        #expect(progress.period.lowerBound == Timestamp(milliseconds: 4_600))
    }

    @Test func emptyPeriod_isNotRead() throws {
        let same = "from=2026-11-20T17:00:00Z&to=2026-11-20T17:00:00Z"
        #expect(TrackProgress(try TrackQuery(QueryParameters(same))).request == nil)
    }
}
