internal import Endpoint
internal import HTTPTypes
internal import HarborFleet

/// `GET /api/v1/fleets`: the fleets that the reader may see, with the number of vehicles in each state.
struct FleetsController: Sendable {
    let overview: FleetOverview
    let authenticator: Authenticator
    let gzip: GzipBodies

    private struct Fleets: Encodable {
        struct Fleet: Encodable {
            let fleetId: String
            let name: String
            let counts: Counts?
        }

        struct Counts: Encodable {
            let moving: Int
            let idle: Int
            let offline: Int
        }

        let fleets: [Fleet]
    }

    func list(_ request: Request) throws -> Reply {
        try authenticator.authenticated(request) { request, identity in
            .later {
                gzip.coded(Self.response(try await overview.fleets(visibleTo: identity)), for: request)
            }
        }
    }

    private static func response(_ fleets: [FleetOverview.Line]) -> Response {
        let fleets = fleets.map { line in
            let counts = line.counts.map {
                Fleets.Counts(moving: $0.moving, idle: $0.idle, offline: $0.offline)
            }
            return Fleets.Fleet(fleetId: line.fleet.id.rawValue, name: line.fleet.name, counts: counts)
        }
        let fields: HTTPFields = [
            .cacheControl: "private, no-cache", .vary: "Accept-Encoding, Authorization",
        ]
        return JSONResponse.make(Fleets(fleets: fleets), fields: fields)
    }
}
