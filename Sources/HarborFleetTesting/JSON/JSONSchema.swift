/// A schema of an OpenAPI 3.1 document (JSON Schema 2020-12).
///
/// It knows the keywords that Harbor Fleet's document uses. Any other keyword is an error, because a rule that nothing
/// checks would pass for a rule that holds.
package struct JSONSchema: Sendable {
    /// Schemas by the references to them, `#/components/schemas/Vehicle`.
    package typealias Definitions = [String: JSONSchema]

    /// What a value does against its schema, and where.
    package struct Violation: Sendable, Equatable, CustomStringConvertible {
        /// A JSON pointer (RFC 6901); empty for the whole value.
        package let pointer: String
        package let reason: String

        init(_ reason: String, at pointer: String = "") {
            self.pointer = pointer
            self.reason = reason
        }

        package var description: String { "\(pointer.isEmpty ? "the value" : pointer) \(reason)" }

        /// The same violation, as the containing value sees it.
        func below(_ name: String) -> Violation { Violation(reason, at: "/\(name)\(pointer)") }
    }

    private let rules: [JSONSchemaRule]

    /// - Throws: `TestFailure` for a keyword or a format that is unknown.
    package init(_ schema: JSONValue) throws {
        let members = try schema.members()
        rules = try members.compactMap { keyword, value in
            try JSONSchemaRule.make(keyword, value, in: members)
        }
    }

    /// All violations; none for a valid value.
    package func violations(of value: JSONValue, _ definitions: Definitions) -> [Violation] {
        rules.flatMap { $0.violations(of: value, definitions) }
    }
}
