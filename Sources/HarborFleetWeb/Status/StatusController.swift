internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// `GET /api/v1/fleets/{fleet_id}/status` and below: answered from the tracker's snapshot, without an `await`
/// once the tracker runs.
struct StatusController: Sendable {
    let fleets: FleetContext
    let authenticator: Authenticator
    let cache = StatusCache()

    func status(_ request: Request) throws -> Reply {
        try withSnapshot(request) { request, snapshot in
            guard !request.holds(snapshot.entityTag) else {
                return .now(Response(.notModified, fields: snapshot.cacheFields))
            }
            return .prepared(cache.response(for: snapshot))
        }
    }

    func vehicle(_ request: Request) throws -> Reply {
        try withSnapshot(request) { request, snapshot in
            guard let id = request.vehicleID, let vehicle = snapshot.vehicles[id] else {
                throw Problem.unknownVehicle
            }
            var fields: HTTPFields = [.contentType: "application/json"]
            fields[.cacheControl] = "private, no-cache"
            fields[.vary] = "Accept-Encoding, Authorization"
            return .now(Response(.ok, fields: fields, body: .bytes(vehicle.encode())))
        }
    }

    private func withSnapshot(
        _ request: Request, _ answer: @escaping @Sendable (Request, FleetSnapshot) throws -> Reply
    ) throws -> Reply {
        try authenticator.authenticated(request) { request, identity in
            guard let fleetID = request.fleetID, identity.scope.contains(fleetID) else {
                throw Problem.unknownFleet
            }
            if let snapshot = fleets.snapshot(of: fleetID) { return try answer(request, snapshot) }
            return .decidedLater { try answer(request, try await fleets.status(of: fleetID)) }
        }
    }
}
