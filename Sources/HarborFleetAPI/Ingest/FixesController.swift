package import Endpoint
package import EventLoops
package import FleetAccess
package import HarborFleet

/// `POST /api/v1/fleets/{fleet_id}/fixes`: fixes as JSON, signed by the rules of Standard Webhooks.
package struct FixesController: RouteGroup {
    private let gate: IngestGate

    /// A 401 leaves when the clock next reaches a multiple of this. A look-up of a fleet or a comparison takes
    /// far less, so the time of the response does not reveal which of them failed.
    private static let unauthorizedTick: Duration = .milliseconds(10)

    /// - Parameters:
    ///   - loops: the event loops that serve requests.
    ///   - retentionDays: `HARBOR_RETENTION_DAYS`.
    package init(
        fleets: Fleets, keys: PartnerKeys, uses: PartnerUses, limiter: PartnerLimiter,
        loops: [EventLoop], clock: any WallClock, retentionDays: Int
    ) {
        gate = IngestGate(
            authenticator: WebhookAuthenticator(clock: clock), fleets: fleets, keys: keys, uses: uses,
            limiter: limiter, bodies: RequestBodies(loops), largeBodies: LargeBodies(loops), clock: clock,
            retentionDays: retentionDays)
    }

    package var metrics: [String: String] {
        [
            "harbor_ingest_rate_limited_total": "POSTs refused because of a partner's limit, by limit.",
            "harbor_ingest_refused_total": "POSTs of fixes refused with 401, by cause.",
            "harbor_ingest_large_refused_total":
                "POSTs refused with 503: too many bytes of large bodies wait, in all or of one client, by cause.",
            "harbor_ingest_large_bytes": "Bytes of large bodies that wait to be read or are being read.",
            "harbor_ingest_seen_posts": "POSTs whose fleet is remembered, of partners with several fleets.",
            "harbor_ingest_seen_evicted_total":
                "POSTs forgotten too early, so that they could be replayed to another fleet of their partner.",
        ]
    }

    package func addRoutes(to router: inout Router) {
        let options = RouteOptions(
            bodyLimit: RequestBodies.limit, contentTypes: ["application/json"],
            unauthorizedTick: Self.unauthorizedTick, admits: { try gate.authenticator.checkHead($0) })
        router.post("/api/v1/fleets/:fleet_id/fixes", options: options) { try gate.reply(to: $0) }
    }
}
