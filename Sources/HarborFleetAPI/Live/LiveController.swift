package import Endpoint
internal import FleetAccess
internal import HTTP1
internal import HTTPTypes
package import HarborFleet

/// `GET /api/v1/fleets/{fleet_id}/live`: the fleet's events over a WebSocket.
package struct LiveController: RouteGroup {
    private let fleets: FleetContext
    private let hub: LiveHub
    private let authenticator: Authenticator
    private let origins: OriginPolicy
    private let publicRead: Bool

    package init(
        fleets: FleetContext, hub: LiveHub, authenticator: Authenticator, origins: OriginPolicy,
        publicRead: Bool
    ) {
        self.fleets = fleets
        self.hub = hub
        self.authenticator = authenticator
        self.origins = origins
        self.publicRead = publicRead
    }

    package func addRoutes(to router: inout Router) {
        router.get("/api/v1/fleets/:fleet_id/live") { try live($0) }
    }

    func live(_ request: Request) throws -> Reply {
        try origins.checkHost(of: request)
        guard let token = try tokenOfForeignPage(request) else { return try stream(request) }
        return .decidedLater {
            do { _ = try await authenticator.identity(of: token, askedBy: request.requester) } catch Problem
                .unauthorized
            {
                throw OriginRefusal(foreign: request)
            }
            return try stream(request)
        }
    }

    /// A browser sends the cookie whatever page asks for the socket (RFC 6455, section 10.2), and always says which one.
    /// - Returns: the token by which a page of another site may read where others need none: it has to be valid.
    /// - Throws: `OriginRefusal`, which is 403.
    private func tokenOfForeignPage(_ request: Request) throws -> Credential? {
        let credential = Credential(request, fromQuery: true)
        if !publicRead, case .session = credential, request.head[.origin] == nil {
            throw OriginRefusal(foreign: request)
        }
        guard !origins.admitsPage(of: request) else { return nil }
        switch credential {
        case .token: return publicRead ? credential : nil
        case .session: throw OriginRefusal(foreign: request)
        case nil: if publicRead { throw OriginRefusal(foreign: request) }
        }
        return nil
    }

    private func stream(_ request: Request) throws -> Reply {
        guard !publicRead else { return try stream(request, to: nil) }
        // Before anything known is read.
        let generation = authenticator.generation
        if let reader = try authenticator.knownReader(of: request, tokenFromQuery: true) {
            return try stream(request, to: LiveReader(reader, generation: generation))
        }
        return .decidedLater {
            let reader = try await authenticator.reader(of: request, tokenFromQuery: true)
            return try stream(request, to: LiveReader(reader, generation: generation))
        }
    }

    /// - Parameter reader: nil where reads need no token.
    private func stream(_ request: Request, to reader: LiveReader?) throws -> Reply {
        let identity = reader?.identity ?? .anyone
        guard let fleetID = request.fleetID, identity.scope.contains(fleetID) else {
            throw Problem.unknownFleet
        }
        let query = try LiveQuery(request.query)
        let live = LiveRequest(fleetID: fleetID, resumesFrom: query.since, reader: reader)
        if let snapshot = fleets.snapshot(of: fleetID), !snapshot.isLarge || resumes(live) {
            return upgrade(live)
        }
        return .decidedLater {
            let snapshot = try await fleets.status(of: fleetID, askedBy: request.requester)
            return upgrade(snapshot.isLarge ? try await withFirst(live, notOlderThan: snapshot) : live)
        }
    }

    /// Whether the stream needs no snapshot, as it seems.
    private func resumes(_ live: LiveRequest) -> Bool {
        live.resumesFrom.map { fleets.resume(live.fleetID, since: $0) != nil } ?? false
    }

    /// Has a large fleet's first snapshot made on no loop, for all who come at once.
    private func withFirst(_ live: LiveRequest, notOlderThan asked: FleetSnapshot) async throws -> LiveRequest
    {
        let first = try await hub.largeFrame(notOlderThan: asked, from: fleets)
        return LiveRequest(
            fleetID: live.fleetID, resumesFrom: live.resumesFrom, reader: live.reader, first: first)
    }

    private func upgrade(_ live: LiveRequest) -> Reply {
        .upgrade(WebSocketUpgrade { _ in LiveSession(live, fleets: fleets, hub: hub) })
    }
}
