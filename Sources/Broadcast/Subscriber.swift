package import EventLoops

/// A connection that receives a broadcast, whose bytes it shares with other connections: a WebSocket or another kind of
/// stream. Touched on its loop only.
package protocol Subscriber: AnyObject {
    var loop: EventLoop { get }
    /// Whether bytes may still be sent.
    var isOpen: Bool { get }
    /// The bytes in the outbox, which the kernel has not accepted yet.
    var pendingBytes: Int { get }
    /// Whether the kernel accepts no more output at the moment.
    var isBlocked: Bool { get }
    /// A number of bytes that can always be sent in one piece while at most as many are in the outbox. A bigger piece
    /// may overflow the outbox, unless it is empty.
    var roomyBytes: Int { get }

    /// Sends bytes that other connections share, without a copy.
    func send(shared bytes: [UInt8])

    /// Runs `body`. All that it sends leaves in one send when it ends.
    func batch(_ body: () -> Void)

    /// Ends the stream and sends the reason to the peer.
    func close(_ reason: StreamEnd)
}

/// Why the server ends a subscriber's stream.
package enum StreamEnd: Sendable {
    /// The topic has been removed, so no messages follow.
    case topicRemoved
    /// The subscriber may no longer read the topic.
    case accessEnded
}

extension Subscriber {
    /// Whether the waiting bytes exceed the bound above which a member conflates messages instead of sending each.
    package var isSlow: Bool {
        pendingBytes > (isBlocked ? 65_536 : roomyBytes)
    }

    /// Whether the bytes can be sent in one piece. This is always so while the outbox is empty.
    /// - Parameter count: the number of bytes. It is computed only if it is needed, because that may
    ///   require encoding them.
    package func takesInOnePiece(_ count: @autoclosure () -> Int) -> Bool {
        pendingBytes == 0 || !isSlow && count() <= roomyBytes
    }
}
