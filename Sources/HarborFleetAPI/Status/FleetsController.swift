package import Endpoint
internal import HTTPTypes
internal import HarborFleet

/// `GET /api/v1/fleets`: the fleets that the reader may see, with the number of vehicles in each state.
package struct FleetsController: RouteGroup {
    private let lists: FleetLists
    private let authenticator: Authenticator
    private let origins: OriginPolicy

    package init(lists: FleetLists, authenticator: Authenticator, origins: OriginPolicy) {
        self.lists = lists
        self.authenticator = authenticator
        self.origins = origins
    }

    package func addRoutes(to router: inout Router) {
        router.get("/api/v1/fleets", origins.guarding { try list($0) })
    }

    private struct FleetList: Encodable {
        struct Fleet: Encodable {
            let fleetId: String
            let name: String
            /// Vehicles by state; left out while the fleet cannot be served.
            let counts: [String: Int]?
        }

        let fleets: [Fleet]
    }

    private func list(_ request: Request) throws -> Reply {
        try authenticator.authenticated(request) { request, identity in
            try KnownParameters.none.check(request)
            let isCompressed = request.takesGzip
            return .later {
                let body = try await lists.body(of: identity.scope, as: .json(isCompressed: isCompressed)) {
                    GzipBodies.coded(Self.encode($0), compressed: isCompressed)
                }
                return body.response([
                    .contentType: "application/json", .cacheControl: "private, no-cache",
                    .vary: "Accept-Encoding, Authorization",
                ])
            }
        }
    }

    private static func encode(_ fleets: [FleetOverview.Line]) -> [UInt8] {
        let fleets = fleets.map { line in
            let counts = line.counts.map { counts in
                let byState = VehicleState.allCases.map { ($0.rawValue, counts[state: $0]) }
                return Dictionary(uniqueKeysWithValues: byState)
            }
            return FleetList.Fleet(fleetId: line.fleet.id.rawValue, name: line.fleet.name, counts: counts)
        }
        return JSONResponse.encode(FleetList(fleets: fleets))
    }
}
