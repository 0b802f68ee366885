import HarborFleet
import Testing

@testable import HarborFleetServer

@Suite struct GPXReaderTests {
    @Test func `track points of all segments are read in order, waypoints are not`() throws {
        let reader = try GPXReader(
            Array(
                """
                <?xml version="1.0"?><!-- <trkpt lat="9" lon="9"/> -->
                <gpx version="1.0"><time>2020-01-01T00:00:00Z</time>
                <wpt lat="1" lon="1"><ele>5</ele></wpt>
                <trk><trkseg>
                  <trkpt lat="53.5" lon='9.9'><ele> 4.5 </ele><time>2020-01-01T10:00:00.5+01:00</time>
                    <course>271.5</course><speed>8.2</speed></trkpt>
                  <trkpt lat="53.6" lon="-9.9"/>
                </trkseg></trk>
                <trk><trkseg><trkpt lat="53.7" lon="9.9"><time>2020-01-01T09:00:01</time></trkpt></trkseg></trk>
                </gpx>
                """.utf8))
        #expect(
            reader.points == [
                RecordedPoint(
                    latitudeDegrees: 53.5, longitudeDegrees: 9.9, elevationMeters: 4.5,
                    time: RFC3339.parse("2020-01-01T09:00:00.500Z"), speedMetersPerSecond: 8.2,
                    courseDegrees: 271.5),
                RecordedPoint(latitudeDegrees: 53.6, longitudeDegrees: -9.9),
                RecordedPoint(
                    latitudeDegrees: 53.7, longitudeDegrees: 9.9, time: RFC3339.parse("2020-01-01T09:00:01Z")),
            ])
    }

    @Test func `prefixes, extensions, references and CDATA of GPX 1.1 are read`() throws {
        let reader = try GPXReader(
            Array(
                """
                \u{FEFF}<g:gpx version="1.1" xmlns:g="http://www.topografix.com/GPX/1/1"><g:metadata><g:name>a &amp; b</g:name>
                </g:metadata><g:trk><g:trkseg><g:trkpt lat="&#53;3.5" lon="9.9"><g:ele><![CDATA[3]]></g:ele>
                <g:extensions><x:more><x:speed>4</x:speed><x:time>1999-01-01T00:00:00Z</x:time><x:ele>7</x:ele>
                </x:more></g:extensions></g:trkpt></g:trkseg></g:trk></g:gpx>
                """.utf8))
        #expect(
            reader.points == [
                RecordedPoint(
                    latitudeDegrees: 53.5, longitudeDegrees: 9.9, elevationMeters: 3, speedMetersPerSecond: 4)
            ])
    }

    @Test func `points without a readable position are counted`() throws {
        let reader = try GPXReader(
            Array(
                """
                <gpx><trkpt lat="nan" lon="1"/><trkpt lon="1"/><trkpt lat="x" lon="1"><ele>1</ele></trkpt>
                <trkpt lat="1" lon="1"/></gpx>
                """.utf8))
        #expect(reader.pointsWithoutPosition == 3)
        #expect(reader.points.count == 1)
    }

    @Test(arguments: [
        "", "hello", "<gpx>", "<gpx></trk></gpx>", "<gpx></gpx></gpx>", "<gpx/>", "<kml><trkpt/></kml>",
        "<gpx><trkpt lat=1 lon=\"1\"/></gpx>", "<gpx><trkpt lat='1", "<gpx><!-- </gpx>",
        "<gpx>&secret;</gpx>",
        "<!DOCTYPE gpx [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><gpx><trkpt lat=\"1\" lon=\"1\"/></gpx>",
        "<gpx>" + String(repeating: "<a>", count: 100), "<gpx>&#xFFFFFFFF;</gpx>", "< >", "</>", "<", "<!",
        "<?",
        "\u{FEFF}", "<gpx><![CDATA[", "<gpx><trkpt lat/></gpx>", "<//>", "</", "<gpx a",
    ])
    func `what is no GPX is refused`(_ text: String) {
        #expect(throws: SimulatorError.self) { try GPXReader(Array(text.utf8)) }
    }

    @Test func `a file cut off at any byte is refused or read, and never more`() throws {
        let whole = Array("<gpx><trkpt lat=\"1\" lon=\"2\"><ele>&lt;3</ele></trkpt><!--x--><?y?></gpx>".utf8)
        #expect(try GPXReader(whole).points.count == 1)
        for length in 0..<whole.count {
            #expect(throws: SimulatorError.self) { try GPXReader(Array(whole[..<length])) }
        }
    }

    @Test func `UTF-16 is refused`() {
        #expect(throws: SimulatorError.unusableRecording("it is written in UTF-16; only UTF-8 is read")) {
            try GPXReader([0xFF, 0xFE, 0x3C, 0x00])
        }
    }
}
