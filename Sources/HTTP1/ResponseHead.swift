package import HTTPTypes

/// The head of a response that a client of ours got.
package struct ResponseHead: Sendable {
    /// The version the server speaks.
    package let version: HTTPVersion
    /// The status with its reason phrase.
    package let status: HTTPResponse.Status
    /// Whether the server lets the connection stay open.
    package let keepAlive: Bool

    let bytes: [UInt8]
    let fieldRanges: [FieldRange]

    /// The field's value, repeated lines joined by `, `; nil when it is absent.
    package subscript(name: HTTPField.Name) -> String? { FieldLookup.combined(bytes, fieldRanges, name) }

    /// The values of each line with this name, in order.
    package func values(for name: HTTPField.Name) -> [String] { FieldLookup.values(bytes, fieldRanges, name) }

    /// All fields, built on each call.
    package var fields: HTTPFields { FieldLookup.fields(bytes, fieldRanges) }
}
