internal import HarborFleet

/// What a live subscriber asks for; let go of once it is answered, because a subscriber is to be small.
final class LiveRequest: Sendable {
    let fleetID: FleetID
    /// Where its last stream stood.
    let resumesFrom: StreamPosition?
    /// Who asks, and by what; nil where reads need no token.
    let reader: (credential: Credential, identity: Identity)?

    init(
        fleetID: FleetID, resumesFrom: StreamPosition?, reader: (credential: Credential, identity: Identity)?
    ) {
        self.fleetID = fleetID
        self.resumesFrom = resumesFrom
        self.reader = reader
    }
}
