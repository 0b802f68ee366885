package import Endpoint
internal import FleetAccess
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
package import HarborFleetAPI

/// Serves the pages of the web app. A browser without a valid session is sent to the sign-in page, and returns
/// afterwards.
package struct PagesController: RouteGroup {
    private let fleets: Fleets
    private let authenticator: Authenticator
    private let lists: FleetLists
    private let pages: FleetPages
    private let session: SessionLink
    private let clock: any WallClock
    private let origins: OriginPolicy

    /// - Parameters:
    ///   - clock: gives the time that a page shows.
    ///   - makers: runs the rendering of large pages.
    ///   - render: renders the page of a fleet; nil means `FleetPage`.
    package init(
        fleets: Fleets, lists: FleetLists, authenticator: Authenticator, map: MapOptions,
        publicRead: Bool, origins: OriginPolicy, clock: any WallClock, makers: OffLoopWork,
        render: FleetPages.Render? = nil
    ) {
        self.origins = origins
        self.clock = clock
        self.fleets = fleets
        self.lists = lists
        self.authenticator = authenticator
        let session: SessionLink = publicRead ? .none : .signOut
        self.session = session
        pages = FleetPages(
            makers: makers, clock: clock, render: render ?? { Self.render($0, $1, asOf: $2, map, session) })
    }

    package func addRoutes(to router: inout Router) {
        router.get("/", origins.guarding { try home($0) })
        router.get("/fleets/:fleet_id", origins.guarding { try fleet($0) })
        router.get("/sign-in", origins.guarding { signIn($0) })
    }

    /// `/`: the list of fleets.
    private func home(_ request: Request) throws -> Reply {
        try page(request, returningTo: .home) { _, identity in
            .later {
                let body = try await lists.body(of: identity.scope, as: .page) {
                    let page = FleetListPage(
                        fleets: $0, asOf: clock.now().rfc3339, session: session)
                    return CodedBody(bytes: page.render(), coding: .identity)
                }
                return html(body.bytes)
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
                let fleet = try await fleets.fleet(fleetID, askedBy: request.requester)
                return html(try await pages.page(of: fleet, snapshot))
            }
        }
    }

    /// `/sign-in`.
    private func signIn(_ request: Request) -> Reply {
        let next = request.query["next"].flatMap(SitePath.init(local:)) ?? .home
        let problem = request.query["problem"] == nil ? nil : "This token is not valid."
        return .now(html(SignInPage(next: next, problem: problem).render()))
    }

    /// Like `Authenticator.authenticated`, but for people: without a valid credential the reply leads to the
    /// sign-in page.
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
            .contentType: "text/html; charset=utf-8",  // Not even the back button shows it after sign-out.
            .cacheControl: "no-store",
        ]
        return Response(.ok, fields: fields, body: .bytes(bytes))
    }

    /// Linear in the number of vehicles; only the vehicles that are shown are formatted.
    static func render(
        _ fleet: Fleet, _ snapshot: FleetSnapshot, asOf: Timestamp, _ map: MapOptions, _ session: SessionLink
    ) -> [UInt8] {
        FleetPage(
            fleet: fleet, counts: snapshot.counts, asOf: asOf.rfc3339,
            rows: snapshot.firstVehicles(FleetPage.maximumRows),
            vehicles: snapshot.vehicles.count, map: map, session: session
        ).render()
    }
}
