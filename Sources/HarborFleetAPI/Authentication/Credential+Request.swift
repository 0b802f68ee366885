package import Endpoint
package import FleetAccess
internal import HTTP1
internal import HTTPTypes
internal import Sockets
package import StoreCache

extension Credential {
    /// The credential of a request: `Authorization: Bearer`, else `?token=` if `fromQuery` is set, else the
    /// cookie. Another scheme in `Authorization` belongs to a proxy in front, and does not hide the others.
    /// - Returns: nil when there is none, or none that could be one of ours.
    package init?(_ request: Request, fromQuery: Bool = false) {
        guard let shown = ShownCredentials(request, fromQuery: fromQuery) else { return nil }
        self = shown.first
    }

    /// The text that the request shows as a token, valid or not; nil when it shows none.
    static func tokenText(of request: Request, fromQuery: Bool) -> String? {
        if let token = bearer(of: request) { return String(token) }
        return fromQuery && request.head.query != nil ? request.query["token"] : nil
    }

    /// The bearer token that a request shows. A further `Authorization` line that a proxy adds does not hide it.
    private static func bearer(of request: Request) -> Substring? {
        guard request.head.contains(.authorization) else { return nil }
        return request.head.values(for: .authorization).lazy.compactMap(bearer).first
    }
}

extension Request {
    /// The client whose share of each per-client bound this request uses.
    package var requester: Requester { Requester(remoteAddress) }
}

extension Requester {
    init(_ address: SocketAddress) {
        let client = address.client
        self = .network(bits: client.bits, isIPv6: client.isIPv6)
    }

    /// The reader's token, or its address when reads need no token.
    init(_ identity: Identity, _ address: SocketAddress) {
        self = identity.name.map { .token($0) } ?? Requester(address)
    }
}
