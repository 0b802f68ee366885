internal import ArgumentParser

/// `harbor-fleet health`: for a container's HEALTHCHECK, so it uses no database and waits at most two seconds.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Report by the exit status whether this machine's server responds.")

    @OptionGroup var settings: ConfigurationOptions

    func run() async throws {
        let address = try await settings.load().publicAddress
        guard address.port != 0 else { throw CommandFailure("HARBOR_HTTP_PORT is 0: the port is not known") }
        let status = try HealthProbe.status(host: Self.reachable(address.host), port: address.port)
        guard status == 200 else {
            throw CommandFailure("\(address.host):\(address.port) responded with \(status)")
        }
    }

    /// The loopback address for a listener on all addresses.
    static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}
