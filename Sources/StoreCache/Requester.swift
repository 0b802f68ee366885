/// Whose share a piece of work counts against. It bounds the work that each unauthenticated client can cause.
package enum Requester: Hashable, Sendable {
    /// An IPv4 address, or an IPv6 network of 64 bits, because one client usually controls all addresses of such a
    /// network (RFC 4291 section 2.5.4).
    case network(bits: UInt64, isIPv6: Bool)
    /// A reader, identified by the name of its token; its sessions count for the token.
    case token(String)
}
