internal import Foundation

/// A JSON text (RFC 8259) as a tree.
package enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// - Throws: `DecodingError` when the bytes are no JSON text.
    package init(json bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    /// The member with this name; nil for what has none.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }
}

extension JSONValue: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let flag = try? container.decode(Bool.self) {
            self = .boolean(flag)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}

/// For values whose kind a document prescribes.
extension JSONValue {
    package func string() throws -> String {
        guard case .string(let text) = self else { throw TestFailure("\(self) is not a string") }
        return text
    }

    package func number() throws -> Double {
        guard case .number(let number) = self else { throw TestFailure("\(self) is not a number") }
        return number
    }

    package func elements() throws -> [JSONValue] {
        guard case .array(let elements) = self else { throw TestFailure("\(self) is not an array") }
        return elements
    }

    package func members() throws -> [String: JSONValue] {
        guard case .object(let members) = self else { throw TestFailure("\(self) is not an object") }
        return members
    }

    /// The value at a reference within the same document, `#/components/schemas/Vehicle`.
    package func value(at reference: String) throws -> JSONValue {
        try reference.split(separator: "/").dropFirst().reduce(self) { value, name in
            guard let member = value[String(name)] else { throw TestFailure("\(reference) has no target") }
            return member
        }
    }
}
