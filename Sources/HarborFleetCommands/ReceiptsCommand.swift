internal import ArgumentParser
package import HarborFleet
internal import HarborFleetStorage

/// `harbor-fleet receipts`.
struct ReceiptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts", abstract: "List what became of partners' POSTs, the newest first.",
        discussion: """
            Receipts are kept in the order of time: --since says how far back is looked for those of a fleet or partner \
            that seldom posts. They are deleted after HARBOR_RECEIPT_RETENTION_DAYS.
            """)

    @Option(help: "Only POSTs to this fleet.")
    var fleet: FleetID?

    @Option(help: "Only POSTs of this partner.")
    var partner: PartnerID?

    @Option(help: ArgumentHelp("Only POSTs that came then or later.", valueName: "rfc3339"))
    var since: Timestamp?

    @Option(help: "How many at most, up to 100000.")
    var limit = 100

    @OptionGroup var options: ListOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 100000.")
        }
    }

    func run() async throws {
        let filter = ReceiptFilter(fleetID: fleet, partnerID: partner, since: since)
        try await options.list(as: ReceiptRow.init) { try await $0.receipts.newest(limit, filter) }
    }
}

/// A receipt in a list.
struct ReceiptRow: TableRow {
    let postID: String
    let receivedAt: String
    let fleetID: String
    let partnerID: String?
    let webhookID: String?
    let accepted: Int
    let duplicates: Int
    let bodyBytes: Int
    let bodySHA256: String?

    init(_ receipt: Receipt) {
        postID = receipt.postID.description
        receivedAt = receipt.receivedAt.rfc3339
        fleetID = receipt.fleetID.rawValue
        partnerID = receipt.partnerID
        webhookID = receipt.webhookID
        accepted = receipt.accepted
        duplicates = receipt.duplicates
        bodyBytes = receipt.bodyBytes
        bodySHA256 = receipt.bodyHash
    }

    static let columns = [
        "RECEIVED", "FLEET", "PARTNER", "WEBHOOK-ID", "ACCEPTED", "DUPLICATES", "BYTES", "SHA-256",
    ]

    /// The digest's beginning tells two bodies apart; the whole is in the JSON.
    var cells: [String] {
        [
            receivedAt, fleetID, partnerID ?? "-", webhookID ?? "-", "\(accepted)", "\(duplicates)",
            "\(bodyBytes)",
            bodySHA256.map { String($0.prefix(16)) } ?? "-",
        ]
    }

    enum CodingKeys: String, CodingKey {
        case postID = "post_id"
        case receivedAt = "received_at"
        case fleetID = "fleet_id"
        case partnerID = "partner_id"
        case webhookID = "webhook_id"
        case accepted
        case duplicates
        case bodyBytes = "body_bytes"
        case bodySHA256 = "body_sha256"
    }
}

extension Timestamp: ExpressibleByArgument {
    /// By RFC 3339.
    package init?(argument: String) {
        guard let timestamp = Timestamp(rfc3339: argument) else { return nil }
        self = timestamp
    }
}
