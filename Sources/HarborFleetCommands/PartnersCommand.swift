internal import ArgumentParser
internal import FleetAccess
internal import HarborFleet
internal import HarborFleetStorage

/// `harbor-fleet partners …`.
struct PartnersCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "partners",
        abstract: "Add, list and revoke partners, give them new secrets, set limits.",
        subcommands: [Add.self, List.self, Rotate.self, Set.self, Revoke.self])

    private static let keyIsNeeded = """
        The secret is sealed under the server's key: run this with the server's HARBOR_SECRET_KEY or HARBOR_DATA_DIR.
        """

    /// Stores a partner's new secret, and prints the secret, only once. Warns about each of its fleets that has
    /// more secrets than a verifier tries, because a POST may be refused for that reason.
    /// - Returns: the value that `give` returns.
    private static func giveSecret<Value: Sendable>(
        to id: PartnerID, _ options: AdminOptions, adds: Bool = false,
        _ give: (any PartnerStore, _ key: [UInt8]) async throws -> Value
    ) async throws -> Value {
        let key = Credentials.makeSigningKey()
        let (value, overfull) = try await options.open("partner '\(id)'", adds: adds) { stores in
            let store = try await stores.sealingPartners()
            return (try await give(store, key), try await store.crowdedFleets(of: id))
        }
        for (fleetID, count) in overfull.sorted(by: { $0.key < $1.key }) {
            StandardStreams.writeError(
                """
                warning: fleet '\(fleetID)' has \(count) valid secrets, but the server tries only \
                \(SigningSecret.maximumPerFleet) of them, each partner's newest first. It refuses POSTs signed with \
                the rest.
                """)
        }
        let secret = Credentials.signingSecretText(key)
        try options.output.write(
            CommandOutput(text: secret, ["partner_id": .text(id.rawValue), "secret": .text(secret)]))
        return value
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a partner and print its signing secret, which is shown only once.",
            discussion: """
                A signature does not cover the path. A partner of several fleets should name the fleet in each body, \
                in the member "fleet_id"; "partners set PARTNER_ID --require-fleet-id" makes that mandatory. \
                \(PartnersCommand.keyIsNeeded)
                """)

        @Argument(help: "The partner's id: letters, digits and '._-', at most 64.")
        var partnerID: PartnerID

        @Option(help: "A fleet for which it may post fixes; repeat the option for more.")
        var fleet: [FleetID]

        @OptionGroup var options: AdminOptions

        func validate() throws {
            guard !fleet.isEmpty else { throw ValidationError("Name at least one fleet with --fleet.") }
        }

        func run() async throws {
            let partner = Partner(id: partnerID, fleets: fleet, createdAt: SystemWallClock().now())
            try await PartnersCommand.giveSecret(to: partnerID, options, adds: true) { store, key in
                try await store.add(partner, secret: key)
            }
            if Swift.Set(fleet).count > 1 { StandardStreams.writeError(severalFleets) }
        }

        private var severalFleets: String {
            """
            note: partner '\(partnerID)' has several fleets, and its signature does not cover the path: a copied POST \
            could be sent to another of these fleets. Let the partner name the fleet in each body ("fleet_id"), then \
            make that mandatory: harbor-fleet partners set \(partnerID) --require-fleet-id
            """
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the partners, including revoked ones.")

        /// Without secrets: a partner's secret is shown only once, when it is made.
        static let columns: [Column<Partner>] = [
            Column("PARTNER", "partner_id") { .text($0.id.rawValue) },
            Column("FLEETS", "fleets") { .list($0.fleets.map(\.rawValue).sorted()) },
            Column("FIXES/S", "fixes_per_second") {
                $0.settings.limits.fixesPerSecond.map(OutputValue.number)
            },
            Column("REQUESTS/S", "requests_per_second") {
                $0.settings.limits.requestsPerSecond.map(OutputValue.number)
            },
            Column("FLEET_ID", "require_fleet_id", shown: { $0.settings.requiresFleetID ? "required" : "-" })
            {
                .flag($0.settings.requiresFleetID)
            },
            Column("CREATED", "created_at") { .time($0.createdAt) },
            Column("REVOKED", "revoked_at") { $0.revokedAt.map(OutputValue.time) },
        ]

        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.list(Self.columns) { try await $0.partners.partners().sorted { $0.id < $1.id } }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print a new signing secret for a partner, only once; the old one stays valid for a while.",
            discussion: """
                A partner has at most \(Partner.maximumSecrets) valid secrets: beyond that the oldest end at once, \
                whatever the overlap. \(PartnersCommand.keyIsNeeded)
                """)

        @Argument(help: "The partner's id.")
        var partnerID: PartnerID

        @Option(help: "The hours for which the old secret stays valid.")
        var overlap: Double = 24

        @OptionGroup var options: AdminOptions

        func validate() throws {
            guard (0...8_760).contains(overlap) else {
                throw ValidationError("--overlap must be from 0 to 8760 hours.")
            }
        }

        func run() async throws {
            let end = SystemWallClock().now().advanced(by: .seconds(overlap * 3_600))
            let ended = try await PartnersCommand.giveSecret(to: partnerID, options) { store, key in
                try await store.rotate(partnerID, secret: key, oldSecretsExpireAt: end)
            }
            if ended > 0 {
                StandardStreams.writeError(
                    "ended \(ended) older secret(s) at once: a partner has at most \(Partner.maximumSecrets)")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set what a partner may send; options that are left out change nothing.",
            discussion: """
                A POST beyond a limit gets 429 with Retry-After. After a pause the amount for one second may come at \
                once, of fixes at least \(FixBatch.maximumFixes), as many as one POST can hold. A running server \
                applies a change within a second; of several servers each counts for itself.

                With --require-fleet-id a body without the member "fleet_id" gets 422, as does one that names another \
                fleet than the path. So a POST that was signed for one of the partner's fleets is never accepted for \
                another.
                """)

        @Argument(help: "The partner's id.")
        var partnerID: PartnerID

        @Option(help: ArgumentHelp(Self.help("Valid fixes, including repeated ones"), valueName: "n"))
        var fixesPerSecond: LimitChange?

        @Option(help: ArgumentHelp(Self.help("POSTs"), valueName: "n"))
        var requestsPerSecond: LimitChange?

        @Flag(
            name: .customLong("require-fleet-id"), inversion: .prefixedNo,
            help: "Whether each body must name its fleet.")
        var requiresFleetID: Bool?

        @OptionGroup var options: AdminOptions

        private static func help(_ subject: String) -> String {
            "\(subject), 1 to \(PartnerLimits.highest) a second; 0 or 'none' for no limit."
        }

        func validate() throws {
            guard fixesPerSecond != nil || requestsPerSecond != nil || requiresFleetID != nil else {
                throw ValidationError(
                    "Name what to set: --fixes-per-second, --requests-per-second or --require-fleet-id.")
            }
        }

        func run() async throws {
            let change = PartnerChange(
                fixesPerSecond: fixesPerSecond ?? .keep, requestsPerSecond: requestsPerSecond ?? .keep,
                requiresFleetID: requiresFleetID)
            let set = try await options.open("partner '\(partnerID)'") { stores in
                try await stores.partners.set(change, of: partnerID)
            }
            StandardStreams.writeError(Self.summary(of: partnerID, set))
            try options.output.write(Self.output(partnerID, set))
        }

        /// The settings from now on; settings without a value are left out.
        static func output(_ partnerID: PartnerID, _ set: PartnerSettings) -> CommandOutput {
            CommandOutput([
                "partner_id": .text(partnerID.rawValue),
                "fixes_per_second": set.limits.fixesPerSecond.map(OutputValue.number),
                "requests_per_second": set.limits.requestsPerSecond.map(OutputValue.number),
                "require_fleet_id": set.requiresFleetID ? .flag(true) : nil,
            ])
        }

        static func summary(of partnerID: PartnerID, _ set: PartnerSettings) -> String {
            let limits = set.limits
            let fixes = limits.fixesPerSecond.map { "at most \($0)" } ?? "any number of"
            let requests = limits.requestsPerSecond.map { "at most \($0)" } ?? "any number of"
            let member = set.requiresFleetID ? ", each with the fleet_id in its body" : ""
            return "partner '\(partnerID)' may send \(fixes) fixes and \(requests) POSTs a second\(member)"
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a partner and all its secrets.")

        @Argument(help: "The partner's id.")
        var partnerID: PartnerID

        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.change(
                "revoked", "partner '\(partnerID)'", ["partner_id": .text(partnerID.rawValue)]
            ) { stores in
                try await stores.partners.revoke(partnerID)
            }
        }
    }
}
