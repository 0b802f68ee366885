internal import ArgumentParser
internal import HarborFleet
internal import StoreCache

/// `harbor-fleet fleets …`.
struct FleetsCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "fleets", abstract: "Add, list and remove fleets.",
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a fleet.")

        @Argument(help: "The fleet's id: letters, digits and '._-', at most 64.")
        var fleetID: FleetID

        @Option(help: "What people call it; the id when it is left out.")
        var name: String?

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let fleet = Fleet(id: fleetID, name: name ?? fleetID.rawValue)
            try await AdminSession.open(database, adds: true) { stores in
                try await CommandFailure.explaining("fleet '\(fleetID)'") { () async throws(StoreError) in
                    try await stores.fleets.add(fleet)
                }
            }
            StandardStreams.writeError("added fleet '\(fleetID)'")
            try output.write(FleetRow(fleet))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the fleets.")

        @OptionGroup var options: ListOptions

        func run() async throws {
            try await options.list(as: FleetRow.init) { stores in
                try await stores.fleets.fleets().sorted { $0.id < $1.id }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hide a fleet at once; its positions and fixes are deleted in the background.")

        @Argument(help: "The fleet's id.")
        var fleetID: FleetID

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await AdminSession.open(database) { stores in
                try await CommandFailure.explaining("fleet '\(fleetID)'") { () async throws(StoreError) in
                    try await stores.fleets.removeFleet(fleetID)
                }
            }
            StandardStreams.writeError("removed fleet '\(fleetID)'")
            try output.write(SubjectAnswer(members: ["fleet_id": fleetID.rawValue]))
        }
    }
}
