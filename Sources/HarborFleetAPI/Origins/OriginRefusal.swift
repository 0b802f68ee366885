package import Endpoint
internal import HTTP1
internal import HTTPTypes

/// A request that is refused for where it comes from, or by the name it was sent to. Most often it is of no other site: a
/// proxy in front does not pass on what the browser said. The answer says which header that is, and so does the log.
package struct OriginRefusal: Error {
    /// What differs, as far as the request tells.
    enum Cause: String, Sendable, CaseIterable {
        /// `Host` is another than the page's: nginx's default, or a page of another site.
        case host
        /// The right host at another port: nginx's `$host`, which has none.
        case port
        /// A trusted proxy names another scheme than the page's.
        case scheme
        /// A proxy says which host it was, and is not trusted.
        case untrustedProxy = "untrusted_proxy"
        /// A cookie without `Origin`, where a browser always sends one.
        case noOrigin = "no_origin"
        /// `null`, or what is no address of a web page.
        case opaqueOrigin = "opaque_origin"
        /// The request names a host that is not this server's.
        case name
    }

    let cause: Cause
    /// What the answer is.
    let problem: Problem
    /// The page's, in its one form.
    let origin: String?
    /// As the request came here, in its one form.
    let host: String?
    /// Who sent it: the browser, or a proxy that is not trusted.
    let client: String

    /// A request of a page of another origin.
    package init(foreign request: Request) {
        let cause = Self.cause(of: request)
        self.init(cause, .foreignOrigin(cause.sentence), request)
    }

    /// A request for a host that is not ours.
    init(misdirected request: Request) {
        self.init(request.namesHostUntrusted ? .untrustedProxy : .name, .misdirected, request)
    }

    private init(_ cause: Cause, _ problem: Problem, _ request: Request) {
        self.cause = cause
        self.problem = problem
        origin = request.head[.origin].flatMap { WebOrigin($0) }?.description
        host = request.head.authority.flatMap { Authority($0) }?.description
        client = request.remoteAddress.host
    }

    private static func cause(of request: Request) -> Cause {
        guard let text = request.head[.origin] else { return .noOrigin }
        guard let origin = WebOrigin(text) else { return .opaqueOrigin }
        let authorities = request.requestedAuthorities
        if authorities.contains(where: { origin.isOrigin(of: $0, nil) }) { return .scheme }
        if request.namesHostUntrusted { return .untrustedProxy }
        return authorities.contains { $0.host == origin.host } ? .port : .host
    }
}

extension OriginRefusal.Cause {
    /// What is wrong and what would help, for the person at the page. It names nothing of this server.
    fileprivate var sentence: String {
        switch self {
        case .host:
            """
            The page's host is not the one that this server was asked by: a proxy in front must pass the header Host \
            as the browser sent it, or HARBOR_ALLOWED_ORIGINS must name the address in the browser.
            """
        case .port:
            """
            The page's port is not the one that this server was asked by: a proxy in front must pass the header Host \
            as the browser sent it, with its port, or HARBOR_ALLOWED_ORIGINS must name the address in the browser.
            """
        case .scheme:
            """
            The page's scheme is not the one that the proxy in front names: it must name the browser's scheme in the header \
            X-Forwarded-Proto.
            """
        case .untrustedProxy:
            """
            The proxy in front says which host the browser asked for, and is not trusted: HARBOR_TRUSTED_PROXIES must name it.
            """
        case .noOrigin:
            """
            The session cookie opens a live stream only beside the header Origin, which a proxy in front must pass as the \
            browser sent it.
            """
        case .opaqueOrigin: "A page whose header Origin names no web address can read here with a token only."
        case .name: "The server has to be asked by one of its names."
        }
    }

    /// The header that a proxy in front must pass, or pass as it came; nil where none would help.
    var header: String? {
        switch self {
        case .host, .port, .name, .untrustedProxy: "Host"
        case .scheme: "X-Forwarded-Proto"
        case .noOrigin: "Origin"
        case .opaqueOrigin: nil
        }
    }

    /// What the operator may do.
    var hint: String {
        switch self {
        case .host:
            "nginx: proxy_set_header Host $http_host; or set HARBOR_ALLOWED_ORIGINS to the address in the browser"
        case .port:
            "nginx: proxy_set_header Host $http_host, since $host has no port; or set HARBOR_ALLOWED_ORIGINS"
        case .scheme:
            "nginx: proxy_set_header X-Forwarded-Proto $scheme, in the proxy that speaks TLS"
        case .untrustedProxy:
            "X-Forwarded-Host counts only from HARBOR_TRUSTED_PROXIES, where client is missing; or pass Host"
        case .noOrigin: "the session cookie opens a live stream only beside Origin"
        case .opaqueOrigin: "no setting allows such a page; a token in Authorization would be enough"
        case .name:
            "set HARBOR_ALLOWED_ORIGINS to the address in the browser; behind a proxy set HARBOR_TRUSTED_PROXIES"
        }
    }
}
