package import EventLoops

/// A connection that bytes are sent to which many others get: a WebSocket, or a stream of another kind. Touched on its
/// loop only.
package protocol Subscriber: AnyObject {
    var loop: EventLoop { get }
    /// Whether bytes may still be sent.
    var isOpen: Bool { get }
    /// Bytes that wait for the peer to take them.
    var pendingBytes: Int { get }
    /// Whether the kernel takes no more at the moment.
    var isBlocked: Bool { get }
    /// Bytes that it takes at a time while as many wait. With more it may overflow, unless nothing waits.
    var roomyBytes: Int { get }

    /// Sends bytes that other connections share, without a copy.
    func send(shared bytes: [UInt8])

    /// Runs `body`; what it sends leaves in one send at its end.
    func batch(_ body: () -> Void)

    /// Ends the stream and tells the peer why.
    func close(_ reason: StreamEnd)
}

/// Why the server ends a subscriber's stream.
package enum StreamEnd: Sendable {
    /// The topic is gone: nothing follows.
    case topicRemoved
    /// The subscriber may no longer read the topic.
    case accessEnded
}

extension Subscriber {
    /// Whether so much waits that a member conflates messages instead of sending each.
    package var isSlow: Bool {
        pendingBytes > (isBlocked ? 65_536 : roomyBytes)
    }

    /// Whether the connection takes these bytes in one piece; always when nothing waits.
    /// - Parameter count: asked for only when it matters, because it may need the bytes to be made.
    package func takesInOnePiece(_ count: @autoclosure () -> Int) -> Bool {
        pendingBytes == 0 || !isSlow && count() <= roomyBytes
    }
}
