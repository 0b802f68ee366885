/// Bytes that many connections send: each keeps a reference and its own place in them, never a copy.
package struct SharedBytes: Sendable {
    package let bytes: [UInt8]

    /// Takes the bytes; whoever made them lets go of his reference or never changes them.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var count: Int { bytes.count }
}
