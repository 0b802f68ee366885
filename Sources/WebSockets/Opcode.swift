/// The kind of a frame (RFC 6455 section 5.2). Other values are reserved and close the connection with 1002.
package enum Opcode: UInt8, Sendable, Equatable {
    /// The next part of a fragmented message.
    case continuation = 0x0
    /// The first part of a text message.
    case text = 0x1
    /// The first part of a binary message.
    case binary = 0x2
    /// The last frame that a peer sends.
    case close = 0x8
    /// Asks for a pong with the same payload.
    case ping = 0x9
    /// Replies to a ping.
    case pong = 0xA

    /// Whether this is a control frame, which must not be fragmented and has at most 125 bytes (section 5.5).
    package var isControl: Bool { rawValue & 0x8 != 0 }
}
