internal import Endpoint
internal import FleetWire
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet
internal import Synchronization

/// The responses to status reads of one snapshot. Each is made once and sent often.
final class StatusResponses: Sendable {
    /// The status in one coding, and the 304 for a client that holds it.
    private struct Form: Sendable {
        let whole: PreparedResponse
        let notModified: PreparedResponse

        init(
            _ body: [UInt8], in coding: ContentCoding, of snapshot: FleetSnapshot,
            through filters: [any ResponseFilter]
        ) {
            var fields = snapshot.cacheFields
            fields[.eTag] = "\(coding.entityTag(of: snapshot.entityTag))"
            notModified = PreparedResponse(Response(.notModified, fields: fields), through: filters)
            fields[.contentType] = "application/json"
            whole = PreparedResponse(
                Response(.ok, fields: coding.fields(fields), body: .bytes(body)), through: filters)
        }
    }

    let snapshot: FleetSnapshot
    private let entityTag: EntityTag
    private let filters: [any ResponseFilter]
    private let plain: Form
    private let isWorthCompressing: Bool
    /// Made when the first client asks for it.
    private let compressed = Mutex<Form?>(nil)

    /// Encodes the status: linear in the number of vehicles.
    /// - Parameter filters: the endpoint's filters.
    init(_ snapshot: FleetSnapshot, through filters: [any ResponseFilter]) {
        self.snapshot = snapshot
        self.filters = filters
        let body = snapshot.encodeStatus()
        entityTag = snapshot.entityTag
        plain = Form(body, in: .identity, of: snapshot, through: filters)
        isWorthCompressing = body.count >= GzipBodies.leastBytes
    }

    /// The response to this request: the status or a 304, in a coding that the client accepts.
    /// - Throws: `Problem` 412, see `Request.choice`.
    func response(to request: Request, compressingBy bodies: GzipBodies) throws(Problem) -> PreparedResponse {
        let choice = try request.choice(of: entityTag, offersGzip: isWorthCompressing)
        if choice.coding == .gzip {
            guard let form = gzip({ bodies.gzip($0, for: request) }) else { return plain.whole }
            return choice.isHeld ? form.notModified : form.whole
        }
        return choice.isHeld ? plain.notModified : plain.whole
    }

    /// Whether `response` has nothing left to encode or compress for this request.
    func isMade(for request: Request) -> Bool {
        !request.takesGzip || isCompressed
    }

    /// Whether the compressed form exists, or is not worth making.
    var isCompressed: Bool { !isWorthCompressing || compressed.withLock { $0 != nil } }

    /// Makes the compressed form with a stream of its own. For callers off the loops.
    func compress() {
        if !isCompressed { _ = gzip { GzipBodies.gzip($0) } }
    }

    private func gzip(_ compress: ([UInt8]) -> [UInt8]?) -> Form? {
        if let known = compressed.withLock({ $0 }) { return known }
        // Outside the lock: two loops may do this at once, at most once each per change. The status is encoded
        // again with the same bytes, so that they need not be kept beside the plain response.
        guard let body = compress(snapshot.encodeStatus()) else { return nil }
        let form = Form(body, in: .gzip, of: snapshot, through: filters)
        compressed.withLock { $0 = form }
        return form
    }
}

extension SnapshotCell {
    /// The responses for exactly this snapshot, shared by all loops. Made once per change, on the first read
    /// that needs them, and kept in the cell.
    func statusResponses(
        for snapshot: FleetSnapshot, through filters: [any ResponseFilter]
    ) -> StatusResponses {
        if let known = knownStatusResponses(for: snapshot) { return known }
        // Two loops may do this at once, at most once each per change.
        let responses = StatusResponses(snapshot, through: filters)
        keep(responses)
        return responses
    }

    /// The responses that were made last, unless they are for an older snapshot or another tracker.
    func statusResponses(notOlderThan asked: FleetSnapshot) -> StatusResponses? {
        guard let known = kept as? StatusResponses, known.snapshot.isNotOlder(than: asked) else { return nil }
        return known
    }

    /// The responses for exactly this snapshot, if they have been made.
    func knownStatusResponses(for snapshot: FleetSnapshot) -> StatusResponses? {
        guard let known = kept as? StatusResponses, known.snapshot === snapshot else { return nil }
        return known
    }
}

extension FleetSnapshot {
    /// `"EPOCH:SEQ"`: a strong tag, since one sequence number always has the same bytes.
    var entityTag: EntityTag { EntityTag("\(position)") }

    fileprivate var cacheFields: HTTPFields {
        [.cacheControl: "private, no-cache", .vary: "Accept-Encoding, Authorization"]
    }
}
