package import Endpoint
package import EventLoops
package import FleetAccess
package import HarborFleet

/// `POST /api/v1/fleets/{fleet_id}/fixes`: fixes as JSON, signed by the rules of Standard Webhooks.
package struct FixesController: RouteGroup {
    private let gate: IngestGate

    /// A 401 leaves when the clock is next at a multiple of this. What a look-up of a fleet or a comparison takes is far
    /// below it.
    private static let unauthorizedTick: Duration = .milliseconds(10)

    /// - Parameters:
    ///   - loops: those that serve requests.
    ///   - retentionDays: `HARBOR_RETENTION_DAYS`.
    package init(
        fleets: FleetContext, keys: PartnerKeys, uses: PartnerUses, limiter: PartnerLimiter,
        loops: [EventLoop], clock: any WallClock, retentionDays: Int
    ) {
        gate = IngestGate(
            authenticator: WebhookAuthenticator(clock: clock), fleets: fleets, keys: keys, uses: uses,
            limiter: limiter, bodies: RequestBodies(loops), largeBodies: LargeBodies(loops), clock: clock,
            retentionDays: retentionDays)
    }

    package func addRoutes(to router: inout Router) {
        let options = RouteOptions(
            bodyLimit: RequestBodies.limit, contentTypes: ["application/json"],
            unauthorizedTick: Self.unauthorizedTick, admits: { try gate.authenticator.checkHead($0) })
        router.post("/api/v1/fleets/:fleet_id/fixes", options: options) { try gate.reply(to: $0) }
    }
}
