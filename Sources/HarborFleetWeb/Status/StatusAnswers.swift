internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// What a status read of one snapshot may be answered with. Everything is made once, and sent often.
final class StatusAnswers: Sendable {
    let snapshot: FleetSnapshot
    private let whole: PreparedResponse
    private let notModified: PreparedResponse
    private let entityTag: EntityTag

    /// Encodes the status: linear in the number of vehicles.
    init(_ snapshot: FleetSnapshot) {
        self.snapshot = snapshot
        entityTag = snapshot.entityTag
        var fields = snapshot.cacheFields
        notModified = PreparedResponse(Response(.notModified, fields: fields))
        fields[.contentType] = "application/json"
        whole = PreparedResponse(Response(.ok, fields: fields, body: .bytes(snapshot.encodeStatus())))
    }

    /// The answer to this request: all of it, or that nothing has changed.
    func answer(to request: Request) -> PreparedResponse {
        request.holds(entityTag) ? notModified : whole
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
