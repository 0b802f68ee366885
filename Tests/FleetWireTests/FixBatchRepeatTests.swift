import HarborFleet
import HarborFleetTesting
import Testing

@testable import FleetWire

/// Objects that name a member twice, and bytes in front of a body.
@Suite struct FixBatchRepeatTests {
    private static let good = #"{"vehicle_id":"v","recorded_at":"2026-11-20T17:00:00Z","lat":1,"lng":2}"#

    /// Decodes a valid fix, and after it one that has `members` besides its own.
    private func decode(_ members: String) throws -> FixBatch {
        let other = #"{"vehicle_id":"w","recorded_at":"2026-11-20T17:00:00Z","lat":1,"lng":2,\#(members)}"#
        return try decode(body: #"{"fixes":[\#(Self.good),\#(other)]}"#)
    }

    private func decode(body: String) throws -> FixBatch {
        try FixBatchDecoder.decode(Array(body.utf8).span, rules: FixRules(now: Samples.now))
    }

    @Test(arguments: [
        (#""lat":1"#, "/lat"), (#""lat":2"#, "/lat"), (#""l\u0061t":1"#, "/lat"), (#""lng":null"#, "/lng"),
        (#""vehicle_id":"w""#, "/vehicle_id"), (#""recorded_at":"2026-11-20T17:00:00Z""#, "/recorded_at"),
        (#""speed_mps":1,"speed_mps":1"#, "/speed_mps"), (#""speed_mps":null,"speed_mps":1"#, "/speed_mps"),
        (#""heading_deg":1,"heading_deg":[{"a":1,"a":1}]"#, "/heading_deg"),
        (#""attributes":{},"attributes":{}"#, "/attributes"),
        (#""attributes":{"a":1,"a":1}"#, "/attributes/a"),
        (#""attributes":{"a~/":1,"b":2,"\u0061~/":{"c":1,"c":1}}"#, "/attributes/a~0~1"),
        (#""odd":1,"odd":1"#, "/odd"), (#""odd/":1,"even":2,"\u006fdd/":"x""#, "/odd~1"),
        (#""":1,"":2"#, "/"),
    ])
    func fix_isRejectedByPointer_whenItNamesAMemberTwice(
        members: String, pointer: String
    ) throws {
        let batch = try decode(members)
        #expect(batch.fixes.map(\.ordinal) == [0])
        #expect(
            batch.rejected == [
                RejectedFix(
                    ordinal: 1,
                    errors: [FieldError(pointer: "/fixes/1" + pointer, detail: "must not be named twice")])
            ])
    }

    @Test(arguments: [
        #""odd":{"a":1,"a":2}"#, #""odd":[1,{"b":{"a":1,"a":2}}]"#, #""odd":{"a":{"a":1,"\u0061":2},"b":3}"#,
    ])
    func repeat_isIgnored_inTheValueOfAnUnknownMember(members: String) throws {
        let batch = try decode(members)
        #expect(batch.fixes.count == 2 && batch.rejected.isEmpty && batch.ignored == ["odd"])
        let top = try decode(body: #"{\#(members),"fixes":[\#(Self.good)]}"#)
        #expect(top.fixes.count == 1 && top.ignored == ["odd"])
    }

    @Test func repeat_isReportedBesideOtherErrors_ofTheFirstValueOnly() throws {
        let batch = try decode(#""speed_mps":-1,"speed_mps":"x","accuracy_m":1,"accuracy_m":1"#)
        #expect(
            batch.rejected.first?.errors == [
                FieldError(pointer: "/fixes/1/speed_mps", detail: "must be between 0 and 500"),
                FieldError(pointer: "/fixes/1/speed_mps", detail: "must not be named twice"),
                FieldError(pointer: "/fixes/1/accuracy_m", detail: "must not be named twice"),
            ])
    }

    /// The report about a fix stays short, however long the body is.
    @Test func repeats_areReportedOncePerMember() throws {
        let known = Array(repeating: #""lat":"x""#, count: 10_000).joined(separator: ",")
        let unknown = (0..<10_000).map { #""m\#($0 % 5_000)":1"# }.joined(separator: ",")
        let inside = (0..<10_000).map { #""a\#($0 % 5_000)":1"# }.joined(separator: ",")
        let batch = try decode("\(known),\(unknown),\"attributes\":{\(inside)}")
        #expect(batch.fixes.count == 1)
        #expect(
            batch.rejected.first?.errors.map(\.pointer) == [
                "/fixes/1/lat", "/fixes/1/m0", "/fixes/1/attributes/a0",
            ])
    }

    @Test func byteOrderMark_isIgnored() throws {
        let body = #"{"fixes":[\#(Self.good)]}"#
        #expect(try decode(body: "\u{FEFF}" + body) == decode(body: body))
        #expect(try decode(body: "\u{FEFF} \r\n" + body) == decode(body: body))
        let shape = FieldError(pointer: "", detail: "must be an object")
        #expect(throws: FixBatchError.invalid(shape)) { try decode(body: "\u{FEFF}[]") }
    }
}
