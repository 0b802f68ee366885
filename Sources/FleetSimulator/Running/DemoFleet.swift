package import HarborFleet
package import Logging

/// The vehicles of `serve --demo`: a partner's client inside the server's process that posts signed fixes over
/// the network like any other partner.
///
/// ```swift
/// let demo = try DemoFleet(
///     url: "http://127.0.0.1:8080", fleet: fleet, secret: secret, streets: geoJSON, logger: logger)
/// try await demo.run()
/// ```
package struct DemoFleet: Sendable {
    private let driving: DrivingRun

    /// - Parameters:
    ///   - url: the server's own address, `http://HOST:PORT`.
    ///   - secret: `whsec_BASE64` of a partner of `fleet`.
    ///   - streets: GeoJSON, see `StreetNetwork`.
    /// - Throws: `SimulatorError` when one of the arguments is not usable.
    package init(
        url: String, fleet: FleetID, secret: String, streets: [UInt8], vehicles: Int = 12,
        interval: Duration = .seconds(1), logger: Logger
    ) throws(SimulatorError) {
        let progress = SimulationProgress(onNote: {
            logger.debug("demo fleet", metadata: ["detail": "\($0)"])
        })
        let poster = SignedPoster(
            target: try PostTarget(url: url, fleet: fleet), signer: try WebhookSigner(secret: secret),
            onRetry: { progress.retrying($0) })
        let fleet = DrivingFleet(
            count: vehicles, on: try StreetNetwork(geoJSON: streets), seed: UInt64.random(in: 0...UInt64.max))
        driving = DrivingRun(
            fleet: fleet, sender: FixSender(poster: poster, progress: progress, unreachable: .carryOn),
            interval: interval, duration: nil)
    }

    /// Drives until the task is cancelled, through restarts of the server.
    /// - Throws: `SimulatorError.refused` when the server refuses its POSTs; `CancellationError`.
    package func run() async throws { try await driving.run() }
}
