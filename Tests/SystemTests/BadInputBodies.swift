import HarborFleetTesting

/// Bodies that are not JSON, JSON that is not accepted, or JSON of another shape.
extension BadRequest {
    static let bodies: [BadRequest] = [
        BadRequest("an empty body", .malformedJSON(""), body: ""),
        BadRequest("a truncated body", .malformedJSON("/fixes/0"), body: String(GoodFix().body.dropLast(2))),
        BadRequest("text that is no JSON", .malformedJSON(""), body: "fixes=van-7"),
        BadRequest("trailing bytes", .malformedJSON(""), body: GoodFix().body + "x"),
        BadRequest("a second document", .malformedJSON(""), body: GoodFix().body + GoodFix().body),
        BadRequest("a trailing comma", .malformedJSON("/fixes/1"), body: #"{"fixes":[\#(GoodFix().json),]}"#),
        BadRequest("single quotes", .malformedJSON(""), body: "{'fixes':[]}"),
        BadRequest("a name without quotes", .malformedJSON(""), body: "{fixes:[]}"),
        BadRequest("a comment", .malformedJSON(""), body: "/* */" + GoodFix().body),
        BadRequest("two byte order marks", .malformedJSON(""), body: "\u{FEFF}\u{FEFF}" + GoodFix().body),
        BadRequest("UTF-16", .malformedJSON(""), bodyBytes: [0xFF, 0xFE] + utf16(GoodFix().body)),
        BadRequest(
            "a repeated top-level member", .malformedJSON("/fixes"), body: #"{"fixes":[],"fixes":[]}"#),
        BadRequest(
            "a repeated member of a fix", .invalidFixes("/fixes/0/lat"),
            body: GoodFix().body.replacing("\"lat\":", with: "\"lat\":1,\"lat\":")),
        BadRequest(
            "a member repeated by an escape", .invalidFixes("/fixes/0/lat"),
            body: GoodFix().body.replacing("\"lat\":", with: #""lat":1,"l\u0061t":"#)),
        BadRequest(
            "a repeated attribute", .invalidFixes("/fixes/0/attributes/a"),
            body: GoodFix(["attributes": #"{"a":1,"a":2}"#]).body),
        BadRequest("bad UTF-8", .malformedJSON("/x"), bodyBytes: raw(0xFF)),
        BadRequest("overlong UTF-8", .malformedJSON("/x"), bodyBytes: raw(0xC0, 0xAF)),
        BadRequest("a surrogate in UTF-8", .malformedJSON("/x"), bodyBytes: raw(0xED, 0xA0, 0x80)),
        BadRequest("a raw control character", .malformedJSON("/x"), bodyBytes: raw(0x01)),
        BadRequest("a raw zero byte", .malformedJSON("/x"), bodyBytes: raw(0x00)),
        BadRequest(
            "a lone high surrogate", .malformedJSON("/fixes/0/attributes/a"),
            body: fix(attribute: #""\ud800""#)),
        BadRequest(
            "a lone low surrogate", .malformedJSON("/fixes/0/attributes/a"),
            body: fix(attribute: #""\udc00""#)),
        BadRequest(
            "two high surrogates", .malformedJSON("/fixes/0/attributes/a"),
            body: fix(attribute: #""\ud800\ud800""#)),
        BadRequest(
            "an unknown escape", .malformedJSON("/fixes/0/attributes/a"), body: fix(attribute: #""\x41""#)),
        BadRequest(
            "an unfinished string", .malformedJSON("/fixes/0/vehicle_id"),
            body: #"{"fixes":[{"vehicle_id":"van"#),
        BadRequest("NaN", .malformedJSON("/fixes/0/lat"), body: GoodFix(["lat": "NaN"]).body),
        BadRequest("Infinity", .malformedJSON("/fixes/0/lng"), body: GoodFix(["lng": "-Infinity"]).body),
        BadRequest("a leading zero", .malformedJSON("/fixes/0/lat"), body: GoodFix(["lat": "053"]).body),
        BadRequest("a plus sign", .malformedJSON("/fixes/0/lat"), body: GoodFix(["lat": "+53"]).body),
        BadRequest(
            "a number without a fraction", .malformedJSON("/fixes/0/lat"), body: GoodFix(["lat": "53."]).body),
        BadRequest(
            "a hexadecimal number", .malformedJSON("/fixes/0/lat"), body: GoodFix(["lat": "0x35"]).body),
        BadRequest(
            "deep arrays", .malformedJSON("/fixes" + repeated("/0", 31)),
            body: #"{"fixes":"# + repeated("[", 100_000)),
        BadRequest(
            "deep objects in an unknown member", .malformedJSON("/x" + repeated("/a", 31)),
            body: #"{"fixes":[],"x":"# + repeated(#"{"a":"#, 50_000)),
        BadRequest("a top-level array", .invalidFixes(""), body: "[\(GoodFix().json)]"),
        BadRequest("a top-level string", .invalidFixes(""), body: #""fixes""#),
        BadRequest("a top-level null", .invalidFixes(""), body: "null"),
        BadRequest("no fixes member", .invalidFixes("/fixes"), body: #"{"fix":[]}"#),
        BadRequest("fixes that are null", .invalidFixes("/fixes"), body: #"{"fixes":null}"#),
        BadRequest("fixes that are an object", .invalidFixes("/fixes"), body: #"{"fixes":{}}"#),
        BadRequest("no fixes", .invalidFixes("/fixes"), body: #"{"fixes":[]}"#),
        BadRequest("1,001 fixes", .invalidFixes("/fixes"), body: #"{"fixes":[\#(many(1_001))]}"#),
        BadRequest("a mebibyte of JSON", .invalidFixes("/fixes"), body: huge),
        BadRequest("a number for a fix", .invalidFixes("/fixes/0"), body: #"{"fixes":[1]}"#),
        BadRequest("a null for a fix", .invalidFixes("/fixes/0"), body: #"{"fixes":[null]}"#),
        BadRequest("an array for a fix", .invalidFixes("/fixes/0"), body: #"{"fixes":[[]]}"#),
        BadRequest(
            "an empty fix",
            .invalidFixes("/fixes/0/vehicle_id", "/fixes/0/recorded_at", "/fixes/0/lat", "/fixes/0/lng"),
            body: #"{"fixes":[{}]}"#),
        BadRequest(
            "two fixes, each wrong in its way", .invalidFixes("/fixes/0/lat", "/fixes/1/speed_mps"),
            body: #"{"fixes":[\#(GoodFix(["lat": "91"]).json),\#(GoodFix(["speed_mps": "-1"]).json)]}"#),
    ]

    private static func fix(attribute: String) -> String {
        GoodFix(["attributes": #"{"a":\#(attribute)}"#]).body
    }

    /// A body with bytes in a string that no string may contain.
    private static func raw(_ bytes: UInt8...) -> [UInt8] {
        Array(#"{"x":""#.utf8) + bytes + Array("\",\"fixes\":[]}".utf8)
    }

    /// Little endian, as PowerShell's `Out-File` writes it.
    private static func utf16(_ text: String) -> [UInt8] {
        text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    private static func many(_ count: Int) -> String {
        Array(repeating: "{}", count: count).joined(separator: ",")
    }

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    /// A body of the greatest length, with far too many elements.
    private static var huge: String {
        let start = #"{"fixes":["#
        let count = (1_048_576 - start.utf8.count - 3) / 2
        return start + repeated("1,", count) + "1]}"
    }
}
