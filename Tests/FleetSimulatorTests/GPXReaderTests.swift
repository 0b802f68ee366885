import HarborFleet
import Testing

@testable import FleetSimulator

@Suite struct GPXReaderTests {
    @Test func reader_readsTrackPointsBySegment_andNoWaypoints() throws {
        let reader = try GPXReader(
            Array(
                """
                <?xml version="1.0"?><!-- <trkpt lat="9" lon="9"/> -->
                <gpx version="1.0"><time>2020-01-01T00:00:00Z</time>
                <wpt lat="1" lon="1"><ele>5</ele></wpt>
                <trk><trkseg>
                  <trkpt lat="53.5" lon='9.9'><ele> 4.5 </ele>
                    <time>2020-01-01T10:00:00.5+01:00</time>
                    <course>271.5</course><speed>8.2</speed></trkpt>
                  <trkpt lat="53.6" lon="-9.9"/>
                </trkseg></trk>
                <trk><trkseg/><trkseg><trkpt lat="53.7" lon="9.9"><time>2020-01-01T09:00:01</time></trkpt></trkseg></trk>
                </gpx>
                """.utf8))
        #expect(
            reader.segments == [
                [
                    RecordedPoint(
                        line: 5, latitudeDegrees: 53.5, longitudeDegrees: 9.9, elevationMeters: 4.5,
                        time: Timestamp(rfc3339: "2020-01-01T09:00:00.500Z"),
                        writtenTime: .init(text: "2020-01-01T10:00:00.5+01:00", line: 6),
                        speedMetersPerSecond: 8.2, courseDegrees: 271.5),
                    RecordedPoint(line: 8, latitudeDegrees: 53.6, longitudeDegrees: -9.9),
                ],
                [
                    RecordedPoint(
                        line: 10, latitudeDegrees: 53.7, longitudeDegrees: 9.9,
                        time: Timestamp(rfc3339: "2020-01-01T09:00:01Z"),
                        writtenTime: .init(text: "2020-01-01T09:00:01", line: 10))
                ],
            ])
        #expect(reader.notes.isEmpty && reader.cutOff == nil)
    }

    @Test func reader_readsPrefixesExtensionsReferencesAndCDATA() throws {
        let reader = try GPXReader(
            Array(
                """
                \u{FEFF}<g:gpx version="1.1" xmlns:g="http://www.topografix.com/GPX/1/1"><g:metadata><g:name>a &amp; b</g:name>
                </g:metadata><g:trk><g:trkseg><g:trkpt lat="&#53;3.5" lon="9.9"><g:ele><![CDATA[3]]></g:ele>
                <g:extensions><x:more><x:speed>4</x:speed><x:time>1999-01-01T00:00:00Z</x:time><x:ele>7</x:ele>
                </x:more></g:extensions></g:trkpt></g:trkseg></g:trk></g:gpx>
                """.utf8))
        #expect(
            reader.segments == [
                [
                    RecordedPoint(
                        line: 2, latitudeDegrees: 53.5, longitudeDegrees: 9.9, elevationMeters: 3,
                        speedMetersPerSecond: 4)
                ]
            ])
    }

    @Test(arguments: [
        ("53,5", "9,25", 53.5, 9.25), (" 53.5 ", "+9.25", 53.5, 9.25), ("-90", "180", -90, 180),
        ("0", "-180", 0, -180),
    ])
    func position_isRead_inTheFormsOfRecorders(
        _ latitude: String, _ longitude: String, _ latitudeDegrees: Double, _ longitudeDegrees: Double
    ) throws {
        let text = "<gpx><trkpt lat=\"\(latitude)\" lon=\"\(longitude)\"><ele>4,5</ele></trkpt></gpx>"
        let point = try #require(try GPXReader(Array(text.utf8)).segments.first?.first)
        #expect(point.latitudeDegrees == latitudeDegrees && point.longitudeDegrees == longitudeDegrees)
        #expect(point.elevationMeters == 4.5)
    }

    @Test(arguments: ["a & b", "&nbsp;", "&#xFFFFFFFF;", "& &amp; &;"])
    func point_isRead_whenANameHasAnUnknownReference(_ name: String) throws {
        let text = "<gpx><trk><name>\(name)</name><trkpt lat=\"1\" lon=\"1\"/></trk></gpx>"
        #expect(try GPXReader(Array(text.utf8)).segments.map(\.count) == [1])
    }

    @Test func reader_returnsTheCompletePoints_whenTheFileIsCutOff() throws {
        let text = GPXFile.text([["2026-06-01T10:00:00Z", "2026-06-01T10:00:01Z"]])
        let ends = text.ranges(of: "</trkpt>").map { text.distance(from: text.startIndex, to: $0.upperBound) }
        for length in 1..<text.count {
            let cut = Array(text.utf8.prefix(length))
            let complete = ends.count { $0 <= length }
            guard complete > 0 else {
                #expect(throws: SimulatorError.self) { try GPXReader(cut) }
                continue
            }
            let reader = try GPXReader(cut)
            #expect(reader.segments.map(\.count) == [complete] && reader.cutOff != nil, "\(length)")
        }
        #expect(try GPXReader(Array(text.utf8)).cutOff == nil)
    }

    @Test(arguments: [
        ("<trkpt lat=\"1\" lon=\"1\"><time>2026-06", "<time> on line 3"),
        ("<trkpt lat=\"1\" lon=\"1", "a tag on line 3"), ("</trk", "a tag on line 3"),
        ("<!-- a", "a comment on line 3"),
        ("<![CDATA[", "CDATA on line 3"), ("<?a", "a processing instruction on line 3"),
        ("<trkpt lat=\"1\" lon=\"1\"><time>2026-06\0\0\0", "<time> on line 3"), ("", "<gpx> on line 3"),
        ("<trkpt lat=\"1\" lon=\"1\">\n\n", "<trkpt> on line 5"),
    ])
    func note_namesThePlaceOfTheCut(_ ending: String, _ place: String) throws {
        let reader = try GPXReader(Array("<gpx>\n<trkpt lat=\"1\" lon=\"1\"/>\n\(ending)".utf8))
        #expect(reader.segments.map(\.count) == [1])
        #expect(reader.notes == ["the file is cut off in \(place); the points before that are sent"])
    }

    @Test(arguments: [true, false], [true, false])
    func reader_readsUTF16_inBothByteOrdersWithAndWithoutAMark(_ isBigEndian: Bool, _ hasMark: Bool)
        throws
    {
        let text = (hasMark ? "\u{FEFF}" : "") + "<gpx><name>Köln 🚐</name><trkpt lat=\"1\" lon=\"2\"/></gpx>"
        let bytes = text.utf16.flatMap { unit in
            let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return isBigEndian ? pair : pair.reversed()
        }
        #expect(try GPXReader(bytes).segments.first?.first?.longitudeDegrees == 2)
        // The cut is in the middle of a code unit.
        let cut = try GPXReader(Array(bytes.dropLast(5)))
        #expect(cut.segments.map(\.count) == [1] && cut.cutOff == "a tag on line 1")
    }
}

/// Files that are no recording, and points that cannot be sent.
@Suite struct GPXRefusalTests {
    @Test(arguments: [
        ("lon=\"1\"", "without lat or lon: line 2 (lon=\"1\")"),
        ("", "without lat or lon: line 2"),
        (
            "lat=\"undefined\" lon=\"1\"",
            "whose lat or lon is no number: line 2 (lat=\"undefined\" lon=\"1\")"
        ),
        ("lat=\"nan\" lon=\"1\"", "whose lat or lon is no number: line 2 (lat=\"nan\" lon=\"1\")"),
        ("lat=\"1,234.5\" lon=\"1\"", "whose lat or lon is no number: line 2 (lat=\"1,234.5\" lon=\"1\")"),
        ("lat=\"90.1\" lon=\"1\"", "whose lat or lon is out of range: line 2 (lat=\"90.1\" lon=\"1\")"),
        ("lat=\"1\" lon=\"180.5\"", "whose lat or lon is out of range: line 2 (lat=\"1\" lon=\"180.5\")"),
        (
            "lat=\"0.0\" lon=\"0\"",
            "at 0, 0, which means that the receiver had no position: line 2 (lat=\"0.0\" lon=\"0\")"
        ),
    ])
    func point_isLeftOutAndNamed_withoutAUsablePosition(
        _ attributes: String, _ reason: String
    ) throws {
        let text = "<gpx>\n<trkpt \(attributes)><ele>1</ele></trkpt>\n<trkpt lat=\"1\" lon=\"1\"/></gpx>"
        let reader = try GPXReader(Array(text.utf8))
        #expect(reader.segments.map(\.count) == [1])
        #expect(reader.notes == ["left out 1 point \(reason)"])
        let alone = "<gpx>\n<trkpt \(attributes)/></gpx>"
        #expect(
            throws: SimulatorError.unusableRecording(
                "none of its points has a usable position (1 point \(reason))")
        ) {
            try GPXReader(Array(alone.utf8))
        }
    }

    @Test(arguments: [
        ("", "it is empty"), ("hello", "it is not a GPX file: it has no element"),
        ("\u{FEFF}", "it is not a GPX file: it has no element"),
        ("<kml><trkpt/></kml>", "it is not a GPX file: its root is <kml>"),
        ("<gpx/>", "it has no track point (trkpt)"), ("<gpx></gpx>", "it has no track point (trkpt)"),
        (
            "<gpx><rte><rtept lat=\"1\" lon=\"1\"/></rte></gpx>",
            "it has no track point (trkpt), only waypoints or a route"
        ),
        ("<gpx>\n</trk></gpx>", "it is not well-formed XML: </trk> is in the place of </gpx> (line 2)"),
        ("<gpx></gpx>\r\n</gpx>", "it is not well-formed XML: </gpx> closes nothing (line 2)"),
        ("<gpx>\r<trkpt lat=1/></gpx>", "it is not well-formed XML: <trkpt> has a broken attribute (line 2)"),
        ("<gpx><trkpt lat/></gpx>", "it is not well-formed XML: <trkpt> has a broken attribute (line 1)"),
        ("<gpx><trkpt lat='1><b/></gpx>", "it is not well-formed XML: a tag has no end (line 1)"),
        ("<gpx>< ></gpx>", "it is not well-formed XML: a tag has no name (line 1)"),
        ("</>", "it is not well-formed XML: </> closes nothing (line 1)"),
        (
            "<!DOCTYPE gpx [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><gpx><trkpt lat=\"1\" lon=\"1\"/></gpx>",
            "it has a document type declaration, which is not accepted (line 1)"
        ),
        (
            "<gpx>" + String(repeating: "<a>", count: 100),
            "its elements are nested deeper than 64 (line 1)"
        ),
        ("PK\u{3}\u{4}", "it is a ZIP archive; unpack it first"),
    ])
    func reader_refusesWhatIsNotARecording_withTheReason(_ text: String, _ reason: String) {
        #expect(throws: SimulatorError.unusableRecording(reason)) { try GPXReader(Array(text.utf8)) }
    }

    @Test(arguments: [
        ([0x1F, 0x8B, 8], "it is compressed with gzip; unpack it first"),
        ([0xFF, 0xFE, 0, 0, 0x3C, 0, 0, 0], "its encoding is UTF-32; only UTF-8 and UTF-16 are supported"),
        ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x3C], "its encoding is UTF-32; only UTF-8 and UTF-16 are supported"),
    ])
    func reader_refusesCompressedFilesAndUTF32_withTheReason(_ bytes: [UInt8], _ reason: String) {
        #expect(throws: SimulatorError.unusableRecording(reason)) { try GPXReader(bytes) }
    }

    @Test func reader_refusesAFile_whenTheCutIsBeforeTheFirstCompletePoint() {
        let reason = "it is cut off in <trkpt> on line 1, before its first complete track point"
        #expect(throws: SimulatorError.unusableRecording(reason)) {
            try GPXReader(Array("<gpx><trkpt lat=\"1\" lon=\"1\">".utf8))
        }
    }

    @Test func error_showsValuesOfTheFile_shortAndWithoutControlCharacters() throws {
        let text = "<gpx><trkpt lat=\"\u{1B}[2J\(String(repeating: "9", count: 500))\" lon=\"1\"/></gpx>"
        do {
            _ = try GPXReader(Array(text.utf8))
            Issue.record("it has no usable point")
        } catch {
            #expect(!"\(error)".contains("\u{1B}") && "\(error)".count < 250)
        }
    }
}
