internal import Crypto
internal import Endpoint
internal import FoundationEssentials
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// `POST /session` trades a token for the web app's cookie, `DELETE /session` ends it.
struct SessionController: Sendable {
    /// How long a session lasts.
    static let lifetime: Duration = .seconds(7 * 86_400)
    private static let keyBytes = 32

    let authenticator: Authenticator
    let sessions: any SessionStore
    let tokens: any TokenStore
    let clock: any WallClock

    private struct Body: Decodable {
        let token: String
    }

    /// Takes JSON from the app's script, and a plain form where there is no script.
    func create(_ request: Request) throws -> Reply {
        try checkOrigin(request)
        let isForm = request.head[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        guard !isForm else {
            return form(QueryParameters(String(decoding: request.body, as: UTF8.self)), request)
        }
        let token = try jsonToken(request.body)
        return .later {
            guard let cookie = try await signIn(.token(token)) else { throw Problem.unauthorized }
            return Response(.noContent, fields: [.setCookie: cookie])
        }
    }

    func delete(_ request: Request) throws -> Reply {
        try checkOrigin(request)
        let session = Credential(request)
        return .later {
            Response(.noContent, fields: [.setCookie: try await signOut(session)])
        }
    }

    /// A form cannot DELETE: it says `_method=delete`. It is answered by the page to go to next.
    private func form(_ fields: QueryParameters, _ request: Request) -> Reply {
        let session = Credential(request)
        let next = fields["next"].flatMap(SitePath.init(local:)) ?? .home
        return .later {
            if fields["_method"] == "delete" {
                return seeOther(SitePath.signIn.text, cookie: try await signOut(session))
            }
            guard let token = fields["token"], let cookie = try await signIn(.token(token)) else {
                return seeOther(SitePath.signIn(returningTo: next).text + "&problem=token", cookie: nil)
            }
            return seeOther(next.text, cookie: cookie)
        }
    }

    private func seeOther(_ location: String, cookie: String?) -> Response {
        var fields: HTTPFields = [.location: location, .cacheControl: "no-store"]
        fields[.setCookie] = cookie
        return Response(.seeOther, fields: fields)
    }

    /// - Returns: the cookie that takes the session's place.
    private func signOut(_ credential: Credential?) async throws -> String {
        if let credential, case .session = credential {
            try await sessions.delete(hash: credential.hash)
            authenticator.forget(credential)
        }
        return Self.cookie("", maxAge: 0)
    }

    private func signIn(_ credential: Credential) async throws -> String? {
        guard let token = try await tokens.token(hash: credential.hash) else { return nil }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<Self.keyBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = Data(key).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let seconds = Self.lifetime.components.seconds
        let expiresAt = Timestamp(milliseconds: clock.now().milliseconds &+ seconds &* 1_000)
        try await sessions.create(
            hash: Credential.session(text).hash, tokenName: token.name, expiresAt: expiresAt)
        return Self.cookie(text, maxAge: seconds)
    }

    private func checkOrigin(_ request: Request) throws {
        guard request.hasOwnOrigin else { throw Problem.foreignOrigin }
    }

    private func jsonToken(_ body: [UInt8]) throws -> String {
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(body)) else {
            throw Problem(
                .badRequest, "malformed-body", title: "Bad Request",
                detail: "The body has to be a JSON object with a string \"token\".")
        }
        return body.token
    }

    private static func cookie(_ value: String, maxAge: Int64) -> String {
        "\(Credential.cookieName)=\(value); Path=/; Max-Age=\(maxAge); HttpOnly; SameSite=Strict"
    }
}

extension Request {
    /// Whether the request comes from a page of this server: no `Origin`, or one whose host and port are those
    /// of `Host`.
    var hasOwnOrigin: Bool {
        guard let origin = head[.origin] else { return true }
        guard let host = head.authority, let scheme = origin.firstRange(of: "://") else { return false }
        return origin[scheme.upperBound...].lowercased() == host.lowercased()
    }
}
