package import HarborFleet

/// Ids and fixes that the tests share.
package enum Samples {
    package static let now = Timestamp(milliseconds: 1_795_194_000_000)

    package static func fleet(_ id: String = "harbor-north") throws -> FleetID { try required(FleetID(id)) }

    package static func vehicle(_ id: String = "van-7") throws -> VehicleID { try required(VehicleID(id)) }

    /// A fix `seconds` after `now`; by default it is received when it is recorded.
    package static func fix(
        _ vehicle: String = "van-7", at seconds: Double = 0, lat: Double = 53.5, lng: Double = 9.9,
        speed: Double? = nil, received: Double? = nil
    ) throws -> StoredFix {
        let fix = Fix(
            vehicleID: try self.vehicle(vehicle), recordedAt: time(seconds), latitudeDegrees: lat,
            longitudeDegrees: lng, speedMetersPerSecond: speed)
        return StoredFix(fix: fix, receivedAt: time(received ?? seconds))
    }

    package static func time(_ seconds: Double) -> Timestamp {
        now.advanced(by: .milliseconds(Int64(seconds * 1000)))
    }

    package static func batch(_ fixes: [StoredFix]) -> FixBatch {
        FixBatch(fixes: fixes.enumerated().map { NumberedFix(ordinal: $0.offset, fix: $0.element.fix) })
    }

    /// A POST of a vehicle's fixes, one second apart.
    package static func pendingPost(_ vehicle: String, fixes: Int = 1, from start: Int = 0) throws
        -> PendingPost
    {
        PendingPost(
            postID: .make(at: now), fleetID: try fleet(), receivedAt: now,
            bodyBytes: 100,
            fixes: try (0..<fixes).map { try fix(vehicle, at: Double(start + $0)) })
    }

    package static func post(to fleetID: FleetID, at received: Timestamp = now) -> PendingPost {
        PendingPost(
            postID: .make(at: received), fleetID: fleetID, partnerID: PartnerID("acme"), webhookID: "msg_1",
            receivedAt: received, bodyBytes: 100)
    }
}
