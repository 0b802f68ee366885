internal import ArgumentParser
internal import Glibc
internal import HarborFleetServer
internal import Logging
internal import Metrics
internal import Telemetry

/// `harbor-fleet serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server until SIGTERM or SIGINT.")

    @Flag(help: "Drive a demo fleet; unless set otherwise, listen on 127.0.0.1 and need no token.")
    var demo = false

    @OptionGroup var settings: ConfigurationOptions

    func run() async throws {
        let configuration = try await settings.read(demo: demo)
        let writer = LogWriter(format: configuration.logFormat, descriptor: STDERR_FILENO)
        defer { writer.flush() }
        LoggingSystem.bootstrap(
            {
                StructuredLogHandler(
                    label: $0, writer: writer, level: configuration.logLevel, metadataProvider: $1)
            },
            metadataProvider: nil)
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let logger = Logger(label: "harbor-fleet")
        for variable in configuration.ignoredVariables {
            logger.log(level: variable.hidesSetting ? .warning : .debug, "\(variable.message)")
        }
        let server = Server(configuration, isDemo: demo, registry: registry, logger: logger)
        try await server.run { [demo] addresses in
            guard demo else { return }
            StandardStreams.writeOutput(
                "Open \(addresses.publicURL)/fleets/harbor-demo (Ctrl-C stops the server)")
        }
    }
}
