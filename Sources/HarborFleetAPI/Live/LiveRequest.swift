internal import FleetAccess
internal import HarborFleet

/// What a live subscriber asks for.
struct LiveRequest: Sendable {
    let fleetID: FleetID
    /// Where its last stream stood.
    let resumesFrom: StreamPosition?
    /// nil where reads need no token.
    let reader: JudgedReader?
    /// The authenticator's before it looked for the reader: much may change until the stream begins.
    let generation: UInt64
}
