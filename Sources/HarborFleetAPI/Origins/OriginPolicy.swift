package import Endpoint
internal import FleetAccess
internal import HTTP1
internal import HTTPTypes

/// Which web pages may read here, and by which names: what keeps a page of any site from reading with an operator's
/// cookie, or where reads need no token.
///
/// The decision depends on the head, and on a trusted proxy in front. An answer that is kept for the same head needs no
/// second check: no page can make up what a proxy forwards.
package struct OriginPolicy: Sendable {
    private let allowed: Set<WebOrigin>
    /// nil where requests may name any host.
    private let hosts: HostNames?
    private let publicRead: Bool

    /// - Parameters:
    ///   - allowed: `HARBOR_ALLOWED_ORIGINS`, beside the server's own.
    ///   - publicRead: reads need no token, so that a request shows nothing else of its sender.
    ///   - checksHost: `Host` has to be one of this server's names. Not behind a proxy, whose names are not known here.
    ///   - machineName: as gethostname(2) says it.
    package init(allowed: [WebOrigin], publicRead: Bool, checksHost: Bool, machineName: String) {
        self.allowed = Set(allowed)
        self.publicRead = publicRead
        hosts = checksHost ? HostNames(machineName: machineName, others: allowed.map(\.host)) : nil
    }

    /// Lets a read pass.
    /// - Throws: `OriginRefusal`, which is 421 for a host that is not ours, 403 for a page of another site that shows no
    ///   token.
    func check(_ request: Request) throws(OriginRefusal) {
        try checkHost(of: request)
        guard !admitsPage(of: request) else { return }
        switch Credential(request) {
        // A page sends this field only where the server agreed before (Fetch, CORS preflight), which it never does.
        case .token: return
        case .session: throw OriginRefusal(foreign: request)
        // Without a credential the answer is 401, where reads need one.
        case nil: if publicRead { throw OriginRefusal(foreign: request) }
        }
    }

    /// The check as a part of a handler.
    package func guarding(_ handler: @escaping Handler) -> Handler {
        { request in
            try check(request)
            return try handler(request)
        }
    }

    /// - Throws: `OriginRefusal`, which is 421.
    package func checkHost(of request: Request) throws(OriginRefusal) {
        guard let hosts, let text = request.head.authority, !text.isEmpty else { return }
        guard let authority = Authority(text), hosts.contain(authority) else {
            throw OriginRefusal(misdirected: request)
        }
    }

    /// Whether the request comes from a page of this server, from one of an allowed origin, or, as it seems, from no
    /// page: then it has no `Origin`.
    package func admitsPage(of request: Request) -> Bool {
        guard let text = request.head[.origin] else { return true }
        guard let origin = WebOrigin(text) else { return false }
        if allowed.contains(origin) { return true }
        let scheme = request.forwardedScheme
        return request.requestedAuthorities.contains { origin.isOrigin(of: $0, scheme) }
    }
}
