internal import Foundation

/// One keyword of a schema with its value.
enum JSONSchemaRule: Sendable {
    case types([Kind])
    /// `enum` and `const`.
    case values([JSONValue])
    case pattern(String)
    case format(Format)
    case minimum(Double)
    case maximum(Double)
    case exclusiveMaximum(Double)
    case minLength(Int)
    case minItems(Int)
    case maxItems(Int)
    case required([String])
    case properties([String: JSONSchema])
    /// For the members that `properties` does not name.
    case additionalProperties(JSONSchema, besides: [String])
    case items(JSONSchema)
    case reference(String)
    case allOf([JSONSchema])
    case oneOf([JSONSchema])

    enum Kind: String {
        case null, boolean, number, integer, string, array, object

        init(_ name: JSONValue) throws {
            guard let kind = Kind(rawValue: try name.string()) else {
                throw TestFailure("the validator does not know the type \(name)")
            }
            self = kind
        }
    }

    enum Format: String {
        case dateTime = "date-time"
        case jsonPointer = "json-pointer"
        case uriReference = "uri-reference"
        case int64
    }

    /// Keywords that describe and check nothing.
    private static let annotations: Set = [
        "description", "examples", "default", "writeOnly", "discriminator",
    ]

    /// - Returns: nil for a keyword that checks nothing.
    static func make(
        _ keyword: String, _ value: JSONValue, in schema: [String: JSONValue]
    ) throws -> JSONSchemaRule? {
        guard !annotations.contains(keyword) else { return nil }
        let rule = try general(keyword, value) ?? scalar(keyword, value) ?? container(keyword, value, schema)
        guard let rule else { throw TestFailure("the validator does not know the keyword \(keyword)") }
        return rule
    }

    /// Keywords for values of any kind.
    private static func general(_ keyword: String, _ value: JSONValue) throws -> JSONSchemaRule? {
        switch keyword {
        case "type":
            guard case .array(let names) = value else { return .types([try Kind(value)]) }
            return .types(try names.map { try Kind($0) })
        case "enum": return .values(try value.elements())
        case "const": return .values([value])
        case "$ref": return .reference(try value.string())
        case "allOf": return .allOf(try value.elements().map { try JSONSchema($0) })
        case "oneOf": return .oneOf(try value.elements().map { try JSONSchema($0) })
        default: return nil
        }
    }

    /// Keywords for strings and numbers.
    private static func scalar(_ keyword: String, _ value: JSONValue) throws -> JSONSchemaRule? {
        switch keyword {
        case "pattern":
            let pattern = try value.string()
            guard pattern.hasPrefix("^") && pattern.hasSuffix("$") else {
                throw TestFailure("the validator knows only patterns of the whole text, not \(pattern)")
            }
            return .pattern(pattern)
        case "format":
            let name = try value.string()
            guard let format = Format(rawValue: name) else {
                throw TestFailure("the validator does not know the format \(name)")
            }
            return .format(format)
        case "minLength": return .minLength(Int(try value.number()))
        case "minimum": return .minimum(try value.number())
        case "maximum": return .maximum(try value.number())
        case "exclusiveMaximum": return .exclusiveMaximum(try value.number())
        default: return nil
        }
    }

    /// Keywords for arrays and objects.
    private static func container(
        _ keyword: String, _ value: JSONValue, _ schema: [String: JSONValue]
    ) throws -> JSONSchemaRule? {
        switch keyword {
        case "items": return .items(try JSONSchema(value))
        case "minItems": return .minItems(Int(try value.number()))
        case "maxItems": return .maxItems(Int(try value.number()))
        case "required": return .required(try value.elements().map { try $0.string() })
        case "properties": return .properties(try value.members().mapValues { try JSONSchema($0) })
        case "additionalProperties":
            let named = try schema["properties"]?.members().keys.map { $0 } ?? []
            return .additionalProperties(try JSONSchema(value), besides: named)
        default: return nil
        }
    }
}

extension JSONSchemaRule {
    func violations(of value: JSONValue, _ definitions: JSONSchema.Definitions) -> [JSONSchema.Violation] {
        switch self {
        case .reference(let name):
            guard let schema = definitions[name] else {
                return [.init("has a schema without target, \(name)")]
            }
            return schema.violations(of: value, definitions)
        case .allOf(let schemas): return schemas.flatMap { $0.violations(of: value, definitions) }
        case .oneOf(let schemas):
            let matches = schemas.count { $0.violations(of: value, definitions).isEmpty }
            return matches == 1 ? [] : [.init("matches \(matches) schemas of oneOf")]
        case .items, .properties, .additionalProperties:
            return parts(of: value).flatMap { part in
                part.schema.violations(of: part.value, definitions).map { $0.below(part.name) }
            }
        case .required(let names):
            guard case .object(let members) = value else { return [] }
            return names.filter { members[$0] == nil }.map { .init("has no member \($0)") }
        default: return isSatisfied(by: value) ? [] : [.init("breaks the rule \(self): \(value)")]
        }
    }

    /// A member or an element.
    private struct Part {
        let name: String
        let value: JSONValue
        let schema: JSONSchema
    }

    /// The members or elements that this rule is about.
    private func parts(of value: JSONValue) -> [Part] {
        switch (self, value) {
        case (.items(let schema), .array(let elements)):
            return elements.enumerated().map { Part(name: "\($0)", value: $1, schema: schema) }
        case (.properties(let schemas), .object(let members)):
            return schemas.compactMap { name, schema in
                members[name].map { Part(name: name, value: $0, schema: schema) }
            }
        case (.additionalProperties(let schema, let named), .object(let members)):
            let others = members.filter { !named.contains($0.key) }
            return others.map { Part(name: $0.key, value: $0.value, schema: schema) }
        default: return []
        }
    }

    /// A rule for values of one kind is satisfied by all values of other kinds.
    private func isSatisfied(by value: JSONValue) -> Bool {
        switch (self, value) {
        case (.types(let kinds), _): kinds.contains { $0.includes(value) }
        case (.values(let values), _): values.contains(value)
        case (.pattern(let pattern), .string(let text)): text.matches(pattern)
        case (.format(let format), _): format.includes(value)
        case (.minLength(let length), .string(let text)): text.unicodeScalars.count >= length
        case (.minimum(let limit), .number(let number)): number >= limit
        case (.maximum(let limit), .number(let number)): number <= limit
        case (.exclusiveMaximum(let limit), .number(let number)): number < limit
        case (.minItems(let count), .array(let elements)): elements.count >= count
        case (.maxItems(let count), .array(let elements)): elements.count <= count
        default: true
        }
    }
}

extension JSONSchemaRule.Kind {
    fileprivate func includes(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .boolean), (.number, .number), (.string, .string), (.array, .array),
            (.object, .object):
            true
        case (.integer, .number(let number)): number == number.rounded()
        default: false
        }
    }
}

extension JSONSchemaRule.Format {
    fileprivate func includes(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.dateTime, .string(let text)):
            text.matches(#"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"#)
        case (.jsonPointer, .string(let text)): text.matches("^(/([^~/]|~[01])*)*$")
        case (.uriReference, .string(let text)):
            URL(string: text, encodingInvalidCharacters: false) != nil
        case (.int64, .number(let number)): abs(number) < 0x1p63
        default: true
        }
    }
}

extension String {
    /// Whether the whole text matches.
    fileprivate func matches(_ pattern: String) -> Bool {
        range(of: pattern, options: .regularExpression) == startIndex..<endIndex
    }
}
