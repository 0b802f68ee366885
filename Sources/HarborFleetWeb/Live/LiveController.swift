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
        let generation = authenticator.generation
        return try authenticator.authenticated(request, tokenFromQuery: true) { request, identity in
            guard let fleetID = request.fleetID, identity.scope.contains(fleetID) else {
                throw Problem.unknownFleet
            }
            let credential = publicRead ? nil : Credential(request, fromQuery: true)
            try checkOrigin(request, credential)
            let live = LiveRequest(
                fleetID: fleetID, resumesFrom: request.query["since"].flatMap(StreamPosition.init),
                reader: credential.map {
                    LiveReader(credential: $0, identity: identity, generation: generation)
                })
            if let snapshot = fleets.snapshot(of: fleetID), !snapshot.isLarge || resumes(live) {
                return upgrade(live)
            }
            return .decidedLater {
                let snapshot = try await fleets.status(of: fleetID)
                return upgrade(snapshot.isLarge ? try await withFirst(live, notOlderThan: snapshot) : live)
            }
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

    /// A browser sends the cookie whatever page asks for the socket (RFC 6455, section 10.2).
    private func checkOrigin(_ request: Request, _ credential: Credential?) throws {
        guard case .session = credential else { return }
        guard request.head[.origin] != nil, request.hasOwnOrigin else { throw Problem.foreignOrigin }
    }

    private func upgrade(_ live: LiveRequest) -> Reply {
        .upgrade(WebSocketUpgrade { _ in LiveSession(live, fleets: fleets, hub: hub) })
    }
}
