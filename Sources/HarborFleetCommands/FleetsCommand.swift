internal import ArgumentParser
internal import HarborFleet

/// `harbor-fleet fleets …`.
struct FleetsCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "fleets", abstract: "Add, list and remove fleets.",
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a fleet.")

        @Argument(help: "The fleet's id: letters, digits and '._-', at most 64.")
        var fleetID: FleetID

        @Option(help: "The name that people see. (default: the fleet's id)")
        var name: String?

        @OptionGroup var options: AdminOptions

        func run() async throws {
            let fleet = Fleet(id: fleetID, name: name ?? fleetID.rawValue)
            let members = ["fleet_id": OutputValue.text(fleetID.rawValue), "name": .text(fleet.name)]
            try await options.change("added", "fleet '\(fleetID)'", adds: true, members) { stores in
                try await stores.fleets.add(fleet)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the fleets.")

        static let columns: [Column<Fleet>] = [
            Column("FLEET", "fleet_id") { .text($0.id.rawValue) }, Column("NAME", "name") { .text($0.name) },
        ]

        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.list(Self.columns) { try await $0.fleets.fleets().sorted { $0.id < $1.id } }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hide a fleet at once; its positions and fixes are deleted in the background.")

        @Argument(help: "The fleet's id.")
        var fleetID: FleetID

        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.change(
                "removed", "fleet '\(fleetID)'", ["fleet_id": .text(fleetID.rawValue)]
            ) { stores in
                try await stores.fleets.removeFleet(fleetID)
            }
        }
    }
}
