/// The events of a `FrameDecoder`. Messages are complete, with their fragments joined.
package enum WebSocketEvent: Sendable, Equatable {
    /// A text message, valid UTF-8.
    case text([UInt8])
    /// A binary message.
    case binary([UInt8])
    /// Asks for a pong with the same payload.
    case ping([UInt8])
    /// A pong. It may be unsolicited.
    case pong([UInt8])
    /// The peer's last frame. Anything after it is discarded. The reason is valid UTF-8.
    case close(CloseCode?, reason: [UInt8])
}
