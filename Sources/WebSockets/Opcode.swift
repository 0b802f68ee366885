/// What a frame carries (RFC 6455 section 5.2). Other values are reserved and refused with 1002.
package enum Opcode: UInt8, Sendable, Equatable {
    /// The next part of a fragmented message.
    case continuation = 0x0
    /// The first part of a text message.
    case text = 0x1
    /// The first part of a binary message.
    case binary = 0x2
    /// The last frame of a peer.
    case close = 0x8
    /// Asks for a pong with the same payload.
    case ping = 0x9
    /// Confirms a ping.
    case pong = 0xA

    /// Whether frames of this kind are never fragmented and carry at most 125 bytes (section 5.5).
    package var isControl: Bool { rawValue & 0x8 != 0 }
}
