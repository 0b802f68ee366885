import Foundation
import HarborFleet
import Testing

@testable import FleetWire

/// The output of each format's writer, byte by byte.
@Suite struct TrackWriterTests {
    private static let start = Timestamp(milliseconds: 1_795_194_000_123)

    private let full: StoredFix
    private let bare: StoredFix

    init() throws {
        let van = try #require(VehicleID("van-7"))
        full = StoredFix(
            fix: Fix(
                vehicleID: van, recordedAt: Self.start, latitudeDegrees: 53.5413, longitudeDegrees: 9.9842,
                speedMetersPerSecond: 8.2, headingDegrees: 271, altitudeMeters: 6.1, accuracyMeters: 4,
                attributes: Array(#"{"note":"a,\"b\"","n":1}"#.utf8)),
            receivedAt: Self.start.advanced(by: .milliseconds(358)))
        bare = StoredFix(
            fix: Fix(
                vehicleID: van, recordedAt: Self.start.advanced(by: .seconds(90)),
                latitudeDegrees: -0.00001234567891, longitudeDegrees: 180),
            receivedAt: Self.start.advanced(by: .seconds(100)))
    }

    private func text(
        _ format: TrackFormat, _ fixes: [StoredFix], next: TrackCursor? = nil, crosses: Bool = false
    ) throws -> String {
        var writer = format.writer(
            of: try #require(VehicleID("van-7")), in: try #require(FleetID("harbor-north")),
            crossesAntimeridian: crosses)
        var output: [UInt8] = []
        writer.begin(count: fixes.count, to: &output)
        for fix in fixes { writer.append(fix, to: &output) }
        while !writer.appendEnd(next: next, to: &output) {}
        return String(decoding: output, as: UTF8.self)
    }

    @Test func json_hasTheFixesAndThenTheCursor() throws {
        let cursor = TrackCursor(behind: bare.fix.recordedAt)
        #expect(
            try text(.json, [full, bare], next: cursor) == """
                {"fleet_id":"harbor-north","vehicle_id":"van-7","fixes":[\
                {"recorded_at":"2026-11-20T17:00:00.123Z","received_at":"2026-11-20T17:00:00.481Z","lat":53.5413,\
                "lng":9.9842,"speed_mps":8.2,"heading_deg":271.0,"altitude_m":6.1,"accuracy_m":4.0,\
                "attributes":{"note":"a,\\"b\\"","n":1}},\
                {"recorded_at":"2026-11-20T17:01:30.123Z","received_at":"2026-11-20T17:01:40.123Z",\
                "lat":-1.234567891e-05,"lng":180.0}],"next_cursor":"\(cursor.text)"}
                """)
        #expect(
            try text(.json, []) == #"{"fleet_id":"harbor-north","vehicle_id":"van-7","fixes":[]}"#)
    }

    @Test func geoJSON_hasALineAPointOrNoGeometry() throws {
        let properties = #""properties":{"fleet_id":"harbor-north","vehicle_id":"van-7","coordTimes":["#
        let cursor = TrackCursor(behind: bare.fix.recordedAt)
        #expect(
            try text(.geoJSON, [full, bare], next: cursor) == """
                {"type":"Feature","geometry":{"type":"LineString","coordinates":[[9.9842,53.5413,6.1],\
                [180.0,-1.234567891e-05]]},\(properties)"2026-11-20T17:00:00.123Z","2026-11-20T17:01:30.123Z"]},\
                "next_cursor":"\(cursor.text)"}
                """)
        #expect(
            try text(.geoJSON, [full]) == """
                {"type":"Feature","geometry":{"type":"Point","coordinates":[9.9842,53.5413,6.1]},\
                \(properties)"2026-11-20T17:00:00.123Z"]}}
                """)
        #expect(try text(.geoJSON, []) == #"{"type":"Feature","geometry":null,\#(properties)]}}"#)
    }

    /// Makes fixes a minute apart.
    private func fixes(_ positions: [(lng: Double, lat: Double)], altitudes: [Double?] = []) -> [StoredFix] {
        positions.enumerated().map { index, position in
            var stored = bare
            stored.fix.recordedAt = Timestamp(milliseconds: 1_795_194_000_000 + Int64(index) * 60_000)
            stored.fix.longitudeDegrees = position.lng
            stored.fix.latitudeDegrees = position.lat
            stored.fix.altitudeMeters = index < altitudes.count ? altitudes[index] : nil
            return stored
        }
    }

    @Test func geoJSON_isCutAtTheAntimeridian_withTheCrossingOnBothSides() throws {
        let eastward = fixes([(179, 10), (-179, 20), (-178, 21)], altitudes: [100, 200, 300])
        #expect(
            try text(.geoJSON, eastward, crosses: true) == """
                {"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[\
                [[179.0,10.0,100.0],[180.0,15.0,150.0]],\
                [[-180.0,15.0,150.0],[-179.0,20.0,200.0],[-178.0,21.0,300.0]]]},\
                "properties":{"fleet_id":"harbor-north","vehicle_id":"van-7","coordTimes":[\
                ["2026-11-20T17:00:00.000Z","2026-11-20T17:00:30.000Z"],\
                ["2026-11-20T17:00:30.000Z","2026-11-20T17:01:00.000Z","2026-11-20T17:02:00.000Z"]]}}
                """)
        // The line crosses there and back. The way back crosses after a quarter of the way.
        let forthAndBack = fixes([(-179, 0), (179, 2), (-177, 6)], altitudes: [5])
        let text = try text(.geoJSON, forthAndBack, next: TrackCursor("1g"), crosses: true)
        #expect(
            text.contains(
                """
                [[[-179.0,0.0,5.0],[-180.0,1.0]],[[180.0,1.0],[179.0,2.0],[180.0,3.0]],[[-180.0,3.0],[-177.0,6.0]]]
                """))
        #expect(
            text.contains(
                """
                [["2026-11-20T17:00:00.000Z","2026-11-20T17:00:30.000Z"],["2026-11-20T17:00:30.000Z",\
                "2026-11-20T17:01:00.000Z","2026-11-20T17:01:15.000Z"],["2026-11-20T17:01:15.000Z",\
                "2026-11-20T17:02:00.000Z"]]},"next_cursor":"1g"}
                """))
    }

    /// The longitudes of the track and of each line of the output.
    private static let onTheMeridian: [(longitudes: [Double], lines: [[Double]])] = [
        ([170, 180, -170], [[170, 180], [-180, -170]]),
        ([170, -180, -170], [[170, 180], [-180, -170]]),
        ([170, -180, 170], [[170, 180, 170]]),
        ([180, -170, -160], [[-180, -170, -160]]),
        ([-180, 180, 170], [[-180, -180], [180, 170]]),
        ([-170, -180, 180, 170], [[-170, -180, -180], [180, 170]]),
        ([170, -180], [[170, 180]]),
    ]

    @Test(arguments: onTheMeridian)
    func geoJSON_hasNoLineOfOnePosition_whenAFixIsOnTheAntimeridian(
        _ longitudes: [Double], _ lines: [[Double]]
    )
        throws
    {
        struct Feature: Decodable {
            struct Geometry: Decodable { let coordinates: [[[Double]]] }
            struct Properties: Decodable { let coordTimes: [[String]] }
            let geometry: Geometry
            let properties: Properties
        }
        let text = try text(.geoJSON, fixes(longitudes.map { ($0, 1) }), crosses: true)
        let feature = try JSONDecoder().decode(Feature.self, from: Data(text.utf8))
        #expect(feature.geometry.coordinates.map { $0.map { $0[0] } } == lines)
        #expect(feature.properties.coordTimes.map(\.count) == lines.map(\.count))
        #expect(feature.geometry.coordinates.allSatisfy { $0.count > 1 })
    }

    @Test func gpx_keepsTheOrderOfTheSchema_withoutExponents() throws {
        let cursor = TrackCursor(behind: bare.fix.recordedAt)
        let head = """
            <?xml version="1.0" encoding="UTF-8"?>
            <gpx version="1.1" creator="Harbor Fleet" xmlns="http://www.topografix.com/GPX/1/1">
            <trk><name>van-7</name><src>harbor-north</src><trkseg>

            """
        #expect(
            try text(.gpx, [full, bare], next: cursor) == head + """
                <trkpt lat="53.5413" lon="9.9842"><ele>6.1</ele><time>2026-11-20T17:00:00.123Z</time></trkpt>
                <trkpt lat="-0.00001234567891" lon="-180.0"><time>2026-11-20T17:01:30.123Z</time></trkpt>
                </trkseg></trk>
                <extensions><next_cursor xmlns="urn:harbor-fleet:track">\(cursor.text)</next_cursor></extensions>
                </gpx>

                """)
        #expect(try text(.gpx, []) == head + "</trkseg></trk>\n</gpx>\n")
    }

    @Test func csv_hasAHeaderEmptyFieldsAndDoubledQuotes() throws {
        let header =
            "recorded_at,received_at,lat,lng,speed_mps,heading_deg,altitude_m,accuracy_m,attributes\r\n"
        #expect(
            try text(.csv, [full, bare], next: TrackCursor(behind: bare.fix.recordedAt)) == header
                + "2026-11-20T17:00:00.123Z,2026-11-20T17:00:00.481Z,53.5413,9.9842,8.2,271.0,6.1,4.0,"
                + #""{""note"":""a,\""b\"""",""n"":1}""# + "\r\n"
                + "2026-11-20T17:01:30.123Z,2026-11-20T17:01:40.123Z,-1.234567891e-05,180.0,,,,,\r\n")
        #expect(try text(.csv, []) == header)
    }

    @Test func geoJSON_isComplete_withManyFixes() throws {
        let fixes = (0..<5_000).map { index in
            var stored = bare
            stored.fix.recordedAt = Self.start.advanced(by: .milliseconds(index * index))
            return stored
        }
        struct Feature: Decodable {
            struct Geometry: Decodable { let coordinates: [[Double]] }
            struct Properties: Decodable { let coordTimes: [String] }
            let geometry: Geometry
            let properties: Properties
        }
        let feature = try JSONDecoder().decode(Feature.self, from: Data(text(.geoJSON, fixes).utf8))
        #expect(feature.geometry.coordinates == fixes.map { _ in [180, -0.00001234567891] })
        #expect(feature.properties.coordTimes == fixes.map { $0.fix.recordedAt.rfc3339 })
    }

    private static let decimals: [(Double, String)] = [
        (1e300, "1" + String(repeating: "0", count: 300) + ".0"), (-1.5e16, "-15000000000000000.0"),
        (1e-300, "0." + String(repeating: "0", count: 299) + "1"), (-2.5e-9, "-0.0000000025"),
        (0, "0.0"), (12.5, "12.5"), (1.234567890123e20, "123456789012300000000.0"),
    ]

    @Test(arguments: decimals)
    func plainDecimal_hasNoExponent(_ value: Double, _ expected: String) {
        var output: [UInt8] = []
        PlainDecimal.append(value, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == expected)
        #expect(Double(expected) == value)
    }
}

@Suite struct PackedTimesTests {
    @Test func times_comeBackUnchanged_inLittleMemory() {
        var times = PackedTimes()
        // The differences reach from 1 ms to three months, and the first time is before 1970.
        let steps: [Int64] = [1, 127, 128, 1_000, 16_383, 16_384, 86_400_000, 8_000_000_000]
        var expected = [Timestamp(milliseconds: -5)]
        for index in 0..<400_000 {
            let step = index % 1_000 == 0 ? steps[index / 1_000 % steps.count] : 1_000
            expected.append(Timestamp(milliseconds: expected[index].milliseconds + step))
        }
        for time in expected { times.append(time) }
        #expect(Array(times) == expected)
        #expect(times.byteCount < 1_000_000)
        #expect(Array(PackedTimes()).isEmpty)
    }
}
