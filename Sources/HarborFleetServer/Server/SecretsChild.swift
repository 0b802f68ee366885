internal import HarborFleet
internal import HarborFleetStorage
internal import HarborFleetWeb
internal import Logging
internal import Supervision
internal import Synchronization

/// Where it is shown whether the server can open the partners' secrets, and where it is told that they may have changed.
final class SecretsBoard: Sendable {
    /// The secrets may have changed.
    let calls = Signal()
    private let state = Mutex(ReadinessCheck(.ok, "not looked at yet", isRequired: false))

    /// The others' fixes are taken, so the server stays ready when it fails.
    var check: ReadinessCheck { state.withLock { $0 } }

    func show(_ check: ReadinessCheck) {
        state.withLock { $0 = check }
    }

    func revisionChanged() {
        calls.raise()
    }
}

/// Looks whether the valid secrets in the database are sealed under this server's key: at the start, when something
/// changed, and now and then, since they expire. Those that are not verify nothing, and no other part would say so. Those
/// under an older key of the server's are sealed anew.
struct SecretsChild: Sendable {
    private static let interval: Duration = .seconds(3_600)
    private static let retryDelay: Duration = .seconds(5)

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "secrets") { context in
            context.ready()
            let clock = SystemSupervisionClock()
            var told = ""
            var toldRefusal: StoreError?
            while true {
                try await parts.gate.wait(untilOpen: true)
                let isDone = await look(&told, &toldRefusal)
                let next = clock.now() + (isDone ? Self.interval : Self.retryDelay)
                try await clock.sleep(until: next, wokenBy: parts.secrets.calls)
            }
        }
    }

    /// - Parameters:
    ///   - told: whose secrets the log has told of.
    ///   - toldRefusal: the refusal that it has told of.
    /// - Returns: whether the database answered.
    private func look(_ told: inout String, _ toldRefusal: inout StoreError?) async -> Bool {
        let sealed: SealedSecrets
        let keyIDs: Set<String>
        do throws(StoreError) {
            let sealer = try await parts.sealers.sealer()
            tell(ofResealed: try await SecretResealer(pool: parts.pool, sealer: sealer).run())
            sealed = try await SealedSecrets(in: parts.pool)
            keyIDs = sealer.keyIDs
        } catch {
            parts.logger.log(
                level: error.levelOfUpkeep(told: &toldRefusal), "the partners' secrets were not looked at",
                metadata: ["error": "\(error)"])
            return false
        }
        // The next refusal is new, also when it says the same.
        toldRefusal = nil
        let partners = sealed.partners(notUnder: keyIDs)
        let problem = Self.problem(sealed.count(notUnder: keyIDs))
        parts.secrets.show(
            ReadinessCheck(problem == nil ? .ok : .failed, problem ?? "all can be opened", isRequired: false))
        if let problem, partners != told {
            parts.logger.error("\(problem)", metadata: ["partners": "\(partners)"])
        }
        told = partners
        return true
    }

    private func tell(ofResealed count: Int) {
        guard count > 0 else { return }
        parts.logger.notice(
            "secrets of partners are sealed anew under a stronger key of the same pass phrase",
            metadata: ["secrets": .stringConvertible(count)])
    }

    private static func problem(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        let secrets = count == 1 ? "1 valid secret of partners is" : "\(count) valid secrets of partners are"
        return "\(secrets) sealed under another HARBOR_SECRET_KEY: signatures with such a secret are refused"
    }
}
