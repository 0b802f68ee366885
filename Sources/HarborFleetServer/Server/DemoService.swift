internal import FleetAccess
internal import FleetSimulator
internal import HarborFleet
internal import HarborFleetSite
internal import HarborFleetStorage
internal import Logging
internal import StoreCache
internal import Supervision

/// The fleet of `serve --demo`: it is added when it is not there, and driven by a partner's client that goes the
/// whole way over the network.
struct DemoService: Sendable {
    /// The fleet that it drives.
    static let fleetID = "harbor-demo"
    private static let retryDelay: Duration = .seconds(1)

    let fleets: any FleetStore
    let partners: any PartnerStore
    /// Of the public listener; nil while it does not listen.
    let address: @Sendable () -> String?
    let logger: Logger

    var service: Service {
        Service(
            ChildSpec(id: "demo-fleet") { context in
                context.ready()
                try await PeriodicJob().run {
                    do {
                        try await drive()
                    } catch let error as CancellationError {
                        throw error
                    } catch {
                        // A demo must not take the server with it.
                        logger.info("the demo fleet waits", metadata: ["reason": "\(error)"])
                    }
                    return .after(Self.retryDelay)
                }
            })
    }

    private func drive() async throws {
        guard let fleetID = FleetID(Self.fleetID), let partnerID = PartnerID("harbor-demo"),
            let address = address()
        else { return }
        let key = try await signingKey(of: partnerID, for: fleetID)
        let demo = try DemoFleet(
            url: "http://\(address)", fleet: fleetID, secret: Credentials.signingSecretText(key),
            streets: StaticAssets.harborQuarter, logger: logger)
        try await demo.run()
    }

    /// The demo partner's secret of an earlier start, or a new one.
    private func signingKey(of partnerID: PartnerID, for fleetID: FleetID) async throws -> [UInt8] {
        try await addUnlessThere { try await fleets.add(Fleet(id: fleetID, name: "Harbor demo")) }
        let known = try await partners.signingSecrets(for: fleetID)
        if let secret = known.first(where: { $0.partnerID == partnerID }) { return secret.key }
        let key = Credentials.makeSigningKey()
        let partner = Partner(id: partnerID, fleets: [fleetID], createdAt: SystemWallClock().now())
        try await addUnlessThere { try await partners.add(partner, secret: key) }
        return key
    }

    private func addUnlessThere(_ add: () async throws -> Void) async throws {
        do {
            try await add()
        } catch let error as StoreError where error.kind == .alreadyExists {
            return
        }
    }
}
