/// Whose share a piece of work counts against: work that a stranger's key causes is bounded for each of them.
package enum Requester: Hashable, Sendable {
    /// An IPv4 address, or an IPv6 network of 64 bits, of which one client has all addresses (RFC 4291 section 2.5.4).
    case network(bits: UInt64, isIPv6: Bool)
    /// A reader by the name of its token, sessions included.
    case token(String)
}
