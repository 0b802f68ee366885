internal import Crypto
internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// `POST /api/v1/fleets/{fleet_id}/fixes`: what partners send.
///
/// The signature is verified over the body as sent before anything of it is inflated or parsed. The 202 leaves only
/// after the commit.
struct FixesController: Sendable {
    let fleets: FleetContext
    let keys: PartnerKeys
    let uses: PartnerUses
    let limiter: PartnerLimiter
    let bodies: RequestBodies
    let clock: any WallClock
    let retentionDays: Int

    /// Judges what the head of a POST alone can say: whether the path names a fleet and the signature's fields are there
    /// and timely. The time is judged here only, since the body may take minutes.
    func admit(_ request: Request) throws {
        guard request.fleetID != nil, let signature = signature(of: request),
            signature.isTimely(at: clock.now())
        else { throw Problem.badSignature }
    }

    func ingest(_ request: Request) throws -> Reply {
        guard let fleetID = request.fleetID, let signature = signature(of: request) else {
            throw Problem.badSignature
        }
        if let known = keys.knownKeys(of: fleetID) {
            if let secret = signature.verify(request.body, with: known) {
                return try verified(request, fleetID, signature, secret)
            }
            guard keys.mayBeStale(fleetID) else { throw Problem.badSignature }
        }
        let start = fleets.postTime
        return .decidedLater {
            let asked = try await fleets.inTime(since: start) { try await keys.keys(of: fleetID) }
            guard let secret = signature.verify(request.body, with: asked) else {
                throw Problem.badSignature
            }
            return try verified(request, fleetID, signature, secret, since: start)
        }
    }

    private func signature(of request: Request) -> WebhookSignature? {
        WebhookSignature(
            id: request.head[.webhookID], timestamp: request.head[.webhookTimestamp],
            signature: request.head[.webhookSignature])
    }

    private func verified(
        _ request: Request, _ fleetID: FleetID, _ signature: WebhookSignature, _ secret: SigningSecret,
        since start: ContinuousClock.Instant? = nil
    ) throws -> Reply {
        let started = try limiter.admitRequest(of: secret.partnerID, limits: secret.limits)
        let now = clock.now()
        let batch = try FixBatchDecoder.decode(
            bodies.content(of: request), rules: FixRules(now: now, retentionDays: retentionDays))
        let charge = try limiter.admit(fixes: batch.fixes.count, started)
        let post = IngestPost(
            partnerID: secret.partnerID, webhookID: signature.id, receivedAt: now,
            bodyBytes: request.body.count, bodyHash: Array(SHA256.hash(data: request.body)), since: start)
        return .later {
            let receipt: IngestReceipt
            do throws(FleetError) {
                receipt = try await recorded(batch, post, fleetID, charge)
            } catch {
                // It was removed a moment ago: an unknown fleet is told by no other answer than a wrong signature.
                if error == .unknownFleet { throw Problem.badSignature }
                throw error
            }
            uses.noteUse(of: secret.partnerID)
            let fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
            return Response(.accepted, fields: fields, body: .bytes(receipt.encode()))
        }
    }

    private func recorded(
        _ batch: FixBatch, _ post: IngestPost, _ fleetID: FleetID, _ charge: RateCharge
    ) async throws(FleetError) -> IngestReceipt {
        do throws(FleetError) {
            return try await fleets.ingest(batch, post: post, into: fleetID)
        } catch {
            if error.isOfTheServer { limiter.giveBack(charge) }
            throw error
        }
    }
}

extension FleetError {
    /// Whether the POST could not be taken for a reason that is not its own: then it counts as nothing.
    fileprivate var isOfTheServer: Bool {
        switch self {
        case .unavailable, .overloaded, .quarantined, .noPlaceYet, .refused: true
        case .unknownFleet, .allRejected, .notStorable: false
        }
    }
}

extension HTTPField.Name {
    /// Header fields of Standard Webhooks. The literals are valid names, so that the fallback is never used.
    static let webhookID = Self("webhook-id") ?? .from
    static let webhookTimestamp = Self("webhook-timestamp") ?? .from
    static let webhookSignature = Self("webhook-signature") ?? .from
}

extension Request {
    /// The fleet that the path names; nil when no fleet can have that id.
    var fleetID: FleetID? { parameters["fleet_id"].flatMap(FleetID.init) }

    /// The vehicle that the path names; nil when no vehicle can have that id.
    var vehicleID: VehicleID? { parameters["vehicle_id"].flatMap(VehicleID.init) }
}
