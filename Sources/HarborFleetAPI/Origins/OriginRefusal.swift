package import Endpoint
internal import HTTP1
internal import HTTPTypes

/// A request that is refused because of the page it comes from, or the host name it was sent to. Most often no
/// other site is involved: a proxy in front does not pass on what the browser sent. The response and the log
/// name the header concerned.
package struct OriginRefusal: Error {
    /// What differs, as far as the request shows.
    enum Cause: String, Sendable, CaseIterable {
        /// `Host` differs from the page's host: nginx's default, or a page of another site.
        case host
        /// The right host with another port: nginx's `$host`, which omits the port.
        case port
        /// A trusted proxy names another scheme than the page's.
        case scheme
        /// A proxy that is not trusted says which host the browser asked for.
        case untrustedProxy = "untrusted_proxy"
        /// A cookie without `Origin`, which a browser always sends.
        case noOrigin = "no_origin"
        /// `Origin` is `null`, or is not the address of a web page.
        case opaqueOrigin = "opaque_origin"
        /// The request names a host that is not this server's.
        case name
    }

    let cause: Cause
    /// The response.
    let problem: Problem
    /// The page's origin in its normal form; nil when it has none.
    let origin: String?
    /// The host in the request, in its normal form.
    let host: String?
    /// The address that sent the request: the browser, or a proxy that is not trusted.
    let client: String

    /// Refuses a request from a page of another origin.
    package init(foreign request: Request) {
        let cause = Self.cause(of: request)
        self.init(cause, .foreignOrigin(cause.sentence), request)
    }

    /// Refuses a request for a host that is not ours.
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
    /// What is wrong and what would help, for the person at the page. It reveals nothing about this server.
    fileprivate var sentence: String {
        switch self {
        case .host:
            """
            The page's host differs from the host in the request. A proxy in front must pass the Host header as the \
            browser sent it, or HARBOR_ALLOWED_ORIGINS must name the address in the browser.
            """
        case .port:
            """
            The page's port differs from the port in the request. A proxy in front must pass the Host header as the \
            browser sent it, with its port, or HARBOR_ALLOWED_ORIGINS must name the address in the browser.
            """
        case .scheme:
            """
            The page's scheme differs from the one that the proxy in front reports. The proxy must report the \
            browser's scheme in the X-Forwarded-Proto header.
            """
        case .untrustedProxy:
            """
            The proxy in front reports the host that the browser asked for, but it is not trusted. \
            HARBOR_TRUSTED_PROXIES must name it.
            """
        case .noOrigin:
            """
            The session cookie opens a live stream only together with the Origin header. A proxy in front must pass \
            that header as the browser sent it.
            """
        case .opaqueOrigin: "A page whose Origin header names no web address can read only with a token."
        case .name: "Requests must address this server by one of its names."
        }
    }

    /// The header that a proxy in front must pass, unchanged; nil when no header would help.
    var header: String? {
        switch self {
        case .host, .port, .name, .untrustedProxy: "Host"
        case .scheme: "X-Forwarded-Proto"
        case .noOrigin: "Origin"
        case .opaqueOrigin: nil
        }
    }

    /// What the operator can do.
    var hint: String {
        switch self {
        case .host:
            "nginx: proxy_set_header Host $http_host; or set HARBOR_ALLOWED_ORIGINS to the address in the browser"
        case .port:
            "nginx: proxy_set_header Host $http_host, since $host has no port; or set HARBOR_ALLOWED_ORIGINS"
        case .scheme:
            "nginx: proxy_set_header X-Forwarded-Proto $scheme, in the proxy that speaks TLS"
        case .untrustedProxy:
            "X-Forwarded-Host counts only from HARBOR_TRUSTED_PROXIES: add the address in client; or pass Host"
        case .noOrigin: "the session cookie opens a live stream only together with Origin"
        case .opaqueOrigin: "no setting allows such a page; a token in Authorization would be enough"
        case .name:
            "set HARBOR_ALLOWED_ORIGINS to the address in the browser; behind a proxy set HARBOR_TRUSTED_PROXIES"
        }
    }
}
