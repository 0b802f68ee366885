internal import ArgumentParser
internal import HarborFleet

/// `harbor-fleet vehicles …`.
struct VehiclesCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "vehicles", abstract: "Remove vehicles; a vehicle is created by its first fix.",
        subcommands: [Remove.self])

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hide a vehicle at once; its position and fixes are deleted in the background.")

        @Argument(help: "The fleet's id.")
        var fleetID: FleetID

        @Argument(help: "The vehicle's id.")
        var vehicleID: VehicleID

        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.change(
                "removed", "vehicle '\(vehicleID)' of fleet '\(fleetID)'",
                ["fleet_id": .text(fleetID.rawValue), "vehicle_id": .text(vehicleID.rawValue)]
            ) { stores in
                try await stores.fleets.removeVehicle(vehicleID, of: fleetID)
            }
        }
    }
}
