import HarborFleetTesting
import Testing

/// The validator of the test kit.
@Suite struct JSONSchemaTests {
    private static let cases: [(schema: String, valid: [String], invalid: [String])] = [
        (#"{"type":"integer"}"#, ["1", "-3", "2.0"], ["1.5", "true", #""1""#]),
        (#"{"type":["string","null"]}"#, [#""a""#, "null"], ["1", "{}"]),
        (#"{"type":"boolean"}"#, ["true", "false"], ["0", "1"]),
        (#"{"enum":["moving","idle"]}"#, [#""idle""#], [#""Idle""#, "1"]),
        (#"{"const":false}"#, ["false"], ["0", "true", "null"]),
        (#"{"pattern":"^[a-z]+$"}"#, [#""abc""#, "1"], ["\"\"", #""a1""#, #""ab\n""#]),
        (
            #"{"format":"date-time"}"#, [#""2026-11-20T17:00:00.123Z""#, #""2026-11-20T17:00:00+01:00""#],
            [#""2026-11-20""#, #""2026-11-20 17:00:00Z""#]
        ),
        (#"{"format":"json-pointer"}"#, ["\"\"", #""/a~1b/0""#], [#""a""#, #""/a~2""#]),
        (#"{"format":"uri-reference"}"#, [#""urn:a:b""#, #""/next""#], [#""a b""#]),
        (#"{"format":"int64"}"#, ["7"], ["1e19"]),
        (#"{"minimum":-90,"maximum":90}"#, ["-90", "90"], ["-90.1", "91"]),
        (#"{"exclusiveMaximum":360}"#, ["359.9"], ["360"]),
        (#"{"minLength":1}"#, [#""a""#], ["\"\""]),
        (#"{"minItems":1,"maxItems":2}"#, ["[1]", "[1,2]"], ["[]", "[1,2,3]"]),
        (#"{"items":{"type":"number"}}"#, ["[]", "[1,2]"], [#"[1,"2"]"#]),
        (#"{"required":["a"]}"#, [#"{"a":null}"#, "1"], ["{}", #"{"b":1}"#]),
        (#"{"properties":{"a":{"type":"string"}}}"#, ["{}", #"{"b":1}"#], [#"{"a":1}"#]),
        (
            #"{"properties":{"a":{}},"additionalProperties":{"type":"string"}}"#,
            [#"{"a":1}"#, #"{"b":"c"}"#], [#"{"b":1}"#]
        ),
        (##"{"$ref":"#/name"}"##, [#""a""#], ["1"]),
        (##"{"$ref":"#/unknown"}"##, [], [#""a""#]),
        (#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, ["1", "2"], ["0", "3"]),
        (#"{"oneOf":[{"minimum":1},{"maximum":2}]}"#, ["0", "3"], ["1", "2"]),
    ]

    private func json(_ text: String) throws -> JSONValue { try JSONValue(json: Array(text.utf8)) }

    private func violations(_ schema: String, _ value: String) throws -> [JSONSchema.Violation] {
        let definitions = ["#/name": try JSONSchema(json(#"{"type":"string"}"#))]
        return try JSONSchema(json(schema)).violations(of: json(value), definitions)
    }

    @Test(arguments: cases)
    func rule_isKeptByValidValuesOnly(schema: String, valid: [String], invalid: [String]) throws {
        for value in valid { #expect(try violations(schema, value) == [], "\(value)") }
        for value in invalid { #expect(try violations(schema, value).count == 1, "\(value)") }
    }

    @Test(arguments: [
        #"{"unevaluatedProperties":false}"#, #"{"items":{"uniqueItems":true}}"#, #"{"format":"email"}"#,
        #"{"type":"text"}"#, #"{"pattern":"[a-z]"}"#, #"{"oneOf":[{"not":{}}]}"#, "true",
    ])
    func schema_isRefused_whenTheValidatorDoesNotKnowIt(text: String) throws {
        #expect(throws: TestFailure.self) { try JSONSchema(json(text)) }
    }

    @Test func violation_namesItsPlace() throws {
        let schema = #"{"properties":{"fixes":{"items":{"required":["lat"]}}}}"#
        let found = try violations(schema, #"{"fixes":[{"lat":1},{}]}"#)
        #expect(found.map(\.description) == ["/fixes/1 has no member lat"])
    }
}
