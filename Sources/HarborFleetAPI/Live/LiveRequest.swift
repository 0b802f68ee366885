internal import HarborFleet

/// What a live subscriber asks for.
struct LiveRequest: Sendable {
    let fleetID: FleetID
    /// The position of the client's last stream; nil for a new one.
    let resumesFrom: StreamPosition?
    /// The reader as of the request. Much may have changed since.
    let reader: Reader
}
