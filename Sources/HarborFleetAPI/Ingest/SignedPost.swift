internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet
internal import Supervision

/// A POST with its signature, which is not verified yet.
struct SignedPost: Sendable, Equatable {
    let request: Request
    let fleetID: FleetID
    let signature: WebhookSignature
    /// Shared by all that the POST waits for.
    let deadline: Deadline

    static func == (left: Self, right: Self) -> Bool { left.request === right.request }

    /// Whether it takes too long to hash for a loop.
    var isLarge: Bool { request.body.count > LargeBodies.mostOnLoop }
}

extension SignedPost {
    init(_ request: Request, by deadline: Deadline) throws {
        guard let fleetID = request.fleetID else { throw IngestRefusal(.unknownFleet) }
        self.request = request
        self.fleetID = fleetID
        self.deadline = deadline
        do throws(IngestRefusal) {
            signature = try WebhookSignature(request.head)
        } catch {
            throw error.of(fleetID)
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

    /// The refusal of a head that lacks some of them.
    static func missing(in head: RequestHead) -> IngestRefusal {
        let names: [HTTPField.Name] = [.webhookID, .webhookTimestamp, .webhookSignature]
        let missing = names.filter { !head.contains($0) }.map(\.canonicalName)
        return IngestRefusal(.headerMissing, header: missing.joined(separator: ", "))
    }

    /// The refusal of a field that cannot be read.
    static func malformed(_ name: HTTPField.Name) -> IngestRefusal {
        IngestRefusal(.headerMalformed, header: name.canonicalName)
    }
}

extension HTTPField.Name {
    /// Header fields of Standard Webhooks. The literals are valid names, so that the fallback is never used.
    static let webhookID = Self("webhook-id") ?? .from
    static let webhookTimestamp = Self("webhook-timestamp") ?? .from
    static let webhookSignature = Self("webhook-signature") ?? .from
}
