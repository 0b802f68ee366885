package import Endpoint
package import FleetAccess
internal import FoundationEssentials
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
package import HarborFleetAPI
package import Logging
package import StoreCache

/// `POST /session` exchanges a token for the web app's cookie; `DELETE /session` ends the session.
package struct SessionController: RouteGroup {
    /// How long a session lasts.
    static let lifetime: Duration = .seconds(7 * 86_400)
    /// The most sessions of one token; beyond that the least recently used one ends.
    static let sessionsPerToken = 100

    /// A lane for the writes of sessions: one runs at a time, at most 64 wait, at most 4 of them of one token or
    /// address.
    package static func makeWriteLane() -> ColdLane {
        var limits = ColdLane.Limits()
        limits.share = 4
        limits.pause = .zero
        return ColdLane(limits: limits)
    }

    private let authenticator: Authenticator
    private let sessions: any SessionStore
    /// Sessions are written one at a time, and few writes of one token wait: a reader who signs in again and
    /// again takes no database connection from the others.
    private let writes: ColdLane
    private let limiter: SignInLimiter
    private let clock: any WallClock
    private let logger: Logger
    private let origins: OriginPolicy

    /// - Parameter writes: a lane from `makeWriteLane`.
    package init(
        authenticator: Authenticator, sessions: any SessionStore, writes: ColdLane, limiter: SignInLimiter,
        clock: any WallClock, logger: Logger, origins: OriginPolicy
    ) {
        self.authenticator = authenticator
        self.sessions = sessions
        self.writes = writes
        self.limiter = limiter
        self.clock = clock
        self.logger = logger
        self.origins = origins
    }

    package var metrics: [String: String] {
        [
            "harbor_sign_ins_failed_total":
                "Sign-ins that failed, by reason: token (it is not valid), rate (too many failed from one address)."
        ]
    }

    package func addRoutes(to router: inout Router) {
        let options = RouteOptions(
            bodyLimit: 4_096, contentTypes: ["application/json", "application/x-www-form-urlencoded"])
        router.post("/session", options: options) { try create($0) }
        router.delete("/session") { try delete($0) }
    }

    private struct Body: Decodable {
        let token: String
    }

    /// Accepts JSON from the app's script, and a plain form without script.
    private func create(_ request: Request) throws -> Reply {
        try checkOrigin(request)
        let isForm = request.head[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        guard !isForm else {
            return form(QueryParameters(String(decoding: request.body, as: UTF8.self)), request)
        }
        let token = try jsonToken(request.body)
        let isSecure = isSecure(request)
        return .later {
            guard let session = try await signIn(token, request) else { throw Problem.unauthorized }
            return Response(.noContent, fields: [.setCookie: session.text(isSecure: isSecure)])
        }
    }

    private func delete(_ request: Request) throws -> Reply {
        try checkOrigin(request)
        let sessions = ShownCredentials(request)
        let isSecure = isSecure(request)
        return .later {
            try await signOut(sessions, request)
            return Response(.noContent, fields: [.setCookie: SessionCookie.ended.text(isSecure: isSecure)])
        }
    }

    /// A form cannot send DELETE, so it sends `_method=delete`. Its response redirects to the next page.
    private func form(_ fields: QueryParameters, _ request: Request) -> Reply {
        let sessions = ShownCredentials(request)
        let next = fields["next"].flatMap(SitePath.init(local:)) ?? .home
        let isSecure = isSecure(request)
        return .later {
            if fields["_method"] == "delete" {
                try await signOut(sessions, request)
                return seeOther(SitePath.signIn.text, cookie: SessionCookie.ended.text(isSecure: isSecure))
            }
            guard let token = fields["token"], let session = try await signIn(token, request) else {
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

    /// Ends every session that the browser shows: any that remained would sign the reader in again. Cookies
    /// without a right MAC may be made up: only one of them is looked up, and deleted if it is live, so that the
    /// rest take no place from readers who sign in.
    private func signOut(_ shown: ShownCredentials?, _ request: Request) async throws {
        var mayAsk = true
        for credential in shown.map(Array.init) ?? [] {
            guard case .session = credential else { return }
            do {
                var token = try authenticator.knownToken(behind: credential)
                if token == nil, !authenticator.isOurs(credential) {
                    guard mayAsk else { continue }
                    mayAsk = false
                    token = try await authenticator.token(behind: credential, askedBy: request.requester)
                }
                try await end(credential, askedBy: token.map { .token($0.name) } ?? request.requester)
            } catch Problem.unauthorized {}
        }
    }

    private func end(_ credential: Credential, askedBy requester: Requester) async throws {
        try await writes.run(for: requester) { () async throws(StoreError) in
            try await sessions.delete(hash: credential.hash)
        }
        authenticator.sessionEnded(hash: credential.hash)
    }

    /// - Returns: nil when the token is not valid.
    private func signIn(_ text: String, _ request: Request) async throws -> SessionCookie? {
        // Read before the token is checked: if anything changes after that, the session is looked up instead of
        // cached.
        let changes = authenticator.sessionChanges
        guard let token = try await token(text, request) else {
            limiter.failed(request.remoteAddress.host, requestID: request.requestID)
            return nil
        }
        guard let text = authenticator.signer.makeText() else { throw Problem.notReadyToSignIn }
        let session = Credential.session(text)
        let expiresAt = clock.now().advanced(by: Self.lifetime)
        try await write(session, of: token, expiresAt: expiresAt)
        var live = token
        live.expiresAt = min(token.expiresAt ?? expiresAt, expiresAt)
        authenticator.sessionMade(session, of: live, asOf: changes)
        return SessionCookie(value: text, maxAge: Self.lifetime)
    }

    private func write(_ session: Credential, of token: Token, expiresAt: Timestamp) async throws {
        let ended = try await writes.run(for: .token(token.name)) { () async throws(StoreError) in
            try await sessions.create(
                hash: session.hash, tokenName: token.name, expiresAt: expiresAt,
                keeping: Self.sessionsPerToken)
        }
        for hash in ended { authenticator.sessionEnded(hash: hash) }
        guard !ended.isEmpty else { return }
        logger.notice(
            "the least recently used sessions of a token ended: it has too many",
            metadata: [
                "token": "\(token.name)", "ended": .stringConvertible(ended.count),
                "limit": .stringConvertible(Self.sessionsPerToken),
            ])
    }

    /// The live token of a text. A token that the cache knows is valid whatever the limits say.
    /// - Returns: nil when the token is not valid.
    private func token(_ text: String, _ request: Request) async throws -> Token? {
        let credential = Credential(token: text)
        do {
            if let credential, let known = try authenticator.knownToken(behind: credential) { return known }
        } catch Problem.unauthorized {}
        let requester = request.requester
        let withdrawal = try limiter.begin(requester)
        guard let credential else { return nil }
        do {
            let token = try await authenticator.token(behind: credential, askedBy: requester)
            limiter.giveBack(withdrawal, of: requester)
            return token
        } catch Problem.unauthorized {
            return nil
        } catch {
            limiter.giveBack(withdrawal, of: requester)
            throw error
        }
    }

    /// Whether the browser uses TLS, to the proxy in front: then its cookie must not be sent over plain HTTP.
    private func isSecure(_ request: Request) -> Bool {
        request.forwardedScheme == .https
    }

    private func checkOrigin(_ request: Request) throws {
        try origins.checkHost(of: request)
        guard origins.admitsPage(of: request) else { throw OriginRefusal(foreign: request) }
    }

    private func jsonToken(_ body: [UInt8]) throws -> String {
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(body)) else {
            throw Problem(
                .badRequest, "malformed-body",
                detail: "The body must be a JSON object with a string \"token\".")
        }
        return body.token
    }
}
