package import Endpoint
internal import FleetAccess
internal import HTTP1
internal import HTTPTypes

/// Decides which web pages may read, and by which host names. It keeps a page of any other site from reading
/// with a reader's cookie, or without a token where reads need none.
///
/// The decision depends on the request's head, and on a trusted proxy in front. So a response that is kept for
/// the same head needs no second check: no page can forge what a proxy forwards.
package struct OriginPolicy: Sendable {
    private let allowed: Set<WebOrigin>
    /// nil when requests may name any host.
    private let hosts: HostNames?
    private let publicRead: Bool

    /// - Parameters:
    ///   - allowed: `HARBOR_ALLOWED_ORIGINS`, in addition to the server's own origin.
    ///   - publicRead: reads need no token, so a request shows nothing else about its sender.
    ///   - checksHost: `Host` must be one of this server's names. Not used behind a proxy, whose names are not
    ///     known here.
    ///   - machineName: the name from gethostname(2).
    package init(allowed: [WebOrigin], publicRead: Bool, checksHost: Bool, machineName: String) {
        self.allowed = Set(allowed)
        self.publicRead = publicRead
        hosts = checksHost ? HostNames(machineName: machineName, others: allowed.map(\.host)) : nil
    }

    /// Lets a permitted read pass.
    /// - Throws: `OriginRefusal`: 421 for a host that is not ours, 403 for a page of another site that shows no
    ///   token.
    func check(_ request: Request) throws(OriginRefusal) {
        try checkHost(of: request)
        guard !admitsPage(of: request) else { return }
        switch Credential(request) {
        // A page can send this field only if the server has agreed before (Fetch, CORS preflight), which it
        // never does.
        case .token: return
        case .session: throw OriginRefusal(foreign: request)
        // Without a credential the response is 401 anyway where reads need one.
        case nil: if publicRead { throw OriginRefusal(foreign: request) }
        }
    }

    /// Wraps a handler so that it runs only after the check.
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

    /// Whether the request comes from a page of this server or of an allowed origin. A request without `Origin`
    /// counts as coming from no page, and is admitted too.
    package func admitsPage(of request: Request) -> Bool {
        guard let text = request.head[.origin] else { return true }
        guard let origin = WebOrigin(text) else { return false }
        if allowed.contains(origin) { return true }
        let scheme = request.forwardedScheme
        return request.requestedAuthorities.contains { origin.isOrigin(of: $0, scheme) }
    }
}
