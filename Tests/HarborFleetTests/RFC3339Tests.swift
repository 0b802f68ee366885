import HarborFleet
import HarborFleetTesting
import Testing

@Suite struct RFC3339Tests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-20T17:00:00Z", 1_795_194_000_000),
            ("2026-11-20T17:00:00.123Z", 1_795_194_000_123),
            ("2026-11-20T17:00:00.1Z", 1_795_194_000_100),
            ("2026-11-20T17:00:00.1239999999999999999999Z", 1_795_194_000_123),
            ("2026-11-20t17:00:00z", 1_795_194_000_000),
            ("2026-11-20T19:30:00+02:30", 1_795_194_000_000),
            ("2026-11-20T16:00:00.5-01:00", 1_795_194_000_500),
            ("2026-11-20T17:00:00-00:00", 1_795_194_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("0000-01-01T00:00:00+23:59", -62_167_305_540_000),
        ] as [(String, Int64)])
    func parse_givesMilliseconds_forValidTime(text: String, milliseconds: Int64) {
        #expect(RFC3339.parse(text) == Timestamp(milliseconds: milliseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-11-20", "2026-11-20T17:00:00", "2026-11-20 17:00:00Z", "2026-11-20T17:00Z",
        "2026-11-20T17:00:60Z", "2026-11-20T23:59:60Z", "2026-11-20T24:00:00Z", "2026-11-20T17:60:00Z",
        "2026-13-20T17:00:00Z", "2026-00-20T17:00:00Z", "2026-11-31T17:00:00Z", "2026-11-00T17:00:00Z",
        "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-20T17:00:00.Z", "2026-11-20T17:00:00,1Z",
        "2026-11-20T17:00:00+02", "2026-11-20T17:00:00+0230", "2026-11-20T17:00:00+24:00",
        "2026-11-20T17:00:00+02:60", "2026-11-20T17:00:00Z ", " 2026-11-20T17:00:00Z",
        "2026-11-20T17:00:00ZZ", "2026-11-20T17:00:00.5", "26-11-20T17:00:00.000Z", "+026-11-20T17:00:00Z",
        "2026-1a-20T17:00:00Z", "2026-11-20T17:00:00+02:30Z", "2026-11-20T17:00:00\u{0660}Z",
    ])
    func parse_givesNil_forAnythingElse(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test func parse_undoesFormat_overTheWholeRange() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let time = Timestamp(
                milliseconds: .random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
            #expect(RFC3339.parse(RFC3339.format(time)) == time)
        }
    }

    @Test func format_writesMillisecondsAndZ() {
        #expect(RFC3339.format(Timestamp(milliseconds: 1_795_194_000_007)) == "2026-11-20T17:00:00.007Z")
    }

    @Test(arguments: [
        (Int64.min, "0000-01-01T00:00:00.000Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
    ])
    func format_staysInRange_forAnyTime(milliseconds: Int64, text: String) {
        #expect(RFC3339.format(Timestamp(milliseconds: milliseconds)) == text)
    }
}
