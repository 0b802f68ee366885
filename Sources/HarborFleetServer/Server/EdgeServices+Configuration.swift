internal import Endpoint
internal import HarborFleet
internal import HarborFleetAPI
internal import Processes
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

extension OriginPolicy {
    init(publicListener configuration: ServerConfiguration) {
        self.init(
            allowed: configuration.allowedOrigins, publicRead: configuration.publicRead,
            checksHost: configuration.publicRead && configuration.trustedProxies.isEmpty,
            machineName: MachineName.read())
    }

    /// Other hosts fetch metrics by names that this server does not know, so the host is checked only for a
    /// loopback listener.
    init(operationsListener configuration: ServerConfiguration) {
        let host = configuration.operationsAddress.host
        let isLoopback = host.hasPrefix("127.") || host == "::1"
        self.init(
            allowed: configuration.allowedOrigins, publicRead: true,
            checksHost: isLoopback && configuration.trustedProxies.isEmpty, machineName: MachineName.read())
    }
}

extension EndpointConfiguration {
    /// - Parameters:
    ///   - descriptors: the connections that fit under the descriptor limit.
    ///   - reservation: reserves the address.
    init(
        publicListener configuration: ServerConfiguration, descriptors: DescriptorPlan,
        reservation: PortReservation
    ) {
        self.init(
            host: configuration.publicAddress.host, port: configuration.publicAddress.port,
            maxConnections: min(configuration.maxConnections ?? .max, descriptors.connections),
            maxConnectionsPerAddress: configuration.maxConnectionsPerAddress,
            trustedProxies: configuration.trustedProxies.compactMap { NetworkPrefix($0) })
        self.reservation = reservation
        maxRefusedConnections = descriptors.refusals
        timeouts.idle = configuration.keepAlive
    }

    init(operationsListener configuration: ServerConfiguration, reservation: PortReservation) {
        self.init(
            host: configuration.operationsAddress.host, port: configuration.operationsAddress.port,
            maxConnections: DescriptorPlan.operationsConnections)
        self.reservation = reservation
        maxRefusedConnections = DescriptorPlan.operationsRefusals
        timeouts.idle = configuration.keepAlive
    }
}
