import HarborFleet
import HarborFleetTesting
import Testing

@testable import FleetWire

/// Makes a valid fix in which `members` replace those of the same name.
private func fix(_ members: String = "", without omitted: String = "") -> String {
    let usual = [
        ("vehicle_id", "\"van-7\""), ("recorded_at", "\"2026-11-20T17:00:00Z\""), ("lat", "53.5413"),
        ("lng", "9.9842"),
    ]
    let kept = usual.filter { name, _ in !members.contains("\"\(name)\"") && name != omitted }
    let parts = kept.map { "\"\($0.0)\":\($0.1)" } + (members.isEmpty ? [] : [members])
    return "{" + parts.joined(separator: ",") + "}"
}

private func decode(_ fixes: String...) throws -> FixBatch {
    let body = "{\"fixes\":[" + fixes.joined(separator: ",") + "]}"
    return try FixBatchDecoder.decode(Array(body.utf8).span, rules: FixRules(now: Samples.now))
}

/// The rules of the API for each member of a fix.
@Suite struct FixBatchRulesTests {
    @Test(arguments: [
        "\"lat\":90,\"lng\":180", "\"lat\":-90,\"lng\":-180", "\"lat\":0,\"lng\":0.0000001",
        "\"lat\":1,\"lng\":0",
        "\"speed_mps\":0", "\"speed_mps\":500", "\"heading_deg\":0", "\"altitude_m\":-430.5",
        "\"speed_mps\":null",
        "\"attributes\":null", "\"attributes\":{}", "\"recorded_at\":\"2026-11-20T17:10:00Z\"",
        "\"recorded_at\":\"2026-08-22T17:00:00Z\"", "\"recorded_at\":\"2026-11-20T19:00:00.5+02:00\"",
        "\"vehicle_id\":\"A.b_c-9\"", "\"vehicle_id\":\"v\\u0061n\"",
    ])
    func decode_acceptsEverythingThatTheContractAllows(members: String) throws {
        #expect(try decode(fix(members)).fixes.count == 1)
    }

    @Test func decode_keepsEveryMember() throws {
        let batch = try decode(
            fix(
                #""speed_mps":8.2,"heading_deg":360,"altitude_m":6.1,"accuracy_m":4,"attributes": { "b" : 81 , "a\/":"\u00e9\n", "c":true,"d":false,"e":1.50,"f":1e2 }"#
            ))
        let fix = try #require(batch.fixes.first?.fix)
        #expect(fix.vehicleID.rawValue == "van-7")
        #expect(fix.recordedAt == Samples.now)
        #expect(fix.latitudeDegrees == 53.5413 && fix.longitudeDegrees == 9.9842)
        #expect(fix.speedMetersPerSecond == 8.2 && fix.headingDegrees == 0)
        #expect(fix.altitudeMeters == 6.1 && fix.accuracyMeters == 4)
        #expect(
            String(decoding: fix.attributes ?? [], as: UTF8.self)
                == #"{"b":81,"a/":"é\n","c":true,"d":false,"e":1.50,"f":100.0}"#)
    }

    @Test func decode_storesNegativeZeroAsZero() throws {
        let fix = try #require(
            try decode(fix(#""lat":-0.0,"lng":1,"speed_mps":-0,"heading_deg":-0.0,"altitude_m":-0"#)).fixes
                .first?.fix)
        for value in [
            fix.latitudeDegrees, fix.speedMetersPerSecond, fix.headingDegrees, fix.altitudeMeters,
        ] { #expect(value?.sign == .plus && value == 0) }
    }

    @Test(
        arguments: [
            ("359.99999999999999999999", 0), ("360.0", 0), ("36e1", 0),
            ("359.9999999999999", 359.9999999999999),
            ("1e-400", 0), ("271.5", 271.5),
        ] as [(String, Double)])
    func decode_storesAFullTurnAsNorth(text: String, heading: Double) throws {
        #expect(try decode(fix("\"heading_deg\":\(text)")).fixes.first?.fix.headingDegrees == heading)
    }

    @Test func decode_limitsAttributesToTwoKiB() throws {
        // {"a":"..."} adds 8 bytes to the text.
        let fits = fix("\"attributes\":{\"a\":\"\(String(repeating: "x", count: 2040))\"}")
        let tooLong = fix("\"attributes\":{\"a\":\"\(String(repeating: "x", count: 2041))\"}")
        let batch = try decode(fits, tooLong)
        #expect(batch.fixes.first?.fix.attributes?.count == 2048)
        #expect(batch.rejected.first?.errors.map(\.pointer) == ["/fixes/1/attributes"])
    }

    @Test func decode_namesUnknownMembersOnceInOrder() throws {
        let body = "{\"meta\":{\"x\":[1]},\"fixes\":[\(fix("\"speed\":1,\"b\":{}")),\(fix("\"speed\":2"))]}"
        let batch = try FixBatchDecoder.decode(Array(body.utf8).span, rules: FixRules(now: Samples.now))
        #expect(batch.ignored == ["meta", "speed", "b"])
    }

    @Test func decode_limitsIgnoredNames() throws {
        let members = (0..<100).map { "\"m\($0)\":0" }.joined(separator: ",")
        #expect(try decode(fix(members)).ignored.count == 32)
        let long = try decode(fix("\"\(String(repeating: "n", count: 5000))\":1")).ignored
        #expect(long.first?.utf8.count ?? 0 < 100)
    }
}

/// Fixes that break a rule of the API.
@Suite struct FixRefusalTests {
    @Test(arguments: [
        ("\"lat\":90.0000001", "/lat"), ("\"lat\":-91", "/lat"), ("\"lat\":\"53\"", "/lat"),
        ("\"lat\":null", "/lat"), ("\"lat\":true", "/lat"), ("\"lat\":[1]", "/lat"),
        ("\"lat\":1e999", "/lat"),
        ("\"lng\":180.5", "/lng"), ("\"lng\":-181", "/lng"), ("\"lng\":{}", "/lng"),
        ("\"lat\":0,\"lng\":0", "/lat"), ("\"lat\":-0.0,\"lng\":0e5", "/lat"),
        ("\"speed_mps\":-0.1", "/speed_mps"), ("\"speed_mps\":500.1", "/speed_mps"),
        ("\"speed_mps\":\"8\"", "/speed_mps"), ("\"heading_deg\":-1", "/heading_deg"),
        ("\"heading_deg\":360.1", "/heading_deg"), ("\"altitude_m\":1e400", "/altitude_m"),
        ("\"accuracy_m\":\"x\"", "/accuracy_m"), ("\"vehicle_id\":7", "/vehicle_id"),
        ("\"vehicle_id\":\"\"", "/vehicle_id"), ("\"vehicle_id\":\"-a\"", "/vehicle_id"),
        ("\"vehicle_id\":\"a b\"", "/vehicle_id"), ("\"vehicle_id\":\"ä\"", "/vehicle_id"),
        ("\"vehicle_id\":\"a\\u0000\"", "/vehicle_id"), ("\"vehicle_id\":null", "/vehicle_id"),
        ("\"recorded_at\":1795194000", "/recorded_at"), ("\"recorded_at\":\"yesterday\"", "/recorded_at"),
        ("\"recorded_at\":\"2026-11-20T17:00:60Z\"", "/recorded_at"),
        ("\"recorded_at\":\"2026-11-20T17:10:00.001Z\"", "/recorded_at"),
        ("\"recorded_at\":\"2026-08-22T16:59:59.999Z\"", "/recorded_at"),
        ("\"attributes\":[]", "/attributes"), ("\"attributes\":\"x\"", "/attributes"),
        ("\"attributes\":{\"a\":null}", "/attributes/a"), ("\"attributes\":{\"a\":{}}", "/attributes/a"),
        ("\"attributes\":{\"a/b~c\":[]}", "/attributes/a~1b~0c"),
        ("\"attributes\":{\"a\":\"\\u0000\"}", "/attributes/a"),
        ("\"attributes\":{\"a\":1e999}", "/attributes/a"),
    ])
    func decode_rejectsTheFixByPointer_whenAMemberIsInvalid(members: String, pointer: String) throws {
        let batch = try decode(fix(), fix(members))
        #expect(batch.fixes.map(\.ordinal) == [0])
        #expect(batch.rejected.map(\.pointer) == ["/fixes/1"])
        #expect(batch.rejected.first?.errors.map(\.pointer) == ["/fixes/1" + pointer])
    }

    @Test(arguments: ["vehicle_id", "recorded_at", "lat", "lng"])
    func decode_rejectsTheFix_withoutARequiredMember(name: String) throws {
        let batch = try decode(fix(without: name), fix())
        #expect(
            batch.rejected
                == [
                    RejectedFix(
                        ordinal: 0, errors: [FieldError(pointer: "/fixes/0/\(name)", detail: "is missing")])
                ])
    }

    @Test(arguments: ["1", "null", "[]", "\"x\""])
    func decode_rejectsAnElement_whenItIsNotAnObject(element: String) throws {
        let batch = try decode(element, fix())
        #expect(
            batch.rejected.map(\.errors) == [[FieldError(pointer: "/fixes/0", detail: "must be an object")]])
    }

    @Test func decode_cutsALongName_betweenScalars() throws {
        let name = String(repeating: "ä", count: 40)
        let batch = try decode(fix("\"attributes\":{\"x\(name)\":null}"), fix())
        let pointer = "/fixes/0/attributes/x" + String(repeating: "ä", count: 31)
        #expect(batch.rejected.first?.errors.map(\.pointer) == [pointer])
    }

    @Test func decode_throwsAllRejected_whenNoFixIsValid() {
        let error = #expect(throws: FixBatchError.self) { try decode(fix("\"lat\":91,\"x\":1"), "7") }
        #expect(error?.fieldErrors.map(\.pointer) == ["/fixes/0/lat", "/fixes/1"])
    }

    @Test func decode_reportsEveryErrorOfAFix() throws {
        let batch = try decode(fix("\"lat\":91,\"lng\":181,\"speed_mps\":-1"), fix())
        #expect(
            batch.rejected.first?.errors.map(\.pointer)
                == ["/fixes/0/lat", "/fixes/0/lng", "/fixes/0/speed_mps"])
    }
}
