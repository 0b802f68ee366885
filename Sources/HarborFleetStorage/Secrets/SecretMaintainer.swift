package import Logging
package import Postgres
package import StoreCache
package import Supervision
internal import Synchronization

/// Checks whether the valid secrets in the database are sealed under this server's key. It runs at the start, after
/// each change, and every hour, because secrets expire. A secret under another key verifies nothing, and no other
/// part would report that. A secret under an older key of the server is sealed again under the current one.
package final class SecretMaintainer: Sendable {
    private static let interval: Duration = .seconds(3_600)
    private static let retryDelay: Duration = .seconds(5)

    /// What has been logged already.
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
    private let check = Mutex(HealthCheck(.ok, "not checked yet", isRequired: false))

    /// - Parameter revision: signals that the secrets may have changed.
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

    /// - Returns: whether the look succeeded; otherwise it is repeated after the retry delay.
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
                level: error.levelOfUpkeep(told: &told.refusal), "the partners' secrets could not be checked",
                metadata: ["error": "\(error)"])
            return false
        }
        // The next refusal counts as new, even if its text is the same.
        told.refusal = nil
        let partners = sealed.partners(notUnder: keyIDs)
        let problem = Self.problem(sealed.count(notUnder: keyIDs))
        // Fixes signed with the other secrets are accepted, so the server stays ready.
        check.withLock {
            $0 = HealthCheck(
                problem == nil ? .ok : .failed, problem ?? "all secrets can be opened", isRequired: false)
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
            "secrets of partners were sealed again under a stronger key of the same pass phrase",
            metadata: ["secrets": .stringConvertible(count)])
    }

    private static func problem(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        let secrets = count == 1 ? "1 valid secret of partners is" : "\(count) valid secrets of partners are"
        return "\(secrets) sealed under another HARBOR_SECRET_KEY: signatures with such a secret are refused"
    }
}
