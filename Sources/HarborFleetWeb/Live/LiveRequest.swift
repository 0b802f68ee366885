internal import HarborFleet

/// What a live subscriber asks for; let go of once it is answered, because a subscriber is to be small.
final class LiveRequest: Sendable {
    let fleetID: FleetID
    /// Where its last stream stood.
    let resumesFrom: StreamPosition?
    /// nil where reads need no token.
    let reader: LiveReader?

    init(fleetID: FleetID, resumesFrom: StreamPosition?, reader: LiveReader?) {
        self.fleetID = fleetID
        self.resumesFrom = resumesFrom
        self.reader = reader
    }
}

/// Who asks for a live stream, and by what.
struct LiveReader: Sendable {
    let credential: Credential
    let identity: Identity
    /// Of the authenticator before it found out who it is: much may happen until the stream begins.
    let generation: UInt64
}
