/// Bytes that many connections send: each keeps a reference and its own place in them, never a copy.
package struct SharedBytes: Sendable {
    package let bytes: [UInt8]

    /// Takes the bytes, which their maker must not change any more.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var count: Int { bytes.count }
}
