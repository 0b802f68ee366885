/// The parameters with which one direction of a connection compresses (RFC 7692 section 7.1).
package struct DeflateParameters: Sendable, Equatable {
    /// Stored as a byte, because every connection keeps it.
    private let bits: UInt8
    /// Whether a message may refer to earlier messages ("context takeover").
    package let keepsHistory: Bool

    /// - Parameter windowBits: the base-2 logarithm of the longest history in bytes, 8 to 15.
    package init(windowBits: Int = 15, keepsHistory: Bool = true) {
        bits = UInt8(clamping: windowBits)
        self.keepsHistory = keepsHistory
    }

    /// The base-2 logarithm of the longest history in bytes.
    package var windowBits: Int { Int(bits) }
}
