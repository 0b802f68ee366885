/// What the status says of one vehicle. Immutable and shared.
package final class VehicleStatus: Sendable {
    package let vehicleID: VehicleID
    package let state: VehicleState
    package let newest: StoredFix
    /// Up to when a clock that ran ahead has dated fixes of the vehicle; nil once its newest fix is later.
    ///
    /// A fix up to here may be a repeat of one of them, which only the store can tell.
    package let aheadUntil: Timestamp?
    /// The vehicle as it is sent.
    package let encoded = EncodedForm()

    init(state: VehicleState, newest: StoredFix, aheadUntil: Timestamp? = nil) {
        vehicleID = newest.fix.vehicleID
        self.state = state
        self.newest = newest
        self.aheadUntil = aheadUntil
    }
}
