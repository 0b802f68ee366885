/// Which end of the connection we are; it decides who masks (RFC 6455 section 5.1).
package enum WebSocketRole: Sendable, Equatable {
    /// We are the server: frames that arrive must be masked, ours must not be.
    case server
    /// We are the client: frames that arrive must not be masked, ours must be.
    case client
}

/// Reads frames and joins messages of one connection from its bytes (RFC 6455 section 5).
package struct FrameDecoder: Sendable {
    /// A decoder at the start of a connection, after its handshake.
    package init(role: WebSocketRole, maxFrameBytes: Int = 65536, maxMessageBytes: Int = 65536) {}
    /// The next event, or nil when all of `input` is used up and more is needed.
    ///
    /// After an error the decoder stays failed and throws the same error again; after a close frame it
    /// swallows all input.
    package mutating func next(_ input: Span<UInt8>, _ offset: inout Int) throws(WebSocketError)
        -> WebSocketEvent?
    {
        nil
    }
}
