internal import FleetAccess
internal import HarborFleet

/// What a live subscriber asks for; let go of once it is answered, because a subscriber is to be small.
final class LiveRequest: Sendable {
    let fleetID: FleetID
    /// Where its last stream stood.
    let resumesFrom: StreamPosition?
    /// nil where reads need no token.
    let reader: LiveReader?
    /// What the stream begins with, when its snapshot was too large to be made on the loop.
    let first: SnapshotFrame?

    init(
        fleetID: FleetID, resumesFrom: StreamPosition?, reader: LiveReader?, first: SnapshotFrame? = nil
    ) {
        self.fleetID = fleetID
        self.resumesFrom = resumesFrom
        self.reader = reader
        self.first = first
    }
}

/// Who asks for a live stream, and by what.
struct LiveReader: Sendable {
    let credential: Credential
    let identity: Identity
    /// Of the authenticator before it found out who it is: much may happen until the stream begins.
    let generation: UInt64
}

extension LiveReader {
    init(_ reader: JudgedReader, generation: UInt64) {
        self.init(credential: reader.credential, identity: reader.identity, generation: generation)
    }
}
