/// Limits for the memory that an endpoint uses for bodies that are still being received, over all its connections.
///
/// The limits count the memory of what has arrived, not the length that a head announces. They count bodies. They also
/// count, as small bodies, incomplete heads, input that must wait for an earlier response, and incomplete WebSocket
/// messages. What arrives whole in one read is never counted.
package struct BodyLimits: Sendable, Equatable {
    /// The limit for all bodies together, in bytes: 64 MiB. Beyond it, the endpoint ends the slowest body of the client
    /// address that holds the most bytes.
    package var totalBytes = 64 * 1_048_576
    /// The limit for the bodies of one client address, in bytes: 16 MiB, a quarter of the total. Beyond it, the
    /// endpoint ends the slowest body of that address.
    package var bytesPerAddress = 16 * 1_048_576
    /// The part of `totalBytes` that only bodies of up to `smallBodyBytes` may use: 8 MiB.
    package var bytesForSmallBodies = 8 * 1_048_576
    /// The longest body that counts as small: 64 KiB, by its declared length or, without one, by what has arrived.
    package var smallBodyBytes = 65_536

    /// Makes limits with the defaults named at each property.
    package init() {}
}

/// Why a body was ended before it was complete. The client gets 408, or close code 1013 on a WebSocket, and the
/// connection closes.
package enum BodyEnd: String, Sendable, CaseIterable {
    /// All bodies together held too much, and this one was the slowest of the address that held the most.
    case budget
    /// The bodies of its address held too much, and this one was the slowest of them.
    case address
    /// It took longer than `EndpointTimeouts.bodyTotal`.
    case time
    /// It arrived more slowly than `EndpointTimeouts.bodyBytesPerSecond`.
    case rate
}
