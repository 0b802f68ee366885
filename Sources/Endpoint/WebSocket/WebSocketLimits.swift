/// The size and time limits of one WebSocket. It is an object that each route makes once, so that an idle WebSocket
/// stores only a reference.
package final class WebSocketLimits: Sendable {
    /// The longest frame that is accepted, in bytes: 64 KiB. A longer one closes the WebSocket with 1009.
    package let frameBytes: Int
    /// The longest message that is accepted, in bytes after decompression: 64 KiB. A longer one closes with 1009.
    package let messageBytes: Int
    /// The most bytes in the outbox: 1 MiB. A message is always accepted while the outbox is empty. While at least half
    /// is used, nothing is read, so a peer that sends but does not read slows itself down.
    package let outboxBytes: Int
    /// The time between two pings: 25 s.
    package let pingInterval: Duration
    /// A peer that sends no byte for this long is dropped: 60 s.
    package let silence: Duration
    /// A peer that takes no byte of the outbox for this long is closed with 1013: 30 s.
    package let blocked: Duration
    /// The time that the peer has to complete the closing handshake: 5 s.
    package let closing: Duration

    /// Limits with the defaults named at each property.
    package static let standard = WebSocketLimits()

    package init(
        frameBytes: Int = 65_536, messageBytes: Int = 65_536, outboxBytes: Int = 1_048_576,
        pingInterval: Duration = .seconds(25), silence: Duration = .seconds(60),
        blocked: Duration = .seconds(30), closing: Duration = .seconds(5)
    ) {
        self.frameBytes = frameBytes
        self.messageBytes = messageBytes
        self.outboxBytes = outboxBytes
        self.pingInterval = pingInterval
        self.silence = silence
        self.blocked = blocked
        self.closing = closing
    }
}
