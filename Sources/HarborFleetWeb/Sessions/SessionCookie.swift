/// The web app's cookie.
struct SessionCookie {
    /// Takes the place of a session that was ended.
    static let ended = SessionCookie(value: "", maxAge: .zero)

    let value: String
    let maxAge: Duration

    /// The value of `Set-Cookie`.
    /// - Parameter isSecure: the browser sends it over TLS only.
    func text(isSecure: Bool) -> String {
        let seconds = maxAge.components.seconds
        let text = "\(Credential.cookieName)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
        return isSecure ? text + "; Secure" : text
    }
}
