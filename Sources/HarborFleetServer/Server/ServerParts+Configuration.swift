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
    /// - Parameter descriptors: what fits under the descriptor limit.
    init(publicListener configuration: ServerConfiguration, descriptors: DescriptorPlan) {
        self.init(
            host: configuration.publicAddress.host, port: configuration.publicAddress.port,
            maxConnections: min(configuration.maxConnections ?? .max, descriptors.connections),
            maxConnectionsPerAddress: configuration.maxConnectionsPerAddress,
            trustedProxies: configuration.trustedProxies.compactMap { NetworkPrefix($0) })
        maxRefusedConnections = descriptors.refusals
    }

    init(operationsListener configuration: ServerConfiguration) {
        self.init(
            host: configuration.operationsAddress.host, port: configuration.operationsAddress.port,
            maxConnections: DescriptorPlan.operationsConnections)
        maxRefusedConnections = DescriptorPlan.operationsRefusals
    }
}
