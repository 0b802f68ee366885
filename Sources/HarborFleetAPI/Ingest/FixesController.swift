internal import Crypto
package import Endpoint
package import EventLoops
package import FleetAccess
internal import FleetWire
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
internal import Supervision

/// `POST /api/v1/fleets/{fleet_id}/fixes`: what partners send.
///
/// The signature is verified over the body as sent before anything of it is inflated or parsed. The 202 leaves only
/// after the commit. A small body is verified and read on the loop, a large one on none.
package struct FixesController: RouteGroup {
    private let fleets: FleetContext
    private let keys: PartnerKeys
    private let uses: PartnerUses
    private let limiter: PartnerLimiter
    private let bodies: RequestBodies
    private let largeBodies: LargeBodies
    private let seen = SeenPosts(memory: seenPostsMemory)
    private let clock: any WallClock
    private let retentionDays: Int

    /// A 401 leaves when the clock is next at a multiple of this. What a look-up of a fleet or a comparison takes is far
    /// below it.
    private static let unauthorizedTick: Duration = .milliseconds(10)
    /// After its timestamp a POST can begin for the tolerance, and then its body may take its time: only then is it too late
    /// to come again.
    private static let seenPostsMemory = WebhookSignature.tolerance + EndpointTimeouts().bodyTotal

    /// - Parameters:
    ///   - loops: those that serve requests.
    ///   - retentionDays: `HARBOR_RETENTION_DAYS`.
    package init(
        fleets: FleetContext, keys: PartnerKeys, uses: PartnerUses, limiter: PartnerLimiter,
        loops: [EventLoop], clock: any WallClock, retentionDays: Int
    ) {
        self.fleets = fleets
        self.keys = keys
        self.uses = uses
        self.limiter = limiter
        bodies = RequestBodies(loops)
        largeBodies = LargeBodies(loops)
        self.clock = clock
        self.retentionDays = retentionDays
    }

    package var metrics: [String: String] {
        [
            "harbor_ingest_rate_limited_total": "POSTs refused because of a partner's limit, by limit.",
            "harbor_ingest_refused_total": "POSTs of fixes answered 401, by cause.",
            "harbor_ingest_large_refused_total":
                "POSTs of large bodies answered 503 since too many bytes of all, or of one client, wait to be read, by cause.",
            "harbor_ingest_large_bytes": "Bytes of large bodies that wait to be read, or are being read.",
            "harbor_ingest_seen_posts": "POSTs whose fleet is remembered, of partners with several.",
            "harbor_ingest_seen_evicted_total":
                "POSTs forgotten before their time, which could be sent to another fleet of their partner.",
        ]
    }

    package func addRoutes(to router: inout Router) {
        let options = RouteOptions(
            bodyLimit: RequestBodies.limit, contentTypes: ["application/json"],
            unauthorizedTick: Self.unauthorizedTick, admits: { try checkHead($0) })
        router.post("/api/v1/fleets/:fleet_id/fixes", options: options) { try ingest($0) }
    }

    /// Refuses a POST whose head tells already that nothing will verify: the path names no fleet's id, a signature field is
    /// missing or malformed, or its time is too far from ours. The time is not judged again when the body is here, which
    /// may have taken minutes. Nothing is decoded: that is done once, when the body is here.
    private func checkHead(_ request: Request) throws {
        guard let fleetID = request.fleetID else { throw IngestRefusal(.unknownFleet) }
        let head = request.head
        guard head.contains(.webhookID), let signature = head[.webhookSignature],
            let timestamp = head[.webhookTimestamp]
        else { throw WebhookSignature.missing(in: head).of(fleetID) }
        guard WebhookSignature.isOfForm(signature) else {
            throw WebhookSignature.malformed(.webhookSignature).of(fleetID)
        }
        do throws(IngestRefusal) {
            try WebhookSignature.checkTime(timestamp, now: clock.now())
        } catch {
            throw error.of(fleetID)
        }
    }

    private func ingest(_ request: Request) throws -> Reply {
        // Without a body there was no head to judge before it.
        if request.body.isEmpty { try checkHead(request) }
        let post = try SignedPost(request, by: fleets.postDeadline)
        guard !post.isLarge else { return decidedLater(post) }
        let known = keys.knownKeys(of: post.fleetID)
        if let known {
            do {
                if let taken = try take(post, known, contentLimit: LargeBodies.mostOnLoop) {
                    return recorded(taken)
                }
            } catch is LargeContent {
                return decidedLater(post)
            }
            guard keys.mayBeStale(post.fleetID) else { throw refusal(of: post, known) }
        }
        return .decidedLater { try await asked(post, tried: known) }
    }

    // MARK: Verifying

    /// As `ingest` does it on the loop, for what is too large for that.
    private func decidedLater(_ post: SignedPost) -> Reply {
        .decidedLater {
            let known = keys.knownKeys(of: post.fleetID)
            if let known {
                if let taken = try await takeOffLoop(post, known) { return recorded(taken) }
                guard keys.mayBeStale(post.fleetID) else { throw refusal(of: post, known) }
            }
            return try await asked(post, tried: known)
        }
    }

    /// Asks the store for the fleet's secrets, and tries those that it has now.
    /// - Parameter tried: the keys that did not fit, which are not tried again; nil when there were none to try.
    private func asked(_ post: SignedPost, tried: [PartnerKey]?) async throws -> Reply {
        let found = try await fleets.inTime(by: post.deadline) {
            try await keys.keys(of: post.fleetID, askedBy: post.request.requester)
        }
        guard tried.map({ $0.map(\.secret) != found.map(\.secret) }) ?? true else {
            throw refusal(of: post, found)
        }
        if !post.isLarge {
            do {
                let taken = try take(post, found, contentLimit: LargeBodies.mostOnLoop)
                guard let taken else { throw refusal(of: post, found) }
                return recorded(taken)
            } catch is LargeContent {}
        }
        guard let taken = try await takeOffLoop(post, found) else {
            throw refusal(of: post, found)
        }
        return recorded(taken)
    }

    private func takeOffLoop(_ post: SignedPost, _ keys: [PartnerKey]) async throws -> TakenPost? {
        try await largeBodies.run(post.request.body.count, from: post.request.remoteAddress) {
            try take(post, keys, contentLimit: RequestBodies.limit)
        }
    }

    /// - Parameter keys: those that do not fit. A fleet that has any is known, though the directory may not have heard of it.
    private func refusal(of post: SignedPost, _ keys: [PartnerKey]) -> IngestRefusal {
        let isKnown = !keys.isEmpty || fleets.knows(post.fleetID)
        guard isKnown else { return IngestRefusal(.unknownFleet, fleetID: post.fleetID) }
        return IngestRefusal(.noSecretFits, fleetID: post.fleetID, post: post)
    }

    // MARK: Taking

    /// Verifies a POST and reads its body.
    /// - Returns: nil when no key fits.
    /// - Throws: `LargeContent` when more than `contentLimit` bytes come out of the body, which is less than it may hold.
    private func take(
        _ post: SignedPost, _ keys: [PartnerKey], contentLimit: Int
    ) throws -> TakenPost? {
        let body = post.request.body
        guard let secret = post.signature.verify(body, with: keys) else { return nil }
        let now = clock.now()
        let bodyHash = Array(SHA256.hash(data: body))
        if secret.fleetBinding == .memory {
            let isForThisFleet = seen.admit(
                id: post.signature.id, timestampSeconds: post.signature.timestampSeconds, bodyHash: bodyHash,
                of: secret.partnerID, to: post.fleetID, now: now)
            guard isForThisFleet else {
                throw IngestRefusal(.otherFleet, fleetID: post.fleetID, partnerID: secret.partnerID)
            }
        }
        let started = try limiter.admitRequest(of: secret.partnerID, limits: secret.limits)
        var rules = FixRules(now: now, retentionDays: retentionDays)
        rules.fleetID = post.fleetID
        rules.requiresFleetID = secret.fleetBinding == .member
        let content: [UInt8]
        do {
            content = try bodies.content(of: post.request, limit: contentLimit)
        } catch let error as LargeContent {
            limiter.giveBack(started)
            throw error
        }
        let batch = try FixBatchDecoder.decode(content, rules: rules)
        let charge = try limiter.admit(fixes: batch.fixes.count, started)
        return TakenPost(
            batch: batch,
            post: IngestPost(
                partnerID: secret.partnerID, webhookID: post.signature.id, receivedAt: now,
                bodyBytes: body.count, bodyHash: bodyHash),
            fleetID: post.fleetID, partnerID: secret.partnerID, charge: charge, deadline: post.deadline)
    }

    private func recorded(_ taken: TakenPost) -> Reply {
        .later {
            let receipt: IngestReceipt
            do throws(FleetError) {
                receipt = try await record(taken)
            } catch {
                // It was removed a moment ago: an unknown fleet is told by no other answer than a wrong signature.
                guard error != .unknownFleet else {
                    throw IngestRefusal(
                        .unknownFleet, fleetID: taken.fleetID, partnerID: taken.partnerID)
                }
                throw error
            }
            uses.noteUse(of: taken.partnerID)
            let fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
            return Response(.accepted, fields: fields, body: .bytes(receipt.encode()))
        }
    }

    private func record(_ taken: TakenPost) async throws(FleetError) -> IngestReceipt {
        do throws(FleetError) {
            return try await fleets.ingest(
                taken.batch, post: taken.post, into: taken.fleetID, by: taken.deadline)
        } catch {
            if error.isOfTheServer { limiter.giveBack(taken.charge) }
            throw error
        }
    }
}

/// A verified POST that was read and is not recorded yet.
private struct TakenPost: Sendable {
    let batch: FixBatch
    let post: IngestPost
    let fleetID: FleetID
    let partnerID: PartnerID
    let charge: RateCharge
    let deadline: Deadline
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
