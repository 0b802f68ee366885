internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// `GET /api/v1/fleets/{fleet_id}/live`: the fleet's events over a WebSocket.
struct LiveController: Sendable {
    let fleets: FleetContext
    let hub: LiveHub
    let authenticator: Authenticator
    let publicRead: Bool

    func live(_ request: Request) throws -> Reply {
        try authenticator.authenticated(request, tokenFromQuery: true) { request, identity in
            guard let fleetID = request.fleetID, identity.scope.contains(fleetID) else {
                throw Problem.unknownFleet
            }
            let credential = publicRead ? nil : Credential(request, fromQuery: true)
            try checkOrigin(request, credential)
            let access = LiveAccess(credential: credential, identity: identity, authenticator: authenticator)
            if fleets.snapshot(of: fleetID) != nil { return upgrade(request, fleetID, access) }
            return .decidedLater {
                _ = try await fleets.status(of: fleetID)
                return upgrade(request, fleetID, access)
            }
        }
    }

    /// A browser sends the cookie whatever page asks for the socket (RFC 6455, section 10.2).
    private func checkOrigin(_ request: Request, _ credential: Credential?) throws {
        guard case .session = credential else { return }
        guard request.head[.origin] != nil, request.hasOwnOrigin else { throw Problem.foreignOrigin }
    }

    private func upgrade(_ request: Request, _ fleetID: FleetID, _ access: LiveAccess) -> Reply {
        let place = request.query["since"].flatMap(StreamPosition.init)
        return .upgrade(
            WebSocketUpgrade { _ in
                LiveSession(
                    fleetID: fleetID, resumesFrom: place, access: access, fleets: fleets, hub: hub)
            })
    }
}
