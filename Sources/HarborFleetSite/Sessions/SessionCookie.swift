internal import FleetAccess

/// The web app's cookie.
struct SessionCookie {
    /// Replaces the cookie of a session that has ended.
    static let ended = SessionCookie(value: "", maxAge: .zero)

    let value: String
    let maxAge: Duration

    /// The value of `Set-Cookie`.
    /// - Parameter isSecure: the browser sends the cookie only over TLS and only to this host; its name requires
    ///   both.
    func text(isSecure: Bool) -> String {
        let name = isSecure ? Credential.hostCookieName : Credential.cookieName
        let seconds = maxAge.components.seconds
        let text = "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
        return isSecure ? text + "; Secure" : text
    }
}
