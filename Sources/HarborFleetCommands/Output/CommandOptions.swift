internal import ArgumentParser
package import FleetAccess
internal import FoundationEssentials
package import HarborFleet
internal import HarborFleetServer

/// Selects where a command reads its settings.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Settings in JSON, instead of Config/harbor-fleet.json.", valueName: "file"))
    var config: String?

    /// Reads the settings of this process for a command, and reports the variables that it ignored.
    func load() async throws -> ServerConfiguration {
        let configuration = try await read()
        for variable in configuration.ignoredVariables {
            guard variable.hidesSetting || configuration.logLevel <= .debug else { continue }
            StandardStreams.writeError(
                variable.hidesSetting ? "warning: \(variable.message)" : variable.message)
        }
        return configuration
    }

    /// Reads the settings of this process.
    /// - Parameter demo: see `ServerConfiguration.load`.
    func read(demo: Bool = false) async throws -> ServerConfiguration {
        try await ServerConfiguration.load(
            environment: ProcessInfo.processInfo.environment, file: config, demo: demo)
    }
}

/// Selects how a command writes its result.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write JSON to standard output.")
    var json = false

    func write(_ output: CommandOutput) throws {
        try output.write(asJSON: json)
    }
}

extension Identifier: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension Role: ExpressibleByArgument {}

extension LimitChange: ExpressibleByArgument {
    /// A number, or `none` (or 0) for no limit.
    package init?(argument: String) {
        switch (argument, Int(argument)) {
        case ("none", _), (_, 0): self = .lift
        case (_, let number?) where (1...PartnerLimits.highest).contains(number): self = .perSecond(number)
        default: return nil
        }
    }
}
