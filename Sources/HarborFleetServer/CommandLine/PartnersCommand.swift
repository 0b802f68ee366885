internal import ArgumentParser
internal import HarborFleet
internal import HarborFleetStorage

/// `harbor-fleet partners …`.
struct PartnersCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "partners", abstract: "Add, list and revoke partners, and give them new secrets.",
        subcommands: [Add.self, List.self, Rotate.self, Revoke.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a partner and print its signing secret, this once.")

        @Argument(help: "The partner's id: letters, digits and '._-', at most 64.")
        var partnerID: PartnerID

        @Option(help: "A fleet that it may post fixes for; repeat it for more.")
        var fleet: [FleetID]

        @OptionGroup var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard !fleet.isEmpty else { throw ValidationError("Name at least one fleet with --fleet.") }
        }

        func run() async throws {
            let partner = Partner(id: partnerID, fleets: fleet, createdAt: SystemWallClock().now())
            let key = Credentials.makeSigningKey()
            try await AdminSession.open(settings) { stores in
                let store = try stores.partners()
                return try await CommandFailure.explaining("partner '\(partnerID)'") {
                    () async throws(StoreError) in
                    try await store.add(partner, secret: key)
                }
            }
            try output.write(
                PartnerSecretAnswer(partnerID: partnerID.rawValue, secret: Credentials.signingSecretText(key))
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the partners, the revoked ones too.")

        @OptionGroup var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let partners = try await AdminSession.open(settings) { stores in
                let store = try stores.partners()
                return try await CommandFailure.explaining("the list") { () async throws(StoreError) in
                    try await store.partners()
                }
            }
            try output.write(TableAnswer(partners.sorted { $0.id < $1.id }.map(PartnerRow.init)))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print a partner's next signing secret, this once; the old one stays valid for a while.",
            discussion: """
                A partner has at most \(Partner.maximumSecrets) valid secrets: older ones end at once, whatever the \
                overlap.
                """)

        @Argument(help: "The partner's id.")
        var partnerID: PartnerID

        @Option(help: "For how many hours the old secret stays valid.")
        var overlap: Double = 24

        @OptionGroup var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (0...8_760).contains(overlap) else {
                throw ValidationError("--overlap must be from 0 to 8760 hours.")
            }
        }

        func run() async throws {
            let key = Credentials.makeSigningKey()
            let end = SystemWallClock().now().advanced(by: .seconds(overlap * 3_600))
            let ended = try await AdminSession.open(settings) { stores in
                let store = try stores.partners()
                return try await CommandFailure.explaining("partner '\(partnerID)'") {
                    () async throws(StoreError) in
                    try await store.rotate(partnerID, secret: key, oldSecretsExpireAt: end)
                }
            }
            if ended > 0 {
                StandardStreams.writeError(
                    "ended \(ended) older secret(s) at once: a partner has at most \(Partner.maximumSecrets)")
            }
            try output.write(
                PartnerSecretAnswer(partnerID: partnerID.rawValue, secret: Credentials.signingSecretText(key))
            )
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a partner and all its secrets.")

        @Argument(help: "The partner's id.")
        var partnerID: PartnerID

        @OptionGroup var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await AdminSession.open(settings) { stores in
                let store = try stores.partners()
                return try await CommandFailure.explaining("partner '\(partnerID)'") {
                    () async throws(StoreError) in
                    try await store.revoke(partnerID)
                }
            }
            StandardStreams.writeError("revoked partner '\(partnerID)'")
            try output.write(SubjectAnswer(members: ["partner_id": partnerID.rawValue]))
        }
    }
}
