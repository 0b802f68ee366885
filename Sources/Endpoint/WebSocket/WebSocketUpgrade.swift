internal import HTTP1
package import HTTPTypes
package import WebSockets

/// A handler returns this to turn the connection into a WebSocket.
package struct WebSocketUpgrade: Sendable {
    package var limits: WebSocketLimits
    /// Further fields of the 101, such as `Sec-WebSocket-Protocol`.
    package var fields: HTTPFields
    /// How to compress if the client offers it; nil means never.
    package var compression: WebSocketCompression?
    /// The compression that was agreed with the client; nil without one.
    private(set) var deflate: PerMessageDeflate?
    let delegate: @Sendable (WebSocketChannel) -> (any WebSocketDelegate)?

    /// - Parameter delegate: makes the delegate; nil if no event is of interest. It is called on the connection's loop
    ///   after the handshake is written, and may send at once. If those messages overflow the outbox, the channel
    ///   closes, because there is no delegate to ask yet.
    package init(
        limits: WebSocketLimits = .standard, fields: HTTPFields = [:],
        compression: WebSocketCompression? = nil,
        delegate: @escaping @Sendable (WebSocketChannel) -> (any WebSocketDelegate)?
    ) {
        self.limits = limits
        self.fields = fields
        self.compression = compression
        self.delegate = delegate
    }

    /// Checks the request, agrees on the extension, and adds the fields of the 101 (RFC 6455 section 4.2.2).
    mutating func accept(_ head: RequestHead) throws(EndpointError) {
        let accept = try UpgradeCheck.accept(head)
        switch PerMessageDeflate.outcome(offered: head[.secWebSocketExtensions], settings: compression) {
        case .agreed(let deflate):
            self.deflate = deflate
            fields[.secWebSocketExtensions] = deflate.response
        case .declined: break
        case .malformed:
            throw .malformedHandshake("Sec-WebSocket-Extensions is not a valid list of extensions.")
        }
        fields[.upgrade] = "websocket"
        fields[.connection] = "Upgrade"
        fields[.secWebSocketAccept] = accept
    }
}

/// Receives the events of a WebSocket. It is called on the channel's loop and must not block.
package protocol WebSocketDelegate: AnyObject {
    /// A whole text message, valid UTF-8.
    func text(_ message: [UInt8], on channel: WebSocketChannel)
    /// A whole binary message.
    func binary(_ message: [UInt8], on channel: WebSocketChannel)
    /// The outbox is empty again, after the channel was blocked or a message was dropped.
    func drained(_ channel: WebSocketChannel)
    /// Decides what to do with a message of `bytes` bytes that does not fit the outbox.
    func overflow(of bytes: Int, on channel: WebSocketChannel) -> OverflowPolicy
    /// The last call, once: the connection has ended.
    /// - Parameter code: the close code that ended it, the peer's or ours; nil when the connection was
    ///   lost without one.
    func closed(_ channel: WebSocketChannel, code: CloseCode?, reason: [UInt8])
}

extension WebSocketDelegate {
    package func text(_ message: [UInt8], on channel: WebSocketChannel) {}
    package func binary(_ message: [UInt8], on channel: WebSocketChannel) {}
    package func drained(_ channel: WebSocketChannel) {}
    package func overflow(of bytes: Int, on channel: WebSocketChannel) -> OverflowPolicy {
        .close(.tryAgainLater)
    }
    package func closed(_ channel: WebSocketChannel, code: CloseCode?, reason: [UInt8]) {}
}

/// What to do with a message that does not fit the outbox.
package enum OverflowPolicy: Sendable, Equatable {
    /// The message is not sent, and the connection stays open.
    case drop
    case close(CloseCode)
}

/// Checks the request side of the opening handshake (RFC 6455 section 4.2.1).
enum UpgradeCheck {
    /// The value of `Sec-WebSocket-Accept`.
    static func accept(_ head: RequestHead) throws(EndpointError) -> String {
        guard head.upgradesToWebSocket else {
            throw head.contains(.secWebSocketKey) ? .upgradeLost : .upgradeRequired
        }
        // With a body it would be unclear where the frames begin.
        guard head.bodyFraming == .none || head.bodyFraming == .length(0) else {
            throw .malformedHandshake("A WebSocket upgrade request must not have a body.")
        }
        let outcome = WebSocketHandshake.outcome(
            key: single(head, .secWebSocketKey), version: single(head, .secWebSocketVersion))
        switch outcome {
        case .accepted(let accept): return accept
        case .upgradeRequired: throw .upgradeRequired
        case .badRequest(let detail): throw .malformedHandshake(detail)
        }
    }

    private static func single(_ head: RequestHead, _ name: HTTPField.Name) -> String? {
        let values = head.values(for: name)
        return values.count == 1 ? values.first : nil
    }
}
