package import Endpoint
internal import FleetAccess
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// `GET /api/v1/fleets/{fleet_id}/live`: the fleet's events over a WebSocket.
package struct LiveController: RouteGroup {
    private let hub: LiveHub
    private let origins: OriginPolicy
    private let publicRead: Bool

    package init(hub: LiveHub, origins: OriginPolicy, publicRead: Bool) {
        self.hub = hub
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
            do {
                _ = try await hub.authenticator.identity(of: token, askedBy: request.requester)
            } catch Problem
                .unauthorized
            {
                throw OriginRefusal(foreign: request)
            }
            return try stream(request)
        }
    }

    /// A browser sends the cookie whatever page opens the socket, and always names that page in `Origin` (RFC
    /// 6455 section 10.2).
    /// - Returns: the token of a page of another site, where reads need none. Such a page may read only if the
    ///   token is valid.
    /// - Throws: `OriginRefusal`, which is 403.
    private func tokenOfForeignPage(_ request: Request) throws -> Credential? {
        let credential = Credential(request, fromQuery: true)
        let isForeign = !origins.admitsPage(of: request)
        if case .session = credential, isForeign || !publicRead && request.head[.origin] == nil {
            throw OriginRefusal(foreign: request)
        }
        guard isForeign, publicRead else { return nil }
        guard let credential else { throw OriginRefusal(foreign: request) }
        return credential
    }

    private func stream(_ request: Request) throws -> Reply {
        if let reader = try hub.authenticator.knownReader(of: request, tokenFromQuery: true) {
            return try stream(request, to: reader)
        }
        return .decidedLater {
            try stream(request, to: try await hub.authenticator.reader(of: request, tokenFromQuery: true))
        }
    }

    private func stream(_ request: Request, to reader: Reader) throws -> Reply {
        let fleetID = try request.fleetID(readBy: reader.identity)
        let query = try LiveQuery(request.query)
        let live = LiveRequest(fleetID: fleetID, resumesFrom: query.since, reader: reader)
        // A stream that can resume now probably needs no snapshot.
        if let snapshot = hub.fleets.snapshot(of: fleetID),
            !snapshot.isLarge || query.since.flatMap({ hub.fleets.resume(fleetID, since: $0) }) != nil
        {
            return upgrade(live)
        }
        return .decidedLater {
            let snapshot = try await hub.fleets.status(of: fleetID, askedBy: request.requester)
            // Encoded off the loops, once for all requests that arrive together.
            let first = snapshot.isLarge ? try await hub.largeFrame(notOlderThan: snapshot) : nil
            return upgrade(live, first)
        }
    }

    private func upgrade(_ live: LiveRequest, _ first: SnapshotFrame? = nil) -> Reply {
        .upgrade(WebSocketUpgrade { hub.stream(live, from: first, to: $0) })
    }
}
