internal import Sockets

/// Reserves the addresses of both listeners from the start of the process until they listen.
struct ReservedPorts: Sendable {
    let publicPort: PortReservation
    let operationsPort: PortReservation

    /// - Throws: `UnusableAddress`.
    init(_ configuration: ServerConfiguration) throws(UnusableAddress) {
        publicPort = try Self.reserve(configuration.publicAddress, .httpHost, .httpPort)
        operationsPort = try Self.reserve(configuration.operationsAddress, .operationsHost, .operationsPort)
    }

    private static func reserve(
        _ address: ServerConfiguration.ListenAddress, _ host: SettingName, _ port: SettingName
    ) throws(UnusableAddress) -> PortReservation {
        do throws(SocketError) {
            return try PortReservation(SocketAddress(host: address.host, port: address.port))
        } catch {
            throw UnusableAddress(error: error, settings: "\(host.variable), \(port.variable)")
        }
    }
}

/// The reason why a listener cannot have its address, with the settings that name the address.
struct UnusableAddress: Error, CustomStringConvertible {
    let error: SocketError
    let settings: String

    var description: String { "\(error) (\(settings))" }
}
