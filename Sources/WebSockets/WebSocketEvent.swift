/// What a `FrameDecoder` found; messages are whole, their fragments joined.
package enum WebSocketEvent: Sendable, Equatable {
    /// A text message, valid UTF-8.
    case text([UInt8])
    /// A binary message.
    case binary([UInt8])
    /// Asks for a pong of the same payload.
    case ping([UInt8])
    /// A pong, asked for or not.
    case pong([UInt8])
    /// The peer's last frame; what follows it is discarded. The reason is valid UTF-8.
    case close(CloseCode?, reason: [UInt8])
}
