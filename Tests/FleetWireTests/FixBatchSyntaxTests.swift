import HarborFleet
import HarborFleetTesting
import Testing

@testable import FleetWire

/// Bodies that are not JSON by RFC 8259, or JSON of another shape.
@Suite struct FixBatchSyntaxTests {
    static let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)

    @Test(arguments: [
        "", " ", "{", "}", "{\"fixes\"", "{\"fixes\":", "{\"fixes\":[", "{\"fixes\":[{", "{\"fixes\":[]",
        "{\"fixes\":[]}x", "{\"fixes\":[]}{}", "{\"fixes\":[],}", "{\"fixes\":[{},]}", "{,\"fixes\":[]}",
        "{'fixes':[]}", "{fixes:[]}", "{\"fixes\" []}", "\u{FEFF}", "\u{FEFF}\u{FEFF}{}", " \u{FEFF}{}",
        "// x\n{\"fixes\":[]}",
        "{\"a\":NaN,\"fixes\":[]}", "{\"a\":Infinity}", "{\"a\":-Infinity}", "{\"a\":+1}", "{\"a\":01}",
        "{\"a\":.5}", "{\"a\":5.}", "{\"a\":1e}", "{\"a\":1e+}", "{\"a\":-}", "{\"a\":0x10}", "{\"a\":1 2}",
        "{\"a\":tru}", "{\"a\":True}", "{\"a\":nul}", "{\"a\":\"\u{01}\"}", "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u12G4\"}", "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\\", "{\"a\":\"\\u", "{\"a\":\"",
        "{\"a\":1,\"a\":2,\"fixes\":[]}", "{\"fixes\":[],\"fixes\":[]}", "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":\(deep)}", "{\"fixes\":[1,]}",
    ])
    func decode_isMalformed_whenTheBodyIsNotJSON(body: String) {
        expectMalformed(Array(body.utf8))
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0xC2, 0x41],
        ] as [[UInt8]])
    func decode_isMalformed_whenTheBodyIsNotUTF8(bytes: [UInt8]) {
        expectMalformed(Array("{\"a\":\"".utf8) + bytes + Array("\",\"fixes\":[]}".utf8))
    }

    @Test(arguments: [
        ("[]", ""), ("1", ""), ("null", ""), ("\"x\"", ""), ("{}", "/fixes"), ("{\"fixes\":{}}", "/fixes"),
        ("{\"fixes\":null}", "/fixes"), ("{\"fixes\":[]}", "/fixes"), (" {\t\"fixes\"\r\n: [ ] } ", "/fixes"),
    ])
    func decode_isInvalid_whenTheBodyHasAnotherShape(body: String, pointer: String) {
        let error = #expect(throws: FixBatchError.self) { try decode(body) }
        guard case .invalid(let field) = error else {
            Issue.record("not .invalid: \(String(describing: error))")
            return
        }
        #expect(field.pointer == pointer)
    }

    @Test func decode_isInvalid_withMoreThanAThousandFixes() throws {
        let fix = #"{"vehicle_id":"v","recorded_at":"2026-11-20T17:00:00Z","lat":1,"lng":1}"#
        let thousand = Array(repeating: fix, count: 1000).joined(separator: ",")
        #expect(try decode("{\"fixes\":[\(thousand)]}").fixes.count == 1000)
        #expect(
            throws: FixBatchError.invalid(
                FieldError(pointer: "/fixes", detail: "must not hold more than 1000 fixes"))
        ) {
            try decode("{\"fixes\":[\(thousand),\(fix)]}")
        }
        let error = #expect(throws: FixBatchError.self) { try decode("{\"fixes\":[\(thousand),{]}") }
        guard case .malformed = error else {
            Issue.record("broken JSON behind the thousandth fix is not reported as malformed")
            return
        }
    }

    @Test func decode_reportsTheOffsetWhereReadingStopped() {
        let places: [(body: String, offset: Int, pointer: String, detail: String)] = [
            (#"{"a":x}"#, 5, "/a", "unexpected character"),
            ("", 0, "", "the text ends too early"),
            ("\u{FEFF}x", 3, "", "unexpected character"),
            ("\u{FEFF}{\"a\":x}", 8, "/a", "unexpected character"),
            (#"{"fixes":[]}]"#, 12, "", "text after the end of the value"),
            (#"{"fixes":[],}"#, 12, "", "unexpected character"),
            (#"{"fixes":[{},]}"#, 13, "/fixes/1", "unexpected character"),
            (#"{"fixes":[{"lat":01}]}"#, 19, "/fixes/0/lat", "invalid number"),
            (
                #"{"fixes":[{},{"a":{"b~/\u0063":["\t","\q"]}}]}"#, 38, "/fixes/1/a/b~0~1c/1",
                "invalid escape in a string"
            ),
            (#"{"fixes":[],"fixes":[]}"#, 12, "/fixes", "an object names a member twice"),
            (#"{"a/":1, "\u0061/":2}"#, 9, "/a~1", "an object names a member twice"),
        ]
        for place in places {
            let error = FieldError(pointer: place.pointer, detail: place.detail)
            #expect(throws: FixBatchError.malformed(offset: place.offset, error: error)) {
                try decode(place.body)
            }
        }
    }

    @Test func decode_neverTraps_onMutatedBodies() {
        let body = Array(
            #"{"fixes":[{"vehicle_id":"v\u00e9","recorded_at":"2026-11-20T17:00:00Z","lat":-1.5e1,"attributes":{"a":"\ud83d\ude00"}}]}"#
                .utf8)
        var generator = SeededGenerator(seed: 2)
        var refused = 0
        for _ in 0..<20_000 {
            var mutated = body
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                mutated[Int.random(in: 0..<mutated.count, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            mutated.removeLast(Int.random(in: 0...4, using: &generator))
            do { _ = try FixBatchDecoder.decode(mutated.span, rules: FixRules(now: Samples.now)) } catch {
                refused += 1
            }
        }
        #expect(refused > 15_000)
    }

    private func expectMalformed(_ body: [UInt8]) {
        let error = #expect(throws: FixBatchError.self) {
            try FixBatchDecoder.decode(body.span, rules: FixRules(now: Samples.now))
        }
        guard case .malformed(let offset, _) = error else {
            Issue.record("not .malformed: \(String(describing: error))")
            return
        }
        #expect((0...body.count).contains(offset))
    }

    private func decode(_ body: String) throws -> FixBatch {
        try FixBatchDecoder.decode(Array(body.utf8).span, rules: FixRules(now: Samples.now))
    }
}
