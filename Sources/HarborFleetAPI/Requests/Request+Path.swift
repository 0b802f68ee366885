package import Endpoint
package import FleetAccess
package import HarborFleet

extension Request {
    /// The fleet that the path names; nil when the text is no valid fleet id.
    package var fleetID: FleetID? { parameters["fleet_id"].flatMap(FleetID.init) }

    /// The fleet that the path names, if this reader may see it.
    /// - Throws: `Problem` 404 when the reader may not see it, the same as for a fleet that does not exist.
    package func fleetID(readBy identity: Identity) throws(Problem) -> FleetID {
        guard let fleetID, identity.scope.contains(fleetID) else { throw .unknownFleet }
        return fleetID
    }

    /// The vehicle that the path names; nil when the text is no valid vehicle id.
    package var vehicleID: VehicleID? { parameters["vehicle_id"].flatMap(VehicleID.init) }
}
