internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet
internal import Synchronization

/// The finished status response of each fleet's newest snapshot. Made once per change, on the first read that
/// wants it; every later read appends the same bytes.
final class StatusCache: Sendable {
    private struct Entry: Sendable {
        let snapshot: FleetSnapshot
        let response: PreparedResponse
    }

    /// Fleets kept at most; when it is full it is emptied and fills again.
    private static let capacity = 10_000

    private let entries = Mutex<[FleetID: Entry]>([:])

    /// The response for exactly this snapshot.
    func response(for snapshot: FleetSnapshot) -> PreparedResponse {
        if let entry = entries.withLock({ $0[snapshot.fleetID] }), entry.snapshot === snapshot {
            return entry.response
        }
        // Encoded outside the lock: two loops may do it at once, once per change.
        let response = PreparedResponse(Self.encode(snapshot))
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[snapshot.fleetID] = Entry(snapshot: snapshot, response: response)
        }
        return response
    }

    private static func encode(_ snapshot: FleetSnapshot) -> Response {
        var fields = snapshot.cacheFields
        fields[.contentType] = "application/json"
        return Response(.ok, fields: fields, body: .bytes(snapshot.encodeStatus()))
    }
}

extension FleetSnapshot {
    /// `"EPOCH:SEQ"`: strong, since one sequence number has one set of bytes.
    var entityTag: EntityTag { EntityTag("\(position)") }

    var cacheFields: HTTPFields {
        [
            .eTag: "\(entityTag)",
            .cacheControl: "private, no-cache",
            .vary: "Accept-Encoding, Authorization",
        ]
    }
}
