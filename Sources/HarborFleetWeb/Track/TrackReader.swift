internal import Endpoint
internal import Sockets

/// Whose tracks are counted together.
enum TrackReader: Hashable, Sendable {
    /// By name; the sessions that were opened with it, too.
    case token(String)
    /// Where reads need no token: the bytes of an IPv4 address, or of an IPv6 network of 64 bits, of which one client
    /// has all addresses (RFC 4291 section 2.5.4).
    case network([UInt8])

    init(_ identity: Identity, _ address: SocketAddress) {
        self = identity.name.map { .token($0) } ?? .network(Array(address.bytes.prefix(8)))
    }
}
