internal import HarborFleet

/// What a live subscriber asks for.
struct LiveRequest: Sendable {
    let fleetID: FleetID
    /// Where its last stream stood.
    let resumesFrom: StreamPosition?
    /// Much may have changed since it was found out.
    let reader: Reader
}
