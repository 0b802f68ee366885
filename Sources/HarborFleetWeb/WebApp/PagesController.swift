internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// The operator's pages. A browser without a valid session is sent to sign in and comes back afterwards.
struct PagesController: Sendable {
    let fleets: FleetContext
    let overview: FleetOverview
    let authenticator: Authenticator
    let map: MapOptions
    let publicRead: Bool

    /// `/`: the fleets.
    func home(_ request: Request) throws -> Reply {
        try page(request, returningTo: .home) { _, identity in
            .later {
                let lines = try await overview.fleets(visibleTo: identity)
                return html(FleetListPage(fleets: lines.map(summary), session: session).render())
            }
        }
    }

    /// `/fleets/{fleet_id}`: the map and the table.
    func fleet(_ request: Request) throws -> Reply {
        guard let fleetID = request.fleetID else { throw Problem.unknownFleet }
        return try page(request, returningTo: .fleet(fleetID.rawValue)) { request, identity in
            guard identity.scope.contains(fleetID) else { throw Problem.unknownFleet }
            return .later {
                let snapshot = try await fleets.status(of: fleetID, askedBy: request.requester)
                let fleet = try await fleets.fleets().first { $0.id == fleetID }
                return html(render(fleet ?? Fleet(id: fleetID, name: fleetID.rawValue), snapshot))
            }
        }
    }

    /// `/sign-in`.
    func signIn(_ request: Request) -> Reply {
        let next = request.query["next"].flatMap(SitePath.init(local:)) ?? .home
        let problem = request.query["problem"] == nil ? nil : "This token is not valid."
        return .now(html(SignInPage(next: next, problem: problem).render()))
    }

    private var session: SessionLink { publicRead ? .none : .signOut }

    /// Like `Authenticator.authenticated`, but for people: not signed in means the sign-in page.
    private func page(
        _ request: Request, returningTo path: SitePath,
        _ handler: @escaping @Sendable (Request, Identity) throws -> Reply
    ) throws -> Reply {
        do {
            let reply = try authenticator.authenticated(request, handler)
            guard case .decidedLater(let decide) = reply else { return reply }
            return .decidedLater {
                do { return try await decide() } catch Problem.unauthorized { return toSignIn(path) }
            }
        } catch Problem.unauthorized {
            return toSignIn(path)
        }
    }

    private func toSignIn(_ path: SitePath) -> Reply {
        let location = SitePath.signIn(returningTo: path).text
        return .now(Response(.seeOther, fields: [.location: location, .cacheControl: "no-store"]))
    }

    private func html(_ bytes: [UInt8]) -> Response {
        let fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8",  // Nor for the button that goes back, after sign-out.
            .cacheControl: "no-store",
        ]
        return Response(.ok, fields: fields, body: .bytes(bytes))
    }

    private func render(_ fleet: Fleet, _ snapshot: FleetSnapshot) -> [UInt8] {
        let line = FleetOverview.Line(fleet: fleet, counts: snapshot.counts)
        let rows = snapshot.sortedVehicles.map(VehicleRow.init)
        let asOf = RFC3339.format(snapshot.asOf)
        return FleetPage(fleet: summary(line), asOf: asOf, rows: rows, map: map, session: session).render()
    }

    private func summary(_ line: FleetOverview.Line) -> FleetSummary {
        let counts = line.counts.map { VehicleCounts(moving: $0.moving, idle: $0.idle, offline: $0.offline) }
        return FleetSummary(fleetID: line.fleet.id.rawValue, name: line.fleet.name, counts: counts)
    }
}

extension VehicleRow {
    fileprivate init(_ vehicle: VehicleStatus) {
        let fix = vehicle.newest.fix
        self.init(
            vehicleID: fix.vehicleID.rawValue, state: State(rawValue: vehicle.state.rawValue) ?? .offline,
            latitudeDegrees: fix.latitudeDegrees, longitudeDegrees: fix.longitudeDegrees,
            speedMetersPerSecond: fix.speedMetersPerSecond, headingDegrees: fix.headingDegrees,
            recordedAt: RFC3339.format(fix.recordedAt))
    }
}
