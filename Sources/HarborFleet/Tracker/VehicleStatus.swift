/// The status of one vehicle. Immutable and shared.
package final class VehicleStatus: Sendable {
    package let vehicleID: VehicleID
    package let state: VehicleState
    package let newest: StoredFix
    /// The latest date that a clock running ahead has given to fixes of the vehicle; nil once its newest fix is
    /// later.
    ///
    /// A fix dated up to here may be a repeat of one of them. Only the store knows that.
    package let aheadUntil: Timestamp?
    /// The encoded vehicle.
    package let encoded = EncodedForm()

    init(state: VehicleState, newest: StoredFix, aheadUntil: Timestamp? = nil) {
        vehicleID = newest.fix.vehicleID
        self.state = state
        self.newest = newest
        self.aheadUntil = aheadUntil
    }
}
