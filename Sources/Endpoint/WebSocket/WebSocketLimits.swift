/// What one WebSocket may use. An object, because every idle one refers to its limits: a route makes them once.
package final class WebSocketLimits: Sendable {
    /// The longest frame that is taken, in bytes: 64 KiB. Longer is closed with 1009.
    package let frameBytes: Int
    /// The longest message that is taken, in bytes, after it is restored: 64 KiB. Longer is closed with 1009.
    package let messageBytes: Int
    /// The most that waits to be sent, in bytes: 1 MiB. A message that finds nothing waiting is always taken.
    /// From half of it on nothing is read, so that a peer that sends and does not read slows itself down.
    package let outboxBytes: Int
    /// Between two pings: 25 s.
    package let pingInterval: Duration
    /// Without a byte from the peer, then it is dropped: 60 s.
    package let silence: Duration
    /// Without the peer taking a byte of what waits, then it is closed with 1013: 30 s.
    package let blocked: Duration
    /// For the peer to close too: 5 s.
    package let closing: Duration

    /// The defaults named at each.
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
