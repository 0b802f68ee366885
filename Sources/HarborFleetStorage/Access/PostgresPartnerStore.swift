package import FleetAccess
package import HarborFleet
package import Logging
package import Postgres
package import StoreCache

/// Stores partners in PostgreSQL, with their secrets sealed.
package struct PostgresPartnerStore: PartnerStore {
    private let pool: PostgresPool
    private let sealers: (any SealerSource)?
    private let logger: Logger

    /// - Parameter sealer: the source of the sealer for secrets; nil when no key is available. The store then
    ///   returns no secrets and can add none.
    package init(pool: PostgresPool, sealer: (any SealerSource)?, logger: Logger) {
        self.pool = pool
        sealers = sealer
        self.logger = logger
    }

    package func partners() async throws(StoreError) -> [Partner] {
        try await pool.list(PartnerSQL.list) { try Partner($0) }
    }

    package func signingSecrets(
        for fleetIDs: [FleetID]
    ) async throws(StoreError) -> [FleetID: [SigningSecret]] {
        // Without a sealer nothing is known about the fleets' secrets. Empty lists would claim that every signature
        // is wrong, so the fleets are left out.
        guard let sealer = try await sealers?.sealer() else { return [:] }
        let found = try await pool.list(
            PartnerSQL.signingSecrets, [.textArray(fleetIDs.map(\.rawValue))]
        ) { row -> (FleetID, SigningSecret)? in
            guard let fleetID = FleetID(try row.string(10)), let secret = try secret(row, sealer) else {
                return nil
            }
            return (fleetID, secret)
        }
        return Dictionary(grouping: found, by: \.0).mapValues { $0.map(\.1) }
    }

    package func endedSecrets(of fleetID: FleetID) async throws(StoreError) -> [SigningSecret] {
        guard let sealer = try await sealers?.sealer() else { return [] }
        return try await pool.list(PartnerSQL.endedSecrets, [.text(fleetID.rawValue)]) {
            try secret($0, sealer)
        }
    }

    /// Returns nil for a secret that cannot be opened, so that the other secrets still verify. `SealedSecrets`
    /// reports it, once.
    private func secret(_ row: PostgresRow, _ sealer: SecretSealer) throws -> SigningSecret? {
        guard let partnerID = PartnerID(try row.string(0)) else { return nil }
        do {
            let key = try sealer.open(
                try row.bytes(1), under: try row.string(2), context: partnerID.rawValue)
            return SigningSecret(
                partnerID: partnerID, key: key,
                expiresAt: try row.optionalTime(3),
                limits: try PartnerLimits(row, at: 4), fleetBinding: try FleetBinding(row, at: 6))
        } catch let error as SecretSealer.Failure {
            let sealedUnder = try row.string(2)
            logger.debug(
                "\(error)", metadata: ["partner_id": "\(partnerID)", "sealed_under": "\(sealedUnder)"])
            return nil
        }
    }

    package func add(_ partner: Partner, secret: [UInt8]) async throws(StoreError) {
        let sealed = try await seal(secret, of: partner.id)
        try await pool.changes { connection in
            let fleetKeys = try await FleetLookup.keys(of: partner.fleets, on: connection)
            let rows = try await connection.query(
                PartnerSQL.add,
                [
                    .text(partner.id.rawValue), .time(partner.createdAt),
                    .optional(partner.settings.limits.fixesPerSecond) { .int4(Int32(clamping: $0)) },
                    .optional(partner.settings.limits.requestsPerSecond) { .int4(Int32(clamping: $0)) },
                    .bool(partner.settings.requiresFleetID),
                ])
            let key = try rows[0].int64(0)
            _ = try await connection.query(PartnerSQL.addFleets, [.int8(key), .int8Array(fleetKeys)])
            _ = try await connection.query(PartnerSQL.addSecret, [.int8(key)] + sealed)
        }
    }

    @discardableResult
    package func rotate(
        _ id: PartnerID, secret: [UInt8], oldSecretsExpireAt: Timestamp
    ) async throws(StoreError) -> Int {
        let sealed = try await seal(secret, of: id)
        return try await pool.changes { connection in
            let rows = try await connection.query(PartnerSQL.lock, [.text(id.rawValue)])
            guard let key = try rows.first?.int64(0) else { throw Self.notFound }
            _ = try await connection.query(PartnerSQL.expireSecrets, [.int8(key), .time(oldSecretsExpireAt)])
            _ = try await connection.query(PartnerSQL.addSecret, [.int8(key)] + sealed)
            let ended = try await connection.query(
                PartnerSQL.endOldSecrets, [.int8(key), .int4(Int32(clamping: Partner.maximumSecrets))])
            return Int(try ended[0].int64(0))
        }
    }

    package func revoke(_ id: PartnerID) async throws(StoreError) {
        try await pool.change(PartnerSQL.revoke, [.text(id.rawValue)], orThrow: Self.notFound)
    }

    package func set(
        _ change: PartnerChange, of id: PartnerID
    ) async throws(StoreError) -> PartnerSettings {
        let values: [PostgresValue] = [
            .text(id.rawValue), change.fixesPerSecond.parameter, change.requestsPerSecond.parameter,
            .optional(change.requiresFleetID, PostgresValue.bool),
        ]
        let settings = try await storing {
            try await pool.change(PartnerSQL.set, values).first.map { try PartnerSettings($0, at: 0) }
        }
        guard let settings else { throw Self.notFound }
        return settings
    }

    package func crowdedFleets(of id: PartnerID) async throws(StoreError) -> [FleetID: Int] {
        let found = try await pool.list(PartnerSQL.crowdedFleets, [.text(id.rawValue)]) { row in
            try FleetID(try row.string(0)).map { ($0, Int(try row.int64(1))) }
        }
        return Dictionary(found) { first, _ in first }
    }

    package func noteUse(of id: PartnerID, now: Timestamp) async throws(StoreError) {
        _ = try await storing { try await pool.query(PartnerSQL.noteUse, [.text(id.rawValue), .time(now)]) }
    }

    private func seal(_ secret: [UInt8], of id: PartnerID) async throws(StoreError) -> [PostgresValue] {
        guard let sealer = try await sealers?.sealer() else {
            throw StoreError(.rejected, detail: "no key is configured to seal the secret with")
        }
        do {
            return [.bytes(try sealer.seal(secret, context: id.rawValue)), .text(sealer.keyID)]
        } catch {
            throw StoreError(.rejected, detail: "\(error)")
        }
    }

    private static let notFound = StoreError(.notFound, detail: "there is no such partner")
}

extension Partner {
    /// Decodes a row of `PartnerSQL.list`; nil when the id is invalid.
    fileprivate init?(_ row: PostgresRow) throws {
        guard let id = PartnerID(try row.string(0)) else { return nil }
        self.init(
            id: id, fleets: try row.stringArray(1).compactMap(FleetID.init),
            createdAt: try row.time(2),
            revokedAt: try row.optionalTime(3),
            settings: try PartnerSettings(row, at: 4))
    }
}

extension PartnerSettings {
    /// Decodes three columns of a row, the limits first.
    fileprivate init(_ row: PostgresRow, at column: Int) throws {
        self.init(limits: try PartnerLimits(row, at: column), requiresFleetID: try row.bool(column + 2))
    }
}

extension FleetBinding {
    /// Decodes two columns of a row: whether the POST must name the fleet, and whether the partner has several
    /// fleets.
    fileprivate init(_ row: PostgresRow, at column: Int) throws {
        let (requiresFleetID, hasOthers) = (try row.bool(column), try row.bool(column + 1))
        self = requiresFleetID ? .member : hasOthers ? .memory : .oneFleet
    }
}

extension PartnerLimits {
    /// Decodes two columns of a row, the fixes first.
    fileprivate init(_ row: PostgresRow, at column: Int) throws {
        self.init(
            fixesPerSecond: try row.optionalInt64(column).map(Int.init),
            requestsPerSecond: try row.optionalInt64(column + 1).map(Int.init))
    }
}

extension LimitChange {
    /// The parameter for `PartnerSQL.set`.
    fileprivate var parameter: PostgresValue {
        switch self {
        case .keep: .null
        case .lift: .int4(0)
        case .perSecond(let number): .int4(Int32(clamping: max(number, 1)))
        }
    }
}
