package import Logging
package import Postgres
package import StoreCache
package import Supervision
internal import Synchronization

/// Looks whether the valid secrets in the database are sealed under this server's key: at the start, when something
/// changed, and every hour, since they expire. A secret under another key verifies nothing, and no other part would say
/// so. A secret under an older key of the server's is sealed anew.
package final class SecretMaintainer: Sendable {
    private static let interval: Duration = .seconds(3_600)
    private static let retryDelay: Duration = .seconds(5)

    /// What the log has told of.
    private struct Told {
        /// Partners whose secrets cannot be opened.
        var partners = ""
        var refusal: StoreError?
    }

    private let pool: PostgresPool
    private let gate: SchemaGate
    private let sealers: any SealerSource
    private let logger: Logger
    private let changes = Signal()
    private let check = Mutex(HealthCheck(.ok, "not looked at yet", isRequired: false))

    /// - Parameter revision: tells that the secrets may have changed.
    package init(
        pool: PostgresPool, gate: SchemaGate, sealers: any SealerSource, revision: RevisionClock,
        logger: Logger
    ) {
        self.pool = pool
        self.gate = gate
        self.sealers = sealers
        self.logger = logger
        revision.onChange { [changes] in changes.raise() }
    }

    package var service: Service {
        Service(
            ChildSpec(id: "secrets") { context in
                context.ready()
                var told = Told()
                try await PeriodicJob(wokenBy: self.changes).run {
                    try await self.gate.wait(untilOpen: true)
                    return .after(await self.look(&told) ? Self.interval : Self.retryDelay)
                }
            }, checks: ["secrets": { self.check.withLock { $0 } }])
    }

    /// - Returns: whether the database answered.
    private func look(_ told: inout Told) async -> Bool {
        let sealed: SealedSecrets
        let keyIDs: Set<String>
        do throws(StoreError) {
            let sealer = try await sealers.sealer()
            tell(ofResealed: try await SecretResealer(pool: pool, sealer: sealer).run())
            sealed = try await SealedSecrets(in: pool)
            keyIDs = sealer.keyIDs
        } catch {
            logger.log(
                level: error.levelOfUpkeep(told: &told.refusal), "the partners' secrets were not looked at",
                metadata: ["error": "\(error)"])
            return false
        }
        // The next refusal is new, also when it says the same.
        told.refusal = nil
        let partners = sealed.partners(notUnder: keyIDs)
        let problem = Self.problem(sealed.count(notUnder: keyIDs))
        // The others' fixes are taken, so the server stays ready.
        check.withLock {
            $0 = HealthCheck(
                problem == nil ? .ok : .failed, problem ?? "all can be opened", isRequired: false)
        }
        if let problem, partners != told.partners {
            logger.error("\(problem)", metadata: ["partners": "\(partners)"])
        }
        told.partners = partners
        return true
    }

    private func tell(ofResealed count: Int) {
        guard count > 0 else { return }
        logger.notice(
            "secrets of partners are sealed anew under a stronger key of the same pass phrase",
            metadata: ["secrets": .stringConvertible(count)])
    }

    private static func problem(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        let secrets = count == 1 ? "1 valid secret of partners is" : "\(count) valid secrets of partners are"
        return "\(secrets) sealed under another HARBOR_SECRET_KEY: signatures with such a secret are refused"
    }
}
