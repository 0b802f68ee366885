package import Endpoint
package import EventLoops
internal import FleetAccess
internal import FleetWire
internal import HTTP1
internal import HTTPTypes
package import HarborFleet

/// `GET /api/v1/fleets/{fleet_id}/status` and below: read from the tracker's snapshot. Once the tracker runs,
/// this takes no `await`, unless the fleet is large and has changed.
///
/// A class, so that each route holds only one reference.
package final class StatusController: RouteGroup {
    private let fleets: Fleets
    private let authenticator: Authenticator
    private let origins: OriginPolicy
    private let filters: [any ResponseFilter]
    private let bodies: GzipBodies
    let largeStatuses: SingleFlight<FleetID, StatusResponses>

    /// - Parameters:
    ///   - filters: the endpoint's filters, which complete prepared responses.
    ///   - loops: the loops that serve requests; each compresses with streams of its own.
    ///   - makers: runs the encoding of large fleets' statuses.
    package init(
        fleets: Fleets, authenticator: Authenticator, origins: OriginPolicy,
        filters: [any ResponseFilter] = [], loops: [EventLoop], makers: OffLoopWork
    ) {
        self.fleets = fleets
        self.authenticator = authenticator
        self.origins = origins
        self.filters = filters
        bodies = GzipBodies(loops)
        largeStatuses = SingleFlight(makers: makers)
    }

    package var metrics: [String: String] { OffLoopWork.metrics }

    package func addRoutes(to router: inout Router) {
        router.get("/api/v1/fleets/:fleet_id/status") { [self] in try status($0) }
        router.get(
            "/api/v1/fleets/:fleet_id/vehicles/:vehicle_id", origins.guarding { [self] in try vehicle($0) })
    }

    /// The fleet's status.
    func status(_ request: Request) throws -> Reply {
        let known = request.kept as? KnownStatus
        if let known, known.isStill(for: request, generation: authenticator.generation),
            !authenticator.hasExpired(known.reader.identity)
        {
            return .prepared(known.response)
        }
        try origins.check(request)
        let last = known?.reader ?? request.kept as? Reader
        return try authenticator.authenticated(request, last: last) { [self] in
            try status($0, readBy: $1)
        }
    }

    private func status(_ request: Request, readBy reader: Reader) throws -> Reply {
        let fleetID = try request.fleetID(readBy: reader.identity)
        try KnownParameters.none.check(request)
        // Kept with the head in any case: a response that is made later, or is too large, is not kept.
        request.keep(reader)
        guard let cell = fleets.cell(of: fleetID) else { return laterStatus(of: fleetID, request) }
        let changes = cell.changes
        guard let snapshot = cell.snapshot, let responses = responses(for: snapshot, in: cell, to: request)
        else {
            return laterStatus(of: fleetID, request)
        }
        let response = try responses.response(to: request, compressingBy: bodies)
        if let known = KnownStatus(response, to: reader, from: cell, changes: changes) { request.keep(known) }
        return .prepared(response)
    }

    /// The responses for the snapshot; nil when making them would take too long on the loop.
    private func responses(
        for snapshot: FleetSnapshot, in cell: SnapshotCell, to request: Request
    ) -> StatusResponses? {
        guard snapshot.isLarge else { return cell.statusResponses(for: snapshot, through: filters) }
        guard let known = cell.knownStatusResponses(for: snapshot), known.isMade(for: request) else {
            return nil
        }
        return known
    }

    private func laterStatus(of fleetID: FleetID, _ request: Request) -> Reply {
        .decidedLater { [self] in
            let snapshot = try await fleets.status(of: fleetID, askedBy: request.requester)
            let responses =
                snapshot.isLarge
                ? try await largeResponses(
                    notOlderThan: snapshot, of: fleetID, isCompressed: request.takesGzip)
                : self.responses(for: snapshot, of: fleetID)
            return .prepared(try responses.response(to: request, compressingBy: bodies))
        }
    }

    /// Encodes the status off the loops. Of the requests that wait, the first encodes it for all that had
    /// arrived by then, even when the fleet has changed since, as it does all the time.
    private func largeResponses(
        notOlderThan asked: FleetSnapshot, of fleetID: FleetID, isCompressed: Bool
    ) async throws -> StatusResponses {
        try await largeStatuses.value(for: fleetID) { made in
            made.snapshot.isNotOlder(than: asked) && (!isCompressed || made.isCompressed)
        } make: { [self] in
            let responses =
                fleets.cell(of: fleetID)?.statusResponses(notOlderThan: asked)
                ?? responses(for: fleets.snapshot(of: fleetID) ?? asked, of: fleetID)
            if isCompressed { responses.compress() }
            return responses
        }
    }

    /// The fleet has no cell if it was removed a moment ago.
    private func responses(for snapshot: FleetSnapshot, of fleetID: FleetID) -> StatusResponses {
        fleets.cell(of: fleetID)?.statusResponses(for: snapshot, through: filters)
            ?? StatusResponses(snapshot, through: filters)
    }

    /// One vehicle of the status.
    private func vehicle(_ request: Request) throws -> Reply {
        try authenticator.authenticated(request) { [self] request, identity in
            let fleetID = try request.fleetID(readBy: identity)
            try KnownParameters.none.check(request)
            if let snapshot = fleets.snapshot(of: fleetID) { return try vehicle(request, in: snapshot) }
            return .decidedLater { [self] in
                try vehicle(request, in: try await fleets.status(of: fleetID, askedBy: request.requester))
            }
        }
    }

    private func vehicle(_ request: Request, in snapshot: FleetSnapshot) throws -> Reply {
        guard let id = request.vehicleID, let vehicle = snapshot.vehicles[id] else {
            throw Problem.unknownVehicle
        }
        var fields: HTTPFields = [.contentType: "application/json"]
        fields[.cacheControl] = "private, no-cache"
        fields[.vary] = "Accept-Encoding, Authorization"
        return .now(Response(.ok, fields: fields, body: .bytes(vehicle.encode())))
    }
}
