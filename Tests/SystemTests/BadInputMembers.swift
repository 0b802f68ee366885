import HarborFleetTesting

/// Fixes with one wrong member: 422 with its pointer.
extension BadRequest {
    static let members: [BadRequest] =
        identifiers + times + coordinates + optionalNumbers + attributes

    private static let identifiers: [BadRequest] = [
        wrong("vehicle_id", nil), wrong("vehicle_id", "7"), wrong("vehicle_id", "null"),
        wrong("vehicle_id", #""""#), wrong("vehicle_id", #""van 7""#), wrong("vehicle_id", #""-van""#),
        wrong("vehicle_id", #""../van""#), wrong("vehicle_id", #""lkw-ü""#),
        wrong("vehicle_id", #""van\u0000""#), wrong("vehicle_id", "\"\(String(repeating: "v", count: 65))\""),
    ]

    private static let times: [BadRequest] = [
        wrong("recorded_at", nil), wrong("recorded_at", "1700000000"), wrong("recorded_at", #""yesterday""#),
        wrong("recorded_at", #""""#), wrong("recorded_at", #""2026-11-20T17:00:00""#),
        wrong("recorded_at", #""2026-11-20T17:00:60Z""#), wrong("recorded_at", #""2026-13-01T00:00:00Z""#),
        wrong("recorded_at", #""2026-02-30T00:00:00Z""#), wrong("recorded_at", #""2026-11-20T24:00:00Z""#),
        wrong("recorded_at", #""2026-11-20T17:00:00+24:00""#), wrong("recorded_at", #""2026-11-20""#),
        wrong("recorded_at", #""99999-11-20T17:00:00Z""#),
        wrong("recorded_at", "\"\(GoodFix.time(3_600))\"", "too far ahead"),
        wrong("recorded_at", "\"\(GoodFix.time(-91 * 86_400))\"", "older than the retention"),
    ]

    private static let coordinates: [BadRequest] = [
        wrong("lat", nil), wrong("lat", #""53.5""#), wrong("lat", "null"), wrong("lat", "true"),
        wrong("lat", "90.0001"), wrong("lat", "-90.0001"), wrong("lat", "1e999"), wrong("lat", "-1e999"),
        wrong("lat", #""NaN""#), wrong("lat", String(repeating: "9", count: 100_000), "100,000 digits"),
        wrong("lng", nil), wrong("lng", "180.0001"), wrong("lng", "-180.0001"), wrong("lng", "[9.98]"),
        wrong("lng", "{}"), wrong("lng", "false"),
        BadRequest(
            "lat and lng 0", .invalidFixes("/fixes/0/lat"), body: GoodFix(["lat": "0", "lng": "-0.0"]).body),
    ]

    private static let optionalNumbers: [BadRequest] = [
        wrong("speed_mps", "-0.1"), wrong("speed_mps", "500.1"), wrong("speed_mps", #""fast""#),
        wrong("heading_deg", "-0.5"), wrong("heading_deg", "360.1"), wrong("heading_deg", #""N""#),
        wrong("altitude_m", #""high""#), wrong("altitude_m", "1e999"), wrong("accuracy_m", "[]"),
        wrong("accuracy_m", "1e400"),
    ]

    private static let attributes: [BadRequest] = [
        wrong("attributes", "[]"), wrong("attributes", #""none""#), wrong("attributes", "1"),
        wrong("attributes", #"{"a":{"b":1}}"#, at: "/a"), wrong("attributes", #"{"a":[1]}"#, at: "/a"),
        wrong("attributes", #"{"a":null}"#, at: "/a"), wrong("attributes", #"{"a":"x\u0000y"}"#, at: "/a"),
        wrong("attributes", #"{"a":1e999}"#, at: "/a"),
        wrong("attributes", #"{"a/b~c":[]}"#, at: "/a~1b~0c"),
        wrong("attributes", #"{"\u0000":1}"#, at: "/\u{0}"),
        wrong("attributes", #"{"a":"\#(String(repeating: "x", count: 2_048))"}"#, "longer than 2 KiB"),
    ]

    /// - Parameters:
    ///   - json: nil leaves the member out.
    ///   - note: instead of a long `json` in the test's name.
    ///   - place: the pointer's end, when the fault is inside the member.
    private static func wrong(
        _ member: String, _ json: String?, _ note: String? = nil, at place: String = ""
    ) -> BadRequest {
        let name = "\(member) \(note ?? json ?? "missing")"
        return BadRequest(
            name, .invalidFixes("/fixes/0/\(member)\(place)"), body: GoodFix([member: json]).body)
    }
}
