internal import FleetAccess
internal import FleetSimulator
internal import HarborFleet
internal import HarborFleetSite
internal import HarborFleetStorage
internal import Logging
internal import StoreCache
internal import Supervision

/// Runs the fleet of `serve --demo`: it adds the fleet if it is missing, and drives it with a partner's client
/// that posts over the network like any other.
struct DemoService: Sendable {
    /// The id of the demo fleet.
    static let fleetID = "harbor-demo"
    private static let retryDelay: Duration = .seconds(1)

    let fleets: any FleetStore
    let partners: any PartnerStore
    /// The public listener's address; nil while it does not listen.
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
                        // An error of the demo must not stop the server.
                        logger.info("the demo fleet failed; retrying", metadata: ["reason": "\(error)"])
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

    /// The demo partner's secret from an earlier start, or a new one.
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
