internal import ArgumentParser
internal import HarborFleet
internal import StoreCache

/// `harbor-fleet vehicles …`.
struct VehiclesCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "vehicles", abstract: "Remove vehicles; they are made by their first fix.",
        subcommands: [Remove.self])

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hide a vehicle at once; its position and fixes are deleted in the background.")

        @Argument(help: "The fleet's id.")
        var fleetID: FleetID

        @Argument(help: "The vehicle's id.")
        var vehicleID: VehicleID

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let subject = "vehicle '\(vehicleID)' of fleet '\(fleetID)'"
            try await AdminSession.open(database) { stores in
                try await CommandFailure.explaining(subject) { () async throws(StoreError) in
                    try await stores.fleets.removeVehicle(vehicleID, of: fleetID)
                }
            }
            StandardStreams.writeError("removed \(subject)")
            try output.write(
                SubjectAnswer(members: ["fleet_id": fleetID.rawValue, "vehicle_id": vehicleID.rawValue]))
        }
    }
}
