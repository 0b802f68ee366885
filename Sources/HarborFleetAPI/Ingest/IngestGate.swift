internal import Crypto
internal import Endpoint
internal import EventLoops
internal import FleetAccess
internal import FleetWire
internal import HTTPTypes
internal import HarborFleet
internal import Supervision

/// Authenticates, admits, decodes and records a POST of fixes, and responds to it, in this order.
///
/// A device protocol is an authenticator and a decoder; the rest is the same for all of them. The signature is
/// verified over the body as sent, before any of it is inflated or parsed. The 202 leaves only after the commit.
/// A small body is verified and read on the event loop, a large one off the loops.
struct IngestGate: Sendable {
    let authenticator: any PostAuthenticator
    /// Reads the fixes of a body.
    var decode: @Sendable ([UInt8], FixRules) throws(FixBatchError) -> FixBatch = {
        body, rules throws(FixBatchError) in try FixBatchDecoder.decode(body.span, rules: rules)
    }
    let fleets: Fleets
    let keys: PartnerKeys
    let uses: PartnerUses
    let limiter: PartnerLimiter
    let bodies: RequestBodies
    let largeBodies: LargeBodies
    let clock: any WallClock
    let retentionDays: Int
    /// How long posts are remembered. A POST may begin until its timestamp is older than the tolerance, and its
    /// body may then take its full time. Only after both is it too late to send the POST again.
    private let seen = SeenPosts(memory: WebhookSignature.tolerance + EndpointTimeouts().bodyTotal)

    /// The reply to a POST. The POST's deadline counts from this call.
    func reply(to request: Request) throws -> Reply {
        // A POST without a body skips the check of the head that precedes a body.
        if request.body.isEmpty { try authenticator.checkHead(request) }
        var post = try authenticator.post(request)
        var tried: [PartnerKey]?
        let deadline = fleets.recorder.deadline
        if !post.isLarge, let known = keys.knownKeys(of: post.fleetID) {
            do {
                if let verified = try accept(post, known, atMost: LargeBodies.mostOnLoop) {
                    return recorded(verified, by: deadline)
                }
                guard keys.mayBeStale(post.fleetID) else { throw refusal(of: post, known) }
                tried = known
            } catch is LargeContent {
                post.isLarge = true
            }
        }
        return .decidedLater { [post, tried] in
            recorded(try await acceptLater(post, tried: tried, by: deadline), by: deadline)
        }
    }

    // MARK: Authenticating

    /// Tries the keys in the cache, and then the keys that the store has now.
    /// - Parameter tried: keys that failed already and are not tried again; nil when none were tried.
    private func acceptLater(
        _ post: SignedPost, tried: [PartnerKey]?, by deadline: Deadline
    ) async throws -> VerifiedPost {
        var tried = tried
        if tried == nil, let known = keys.knownKeys(of: post.fleetID) {
            if let verified = try await acceptAnywhere(post, known) { return verified }
            guard keys.mayBeStale(post.fleetID) else { throw refusal(of: post, known) }
            tried = known
        }
        let found = try await fleets.recorder.inTime(by: deadline) {
            try await keys.keys(of: post.fleetID, askedBy: post.request.requester)
        }
        guard tried?.map(\.secret) != found.map(\.secret),
            let verified = try await acceptAnywhere(post, found)
        else { throw refusal(of: post, found) }
        return verified
    }

    private func acceptAnywhere(_ post: SignedPost, _ keys: [PartnerKey]) async throws -> VerifiedPost? {
        if !post.isLarge {
            do { return try accept(post, keys, atMost: LargeBodies.mostOnLoop) } catch is LargeContent {}
        }
        return try await largeBodies.run(post.request.body.count, from: post.request.remoteAddress) {
            try accept(post, keys, atMost: RequestBodies.limit)
        }
    }

    /// - Parameter keys: the keys that did not verify the POST. A fleet with any key exists, even if the
    ///   directory has not heard of it.
    private func refusal(of post: SignedPost, _ keys: [PartnerKey]) -> IngestRefusal {
        let isKnown = !keys.isEmpty || fleets.knows(post.fleetID)
        guard isKnown else { return IngestRefusal(cause: .unknownFleet, fleetID: post.fleetID) }
        return IngestRefusal(cause: .noSecretFits, fleetID: post.fleetID, post: post)
    }

    // MARK: Admitting and decoding

    /// Verifies a POST and reads its body.
    /// - Parameter limit: the most bytes that may come out of the body here.
    /// - Returns: nil when no key verifies it.
    /// - Throws: `LargeContent` when more than `limit` bytes come out, although a body may hold more.
    private func accept(_ signed: SignedPost, _ keys: [PartnerKey], atMost limit: Int) throws -> VerifiedPost?
    {
        let body = signed.request.body
        guard let secret = authenticator.verify(signed, with: keys) else { return nil }
        let now = clock.now()
        let post = PendingPost(
            postID: .make(at: now), fleetID: signed.fleetID, partnerID: secret.partnerID,
            webhookID: signed.signature.id, receivedAt: now, bodyBytes: body.count,
            bodyHash: Array(SHA256.hash(data: body)))
        if secret.fleetBinding == .memory { try checkFleet(of: post, signed.signature.timestampSeconds) }
        let started = try limiter.admitRequest(of: secret.partnerID, limits: secret.limits)
        var rules = FixRules(now: now, retentionDays: retentionDays)
        rules.fleetID = signed.fleetID
        rules.requiresFleetID = secret.fleetBinding == .member
        let content: [UInt8]
        do {
            content = try bodies.content(of: signed.request, limit: limit)
        } catch let error as LargeContent {
            limiter.giveBack(started)
            throw error
        }
        let batch = try decode(content, rules)
        return VerifiedPost(
            batch: batch, post: post, charge: try limiter.admit(fixes: batch.fixes.count, started))
    }

    private func checkFleet(of post: PendingPost, _ timestampSeconds: Int64) throws(IngestRefusal) {
        guard let partnerID = post.partnerID, let id = post.webhookID, let hash = post.bodyHash else {
            return
        }
        let isForThisFleet = seen.admit(
            id: id, timestampSeconds: timestampSeconds, bodyHash: hash, of: partnerID, to: post.fleetID,
            now: post.receivedAt)
        guard isForThisFleet else {
            throw IngestRefusal(cause: .otherFleet, fleetID: post.fleetID, partnerID: partnerID)
        }
    }

    // MARK: Recording

    private func recorded(_ verified: VerifiedPost, by deadline: Deadline) -> Reply {
        .later {
            let receipt = try await record(verified, by: deadline)
            uses.noteUse(of: verified.charge.partnerID)
            let fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
            return Response(.accepted, fields: fields, body: .bytes(receipt.encode()))
        }
    }

    private func record(_ verified: VerifiedPost, by deadline: Deadline) async throws -> IngestReceipt {
        do throws(FleetError) {
            return try await fleets.ingest(verified.batch, as: verified.post, by: deadline)
        } catch {
            if error.isOfTheServer { limiter.giveBack(verified.charge) }
            // The fleet was removed a moment ago. An unknown fleet must get the same response as a wrong
            // signature.
            guard error != .unknownFleet else {
                throw IngestRefusal(
                    cause: .unknownFleet, fleetID: verified.post.fleetID, partnerID: verified.post.partnerID)
            }
            throw error
        }
    }
}

/// Proves which partner sent a POST.
protocol PostAuthenticator: Sendable {
    /// Refuses a POST whose head already shows that no signature can verify. It decodes nothing.
    func checkHead(_ request: Request) throws(IngestRefusal)

    /// Reads the signature that a POST shows, without verifying it.
    func post(_ request: Request) throws(IngestRefusal) -> SignedPost

    /// The secret of the first of the keys that proves the POST; nil when none does.
    func verify(_ post: SignedPost, with keys: [PartnerKey]) -> SigningSecret?
}

/// A verified POST that was read and is not recorded yet.
private struct VerifiedPost: Sendable {
    let batch: FixBatch
    let post: PendingPost
    let charge: RateCharge
}

extension FleetError {
    /// Whether the server is the reason that the POST was not recorded: then it does not count against the
    /// partner's limits.
    fileprivate var isOfTheServer: Bool {
        switch self {
        case .unavailable, .overloaded, .quarantined, .noPlaceYet, .refused: true
        case .unknownFleet, .allRejected, .notStorable: false
        }
    }
}
