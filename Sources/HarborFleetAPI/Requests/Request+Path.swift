package import Endpoint
package import HarborFleet

extension Request {
    /// The fleet that the path names; nil when no fleet can have that id.
    package var fleetID: FleetID? { parameters["fleet_id"].flatMap(FleetID.init) }

    /// The vehicle that the path names; nil when no vehicle can have that id.
    package var vehicleID: VehicleID? { parameters["vehicle_id"].flatMap(VehicleID.init) }
}
