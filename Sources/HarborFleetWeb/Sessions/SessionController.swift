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
    let clock: any WallClock
    let origins: OriginPolicy

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
        let isSecure = isSecure(request)
        return .later {
            guard let session = try await signIn(token) else { throw Problem.unauthorized }
            return Response(.noContent, fields: [.setCookie: session.text(isSecure: isSecure)])
        }
    }

    func delete(_ request: Request) throws -> Reply {
        try checkOrigin(request)
        let session = Credential(request)
        let isSecure = isSecure(request)
        return .later {
            try await signOut(session)
            return Response(.noContent, fields: [.setCookie: SessionCookie.ended.text(isSecure: isSecure)])
        }
    }

    /// A form cannot DELETE: it says `_method=delete`. It is answered by the page to go to next.
    private func form(_ fields: QueryParameters, _ request: Request) -> Reply {
        let session = Credential(request)
        let next = fields["next"].flatMap(SitePath.init(local:)) ?? .home
        let isSecure = isSecure(request)
        return .later {
            if fields["_method"] == "delete" {
                try await signOut(session)
                return seeOther(SitePath.signIn.text, cookie: SessionCookie.ended.text(isSecure: isSecure))
            }
            guard let token = fields["token"], let session = try await signIn(token) else {
                return seeOther(SitePath.signIn(returningTo: next).text + "&problem=token", cookie: nil)
            }
            return seeOther(next.text, cookie: session.text(isSecure: isSecure))
        }
    }

    private func seeOther(_ location: String, cookie: String?) -> Response {
        var fields: HTTPFields = [.location: location, .cacheControl: "no-store"]
        fields[.setCookie] = cookie
        return Response(.seeOther, fields: fields)
    }

    private func signOut(_ credential: Credential?) async throws {
        guard let credential, case .session = credential else { return }
        try await sessions.delete(hash: credential.hash)
        authenticator.forget(credential)
    }

    /// - Returns: nil for a token that is not valid. It is judged as a read's is, in line with other strangers'.
    private func signIn(_ token: String) async throws -> SessionCookie? {
        guard let name = try await name(of: token) else { return nil }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<Self.keyBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = Data(key).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        try await sessions.create(
            hash: Credential.session(text).hash, tokenName: name,
            expiresAt: clock.now().advanced(by: Self.lifetime))
        return SessionCookie(value: text, maxAge: Self.lifetime)
    }

    private func name(of token: String) async throws -> String? {
        guard let credential = Credential(token: token) else { return nil }
        do {
            return try await authenticator.identity(of: credential).name
        } catch Problem.unauthorized {
            return nil
        }
    }

    /// Whether the browser speaks TLS, to the proxy in front: then its cookie is not for plain HTTP.
    private func isSecure(_ request: Request) -> Bool {
        request.forwardedScheme == .https
    }

    private func checkOrigin(_ request: Request) throws {
        try origins.checkHost(of: request)
        guard origins.admitsPage(of: request) else { throw Problem.foreignOrigin }
    }

    private func jsonToken(_ body: [UInt8]) throws -> String {
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(body)) else {
            throw Problem(
                .badRequest, "malformed-body", title: "Bad Request",
                detail: "The body has to be a JSON object with a string \"token\".")
        }
        return body.token
    }
}
