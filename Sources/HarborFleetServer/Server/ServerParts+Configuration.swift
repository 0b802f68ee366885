internal import Endpoint
internal import HarborFleet
internal import Sockets

extension FleetConfiguration {
    init(_ configuration: ServerConfiguration) {
        var motion = MotionRules()
        motion.offlineAfter = configuration.offlineAfter
        self.init(tracker: TrackerConfiguration(motion: motion))
        maximumVehicles = configuration.maxVehiclesPerFleet
        reconcileInterval = configuration.reconcileInterval
    }
}

extension EndpointConfiguration {
    /// - Parameter descriptorRoom: connections that fit under the descriptor limit.
    init(publicListener configuration: ServerConfiguration, descriptorRoom: Int) {
        self.init(
            host: configuration.publicAddress.host, port: configuration.publicAddress.port,
            maxConnections: min(configuration.maxConnections ?? descriptorRoom, descriptorRoom),
            maxConnectionsPerAddress: configuration.maxConnectionsPerAddress ?? 0,
            trustedProxies: configuration.trustedProxies.compactMap { NetworkPrefix($0) })
    }

    init(operationsListener configuration: ServerConfiguration) {
        self.init(
            host: configuration.operationsAddress.host, port: configuration.operationsAddress.port,
            maxConnections: 32)
    }
}
