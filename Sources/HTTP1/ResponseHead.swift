package import HTTPTypes

/// The head of a response, as one of our clients receives it.
package struct ResponseHead: Sendable {
    /// The server's HTTP version.
    package let version: HTTPVersion
    /// The status with its reason phrase.
    package let status: HTTPResponse.Status
    /// Whether the server lets the connection stay open.
    package let keepAlive: Bool

    /// All bytes of the head, as sent.
    package let bytes: [UInt8]
    let fieldRanges: [FieldRange]

    /// The field's value; repeated lines are joined by `, `. Nil if the field is absent.
    package subscript(name: HTTPField.Name) -> String? { FieldLookup.combined(bytes, fieldRanges, name) }
}
