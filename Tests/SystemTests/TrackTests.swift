import Foundation
import HarborFleet
import HarborFleetTesting
import Postgres
import Testing

@testable import FleetSimulator

/// Tracks of the real server on a real PostgreSQL.
@Suite(.serialized, .timeLimit(.minutes(3))) struct TrackTests {
    private static let path = "/api/v1/fleets/north/vehicles/van-7/track"

    private struct Track: Decodable {
        struct Fix: Decodable {
            let recordedAt: String
            let lat: Double
            let lng: Double
            let altitudeM: Double?
        }

        let fixes: [Fix]
        let nextCursor: String?
    }

    private struct Feature: Decodable {
        struct Geometry: Decodable { let coordinates: [[Double]] }
        struct Properties: Decodable { let coordTimes: [String] }

        let geometry: Geometry
        let properties: Properties
    }

    /// Reads a response to the end of its connection.
    private func ask(
        _ bench: LiveBench, _ query: String = "", accept: String = "application/json"
    ) async throws -> RawStreamedResponse {
        let client = try RawClient(port: bench.server.publicPort)
        try await client.send(request(query, "Accept: \(accept)\r\nConnection: close\r\n"))
        return try RawStreamedResponse(try await client.untilEnd())
    }

    private func request(_ query: String, _ fields: String) -> String {
        "GET \(Self.path)\(query) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }

    @Test func eachFormat_containsTheFixesThatWerePosted() async throws {
        let bench = try await LiveBench()
        let partner = try await bench.addFleet("north")
        // Some are of the day before, so that a bound of days lies between. They are posted newest first, and twice.
        let times = (0..<50).map { SentFix.start.advanced(by: .seconds($0 * -3_600)) }
        let fixes = times.enumerated().map { index, time in
            #"{"vehicle_id":"van-7","recorded_at":"\#(time.rfc3339)","lat":53.\#(index + 10),"lng":-9.5,"#
                + #""altitude_m":\#(index).25}"#
        }
        let body = #"{"fixes":[\#(fixes.joined(separator: ","))]}"#
        for _ in 0..<2 { #expect(try await partner.post(fixes: body, to: "north").status == 202) }

        let json = try await ask(bench)
        let track = try json.json(Track.self)
        let recorded = times.reversed().map { $0.rfc3339 }
        #expect(json.isWhole && track.nextCursor == nil)
        #expect(track.fixes.map(\.recordedAt) == recorded)
        #expect(track.fixes.map(\.altitudeM) == (0..<50).reversed().map { Double($0) + 0.25 })
        let positions = track.fixes.map { [$0.lng, $0.lat, $0.altitudeM ?? 0] }

        let feature = try await ask(bench, accept: "application/geo+json").json(Feature.self)
        #expect(feature.geometry.coordinates == positions)
        #expect(feature.properties.coordTimes == recorded)

        let gpx = try GPXReader(try await ask(bench, accept: "application/gpx+xml").body)
        let points = gpx.segments.flatMap(\.self)
        #expect(
            points.map { [$0.longitudeDegrees, $0.latitudeDegrees, $0.elevationMeters ?? 0] } == positions)
        #expect(points.compactMap(\.time).map { $0.rfc3339 } == recorded)

        let csv = try await ask(bench, accept: "text/csv").text.components(separatedBy: "\r\n")
        #expect(csv.count == 52 && csv[0].hasPrefix("recorded_at,received_at,lat,lng,") && csv[51] == "")
        #expect(csv[1...50].map { String($0.prefix(24)) } == recorded)

        var pages: [String] = []
        var cursor: String? = ""
        while let from = cursor {
            let page = try await ask(bench, "?limit=20\(from)").json(Track.self)
            pages += page.fixes.map(\.recordedAt)
            cursor = page.nextCursor.map { "&cursor=\($0)" }
        }
        #expect(pages == recorded)
        let middle = "?from=\(recorded[10])&to=\(recorded[20])"
        #expect(
            try await ask(bench, middle).json(Track.self).fixes.map(\.recordedAt) == Array(recorded[10..<20])
        )
    }

    @Test func longTrack_costsLittleMemory_andAClientThatLeavesHoldsNothing() async throws {
        let count = 200_000
        let bench = try await LiveBench()
        try await bench.addFleet("north").post([SentFix("van-7", at: 0)], to: "north")
        try await fill(bench, count)
        // The first read fills what the process keeps. After it more than 20 MB must pass through 8.
        #expect(try await read(bench, "?limit=20000", { _ in }).isWhole)
        let before = bench.server.residentBytes
        var most = before
        let whole = try await read(bench, "?limit=1000000") { _ in
            most = max(most, bench.server.residentBytes)
        }
        #expect(whole.isWhole && whole.count > count * 100)
        #expect(most - before < 8 << 20, "\((most - before) >> 10) KiB more at most")

        for _ in 0..<20 {
            // The server may not have noticed yet that the clients before have left, and counts their tracks.
            try await waitUntil {
                let client = try RawClient(port: bench.server.publicPort, receiveBuffer: 4_096)
                try await client.send(request("?limit=1000000", ""))
                guard try await client.response(hasBody: false).status == 200 else { return false }
                return try await client.bytes(100_000).count == 100_000
            }
        }
        // The server notices each client's end by itself. Metrics announce no change.
        try await APIClient(port: bench.server.operationsPort).waitForMetrics { metrics in
            metrics.contains {
                $0.hasPrefix("harbor_http_answers_cut_total") && $0.hasSuffix(" 20.0")
            }
                && metrics.contains(#"harbor_database_connections_leased{pool="queries"} 0.0"#)
                && metrics.contains("harbor_tracks 0.0")
                && metrics.contains("harbor_tracks_backlog_bytes 0.0")
                && metrics.contains("harbor_track_places 0.0")
                && metrics.contains {
                    $0.hasPrefix("harbor_loop_turn_seconds_count{loop=\"0\"} ")
                }
        }
        #expect(try await ask(bench, "?limit=1").isWhole)
        #expect(!bench.server.log.contains("a response was cut short"))
    }

    /// Stores a fix of the vehicle for each of `count` seconds that end two hours ago.
    private func fill(_ bench: LiveBench, _ count: Int) async throws {
        // Another database on the same PostgreSQL.
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        configuration.url = try #require(bench.server.databaseURL)
        configuration.statementTimeout = .seconds(120)
        let connection = try await database.connect(configuration)
        try await connection.execute(
            script: """
                INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, speed_mps, post_id)
                SELECT v.vehicle_key, t, t, 53.5 + n / 1e6, 9.9, 5, gen_random_uuid()
                FROM vehicles v, generate_series(1, \(count)) n,
                    LATERAL (SELECT date_trunc('second', now()) - interval '2 hours' - n * interval '1 second' AS t) AS u
                """)
        await connection.close()
    }

    /// Reads a track without keeping it.
    private func read(
        _ bench: LiveBench, _ query: String, _ look: (Int) -> Void
    ) async throws -> (count: Int, isWhole: Bool) {
        let client = try RawClient(port: bench.server.publicPort)
        try await client.send(request(query, "Connection: close\r\n"))
        var (count, looked): (Int, Int) = (0, 0)
        var tail: [UInt8] = []
        while let bytes = try await client.someBytes() {
            count += bytes.count
            tail = (tail + bytes.suffix(5)).suffix(5)
            if count - looked > 500_000 {
                looked = count
                look(count)
            }
        }
        return (count, tail == Array("0\r\n\r\n".utf8))
    }
}
