internal import FleetAccess
internal import HarborFleet
internal import Postgres

/// A fleet in a list.
struct FleetRow: TableRow, CommandAnswer {
    let fleetID: String
    let name: String

    init(_ fleet: Fleet) {
        fleetID = fleet.id.rawValue
        name = fleet.name
    }

    static let columns = ["FLEET", "NAME"]
    var cells: [String] { [fleetID, name] }
    var text: String? { nil }

    enum CodingKeys: String, CodingKey {
        case fleetID = "fleet_id"
        case name
    }
}

/// What was removed, revoked or changed.
struct SubjectAnswer: CommandAnswer {
    let members: [String: String]
    var text: String? { nil }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(members)
    }
}

/// A partner in a list; its secrets are never shown again.
struct PartnerRow: TableRow {
    let partnerID: String
    let fleets: [String]
    let createdAt: String
    let revokedAt: String?
    let fixesPerSecond: Int?
    let requestsPerSecond: Int?
    let requiresFleetID: Bool

    init(_ partner: Partner) {
        partnerID = partner.id.rawValue
        fleets = partner.fleets.map(\.rawValue).sorted()
        createdAt = partner.createdAt.rfc3339
        revokedAt = partner.revokedAt.map(\.rfc3339)
        fixesPerSecond = partner.settings.limits.fixesPerSecond
        requestsPerSecond = partner.settings.limits.requestsPerSecond
        requiresFleetID = partner.settings.requiresFleetID
    }

    static let columns = ["PARTNER", "FLEETS", "FIXES/S", "REQUESTS/S", "FLEET_ID", "CREATED", "REVOKED"]
    var cells: [String] {
        [
            partnerID, fleets.joined(separator: ","), fixesPerSecond.map(String.init) ?? "-",
            requestsPerSecond.map(String.init) ?? "-", requiresFleetID ? "required" : "-", createdAt,
            revokedAt ?? "-",
        ]
    }

    enum CodingKeys: String, CodingKey {
        case partnerID = "partner_id"
        case fleets
        case createdAt = "created_at"
        case revokedAt = "revoked_at"
        case fixesPerSecond = "fixes_per_second"
        case requestsPerSecond = "requests_per_second"
        case requiresFleetID = "require_fleet_id"
    }
}

/// What is set of a partner from now on; what is not set is left out.
struct PartnerSettingsAnswer: CommandAnswer {
    let partnerID: String
    let fixesPerSecond: Int?
    let requestsPerSecond: Int?
    /// True, or left out.
    let requiresFleetID: Bool?

    init(_ id: PartnerID, _ settings: PartnerSettings) {
        partnerID = id.rawValue
        fixesPerSecond = settings.limits.fixesPerSecond
        requestsPerSecond = settings.limits.requestsPerSecond
        requiresFleetID = settings.requiresFleetID ? true : nil
    }

    var text: String? { nil }

    enum CodingKeys: String, CodingKey {
        case partnerID = "partner_id"
        case fixesPerSecond = "fixes_per_second"
        case requestsPerSecond = "requests_per_second"
        case requiresFleetID = "require_fleet_id"
    }
}

/// A new signing secret: shown this once.
struct PartnerSecretAnswer: CommandAnswer {
    let partnerID: String
    let secret: String

    var text: String? { secret }

    enum CodingKeys: String, CodingKey {
        case partnerID = "partner_id"
        case secret
    }
}

/// A token in a list; its text is never shown again.
struct TokenRow: TableRow {
    let name: String
    let role: String
    /// Left out for a token that sees all fleets.
    let fleets: [String]?
    let createdAt: String
    let expiresAt: String?
    let revokedAt: String?

    init(_ token: Token) {
        name = token.name
        role = token.role.rawValue
        switch token.scope {
        case .all: fleets = nil
        case .fleets(let ids): fleets = ids.map(\.rawValue).sorted()
        }
        createdAt = token.createdAt.rfc3339
        expiresAt = token.expiresAt.map(\.rfc3339)
        revokedAt = token.revokedAt.map(\.rfc3339)
    }

    static let columns = ["NAME", "ROLE", "FLEETS", "CREATED", "EXPIRES", "REVOKED"]
    var cells: [String] {
        [
            name, role, fleets?.joined(separator: ",") ?? "(all)", createdAt, expiresAt ?? "-",
            revokedAt ?? "-",
        ]
    }

    enum CodingKeys: String, CodingKey {
        case name
        case role
        case fleets
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
    }
}

/// A new read token: shown this once.
struct TokenAnswer: CommandAnswer {
    let name: String
    let token: String

    var text: String? { token }
}

/// A migration in a list.
struct MigrationRow: TableRow {
    let number: Int
    let name: String
    /// `applied`, `pending` or `newer`; `edited`, `dirty`, `unknown` or `missing` for one that is refused.
    let state: String
    /// Left out while it is not applied.
    let appliedAt: String?

    init(_ status: MigrationStatus) {
        number = status.number
        name = status.name
        state = status.state.rawValue
        appliedAt = status.appliedAtMilliseconds.map { Timestamp(milliseconds: $0).rfc3339 }
    }

    /// One that has just been applied.
    init(_ migration: Migration) {
        number = migration.number
        name = migration.name
        state = MigrationStatus.State.applied.rawValue
        appliedAt = nil
    }

    static let columns = ["NUMBER", "NAME", "STATE", "APPLIED"]
    var cells: [String] { ["\(number)", name, state, appliedAt ?? "-"] }

    enum CodingKeys: String, CodingKey {
        case number
        case name
        case state
        case appliedAt = "applied_at"
    }
}

/// Where the database is.
struct DatabaseURLAnswer: CommandAnswer {
    let url: String

    var text: String? { url }
}
