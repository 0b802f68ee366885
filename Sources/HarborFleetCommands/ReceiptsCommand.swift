internal import ArgumentParser
package import HarborFleet
internal import HarborFleetStorage

/// `harbor-fleet receipts`.
struct ReceiptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts", abstract: "List the receipts of partners' POSTs, the newest first.",
        discussion: """
            Receipts are stored in the order of time. For a fleet or partner that seldom posts, --since limits how far \
            back the search goes. Receipts are deleted after HARBOR_RECEIPT_RETENTION_DAYS.
            """)

    @Option(help: "Only POSTs to this fleet.")
    var fleet: FleetID?

    @Option(help: "Only POSTs of this partner.")
    var partner: PartnerID?

    @Option(help: ArgumentHelp("Only POSTs received at this time or later.", valueName: "rfc3339"))
    var since: Timestamp?

    @Option(help: "The largest number to list, up to 100000.")
    var limit = 100

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 100000.")
        }
    }

    func run() async throws {
        let filter = ReceiptFilter(fleetID: fleet, partnerID: partner, since: since)
        try await options.list(Self.columns) { try await $0.receipts.newest(limit, filter) }
    }

    /// The beginning of a digest is enough to distinguish two bodies; the JSON has all of it.
    static let columns: [Column<Receipt>] = [
        Column(nil, "post_id") { .text($0.postID.description) },
        Column("RECEIVED", "received_at") { .time($0.receivedAt) },
        Column("FLEET", "fleet_id") { .text($0.fleetID.rawValue) },
        Column("PARTNER", "partner_id") { $0.partnerID.map(OutputValue.text) },
        Column("WEBHOOK-ID", "webhook_id") { $0.webhookID.map(OutputValue.text) },
        Column("ACCEPTED", "accepted") { .number($0.accepted) },
        Column("DUPLICATES", "duplicates") { .number($0.duplicates) },
        Column("BYTES", "body_bytes") { .number($0.bodyBytes) },
        Column("SHA-256", "body_sha256", shown: { $0.bodyHash.map { String($0.prefix(16)) } ?? "-" }) {
            $0.bodyHash.map(OutputValue.text)
        },
    ]
}

extension Timestamp: ExpressibleByArgument {
    /// Reads an RFC 3339 time.
    package init?(argument: String) {
        guard let timestamp = Timestamp(rfc3339: argument) else { return nil }
        self = timestamp
    }
}
