package import Endpoint
package import FleetAccess
package import HarborFleet

extension Request {
    /// The fleet that the path names; nil when no fleet can have that id.
    package var fleetID: FleetID? { parameters["fleet_id"].flatMap(FleetID.init) }

    /// The fleet that the path names.
    /// - Throws: `Problem` 404 when the reader may not see it, as when there is none.
    package func fleetID(readBy identity: Identity) throws(Problem) -> FleetID {
        guard let fleetID, identity.scope.contains(fleetID) else { throw .unknownFleet }
        return fleetID
    }

    /// The vehicle that the path names; nil when no vehicle can have that id.
    package var vehicleID: VehicleID? { parameters["vehicle_id"].flatMap(VehicleID.init) }
}
