internal import FleetAccess

/// The web app's cookie.
struct SessionCookie {
    /// Takes the place of a session that was ended.
    static let ended = SessionCookie(value: "", maxAge: .zero)

    let value: String
    let maxAge: Duration

    /// The value of `Set-Cookie`.
    /// - Parameter isSecure: the browser sends the cookie over TLS only, and to this host only, which its name says.
    func text(isSecure: Bool) -> String {
        let name = isSecure ? Credential.hostCookieName : Credential.cookieName
        let seconds = maxAge.components.seconds
        let text = "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
        return isSecure ? text + "; Secure" : text
    }
}
