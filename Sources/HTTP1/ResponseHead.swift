package import HTTPTypes

/// The head of a response that a client of ours got.
package struct ResponseHead: Sendable {
    /// The version the server speaks.
    package let version: HTTPVersion
    /// The status with its reason phrase.
    package let status: HTTPResponse.Status
    /// Whether the server lets the connection stay open.
    package let keepAlive: Bool

    /// All bytes of the head, as sent.
    package let bytes: [UInt8]
    let fieldRanges: [FieldRange]

    /// The field's value, repeated lines joined by `, `; nil when it is absent.
    package subscript(name: HTTPField.Name) -> String? { FieldLookup.combined(bytes, fieldRanges, name) }
}
