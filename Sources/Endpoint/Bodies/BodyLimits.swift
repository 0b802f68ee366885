/// How much of bodies that are still being received an endpoint holds, over all its connections.
///
/// What is counted is the memory that holds what has arrived, not what a head announces: bodies, and as small ones heads
/// that have not come whole, input that waits for a response before it, and WebSocket messages that are not whole. What
/// arrives whole in one read is never counted.
package struct BodyLimits: Sendable, Equatable {
    /// All bodies together, in bytes: 64 MiB. Beyond it the slowest body of the client that holds most ends.
    package var totalBytes = 64 * 1_048_576
    /// The bodies of one client address, in bytes: 16 MiB, a quarter. Beyond it the slowest of that address ends.
    package var bytesPerAddress = 16 * 1_048_576
    /// Of all, what only bodies up to `smallBodyBytes` may use: 8 MiB.
    package var bytesForSmallBodies = 8 * 1_048_576
    /// The longest body that counts as small: 64 KiB, by its length or, without one, by what has arrived.
    package var smallBodyBytes = 65_536

    /// The defaults named at each.
    package init() {}
}

/// Why a body was ended before it was complete. The client gets 408, a WebSocket close 1013, and the connection closes.
package enum BodyEnd: String, Sendable, CaseIterable {
    /// All bodies together held too much, and this one was the slowest of the address that held most.
    case budget
    /// The bodies of its address held too much, and this one was the slowest of them.
    case address
    /// It took longer than `EndpointTimeouts.bodyTotal`.
    case time
    /// It arrived more slowly than `EndpointTimeouts.bodyBytesPerSecond`.
    case rate
}
