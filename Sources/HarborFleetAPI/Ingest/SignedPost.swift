internal import Endpoint
internal import FleetAccess
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// A POST with its signature, which is not verified yet.
struct SignedPost: Sendable, Equatable {
    let request: Request
    let fleetID: FleetID
    let signature: WebhookSignature
    /// Whether its body, as sent or inflated, is too large to be read on an event loop.
    var isLarge: Bool

    static func == (left: Self, right: Self) -> Bool { left.request === right.request }
}

/// Proves POSTs by their signatures of Standard Webhooks.
struct WebhookAuthenticator: PostAuthenticator {
    let clock: any WallClock

    /// Refuses a POST whose path holds no valid fleet id, that lacks a signature field or has a malformed one,
    /// or whose time is too far from the clock. The time is not checked again once the body is complete: the
    /// body may have taken minutes.
    func checkHead(_ request: Request) throws(IngestRefusal) {
        try request.refusing { head throws(IngestRefusal) in
            guard head.contains(.webhookID), let signature = head[.webhookSignature],
                let timestamp = head[.webhookTimestamp]
            else { throw WebhookSignature.missing(in: head) }
            guard WebhookSignature.isOfForm(signature) else {
                throw WebhookSignature.malformed(.webhookSignature)
            }
            try WebhookSignature.checkTime(timestamp, now: clock.now())
        }
    }

    func post(_ request: Request) throws(IngestRefusal) -> SignedPost {
        let (fleetID, signature) = try request.refusing { head throws(IngestRefusal) in
            try WebhookSignature(head)
        }
        return SignedPost(
            request: request, fleetID: fleetID, signature: signature,
            isLarge: request.body.count > LargeBodies.mostOnLoop)
    }

    func verify(_ post: SignedPost, with keys: [PartnerKey]) -> SigningSecret? {
        post.signature.verify(post.request.body, with: keys)
    }
}

extension Request {
    /// Reads the head of a POST for a fleet. A refusal then names that fleet.
    @discardableResult
    fileprivate func refusing<Value>(
        _ read: (RequestHead) throws(IngestRefusal) -> Value
    ) throws(IngestRefusal) -> (FleetID, Value) {
        guard let fleetID else { throw IngestRefusal(cause: .unknownFleet) }
        do throws(IngestRefusal) {
            return (fleetID, try read(head))
        } catch {
            var refusal = error
            refusal.fleetID = fleetID
            throw refusal
        }
    }
}

extension WebhookSignature {
    /// Reads the three fields of a head.
    init(_ head: RequestHead) throws(IngestRefusal) {
        guard let id = head[.webhookID], let timestamp = head[.webhookTimestamp],
            let signature = head[.webhookSignature]
        else { throw Self.missing(in: head) }
        try self.init(id: id, timestamp: timestamp, signature: signature)
    }

    /// The refusal of a head that lacks some of the three fields.
    static func missing(in head: RequestHead) -> IngestRefusal {
        let names: [HTTPField.Name] = [.webhookID, .webhookTimestamp, .webhookSignature]
        let missing = names.filter { !head.contains($0) }.map(\.canonicalName)
        return IngestRefusal(cause: .headerMissing, header: missing.joined(separator: ", "))
    }

    /// The refusal of a field that cannot be read.
    static func malformed(_ name: HTTPField.Name) -> IngestRefusal {
        IngestRefusal(cause: .headerMalformed, header: name.canonicalName)
    }
}

extension HTTPField.Name {
    /// Header fields of Standard Webhooks. The literals are valid names, so that the fallback is never used.
    static let webhookID = Self("webhook-id") ?? .from
    static let webhookTimestamp = Self("webhook-timestamp") ?? .from
    static let webhookSignature = Self("webhook-signature") ?? .from
}
