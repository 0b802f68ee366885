/// A contradiction between the ledger and what the server says or stores.
enum Violation: Hashable, Sendable {
    /// A fix was acknowledged and is not in the table.
    case missing(FixKey)
    case doubled(FixKey, times: Int)
    /// No partner sent the fix of a row.
    case foreign(FixKey)
    /// A row has a content that no partner sent, or that was sent after another content was acknowledged.
    case wrongContent(FixKey)
    /// The counts of a response do not add up to the POST's fixes.
    case wrongCounts(post: String)
    /// No receipt of a POST has the counts of a response.
    case receiptMissing(post: String)
    /// A receipt is of no POST, of another partner, of another body, or one too many.
    case receiptWrong(post: String)
    /// A receipt does not count the rows of its POST, or rows have no receipt.
    case receiptMiscounts(postID: String)
    /// More fixes were accepted than there are rows.
    case acceptedTooOften(accepted: Int, rows: Int)
    /// `vehicle_positions` is not the newest row.
    case wrongPosition(VehicleName)
    /// The status is older than the newest row was some time ago.
    case staleStatus(VehicleName)
    /// The status is not the newest row.
    case wrongStatus(VehicleName)
}

/// Compares what the server says and stores with the ledger. Pure.
struct LedgerCheck {
    let ledger: FaultLedger
    let tables: StoredTables

    /// All violations in the tables.
    var violations: [Violation] { fixes + responses + receipts + receiptSums + positions }

    /// Each acknowledged fix is stored once, with a content that was sent in time, and nothing else is stored.
    private var fixes: [Violation] {
        var counts: [FixKey: Int] = [:]
        for row in tables.rows { counts[row.key, default: 0] += 1 }
        let missing = ledger.claims.filter { $0.value.acknowledged != nil && counts[$0.key] == nil }.map {
            Violation.missing($0.key)
        }
        let doubled = counts.filter { $0.value > 1 }.map { Violation.doubled($0.key, times: $0.value) }
        let wrong = tables.rows.compactMap { row -> Violation? in
            guard let claim = ledger.claims[row.key] else { return .foreign(row.key) }
            let isPossible = claim.possible.contains { FixContent($0) == row.content }
            return isPossible ? nil : .wrongContent(row.key)
        }
        return missing + doubled + wrong
    }

    /// Each response counts every fix of its POST, and all responses together accept no more fixes than there are rows.
    private var responses: [Violation] {
        let wrong = ledger.entries.values.filter { entry in
            entry.responses.contains {
                $0.accepted + $0.duplicates != entry.post.fixes.count || $0.rejected != 0
            }
        }.map { Violation.wrongCounts(post: $0.post.id) }
        let accepted = ledger.entries.values.flatMap(\.responses).reduce(0) { $0 + $1.accepted }
        return accepted <= tables.rows.count
            ? wrong : wrong + [.acceptedTooOften(accepted: accepted, rows: tables.rows.count)]
    }

    /// Each response has a receipt of its own, and each receipt is of a copy that was sent.
    private var receipts: [Violation] {
        let byPost = Dictionary(grouping: tables.receipts, by: \.webhookID)
        let missing = ledger.entries.values.filter { entry in
            var left = byPost[entry.post.id] ?? []
            return !entry.responses.allSatisfy { response in
                let index = left.firstIndex {
                    $0.accepted == response.accepted && $0.duplicates == response.duplicates
                }
                if let index { left.remove(at: index) }
                return index != nil
            }
        }.map { Violation.receiptMissing(post: $0.post.id) }
        let wrong = byPost.filter { id, receipts in
            guard let entry = ledger.entries[id], receipts.count <= entry.copies else { return true }
            return !receipts.allSatisfy {
                $0.partner == entry.post.partner && $0.fleet == entry.post.fleet
                    && $0.body == entry.body
            }
        }.map { Violation.receiptWrong(post: $0.key) }
        return missing + wrong
    }

    /// Rows and receipts are written in one transaction, so a receipt accepts exactly the rows that name it.
    private var receiptSums: [Violation] {
        var left: [String: Int] = [:]
        for row in tables.rows { left[row.postID, default: 0] += 1 }
        for receipt in tables.receipts { left[receipt.postID, default: 0] -= receipt.accepted }
        return left.filter { $0.value != 0 }.map { .receiptMiscounts(postID: $0.key) }
    }

    private var positions: [Violation] {
        let newest = tables.newest
        let stored = Dictionary(tables.positions.map { ($0.key.vehicle, $0) }) { first, _ in first }
        return Set(newest.keys).union(stored.keys).filter { newest[$0] != stored[$0] }.map {
            .wrongPosition($0)
        }
    }

    /// Vehicles whose status is not what the newest row says.
    static func status(
        _ shown: [VehicleName: ShownVehicle], against newest: [VehicleName: StoredRow]
    ) -> [Violation] {
        Set(shown.keys).union(newest.keys).filter { name in
            guard let shown = shown[name], let row = newest[name] else { return true }
            return shown.recordedAt != row.key.milliseconds || shown.receivedAt != row.receivedAt
                || shown.content != row.content
        }.map { .wrongStatus($0) }
    }

    /// Vehicles whose status is older than the newest row was at some moment before.
    /// - Parameter floor: `recorded_at` in milliseconds of the newest rows at that moment.
    static func staleness(
        of shown: [VehicleName: ShownVehicle], since floor: [VehicleName: Int64]
    ) -> [Violation] {
        floor.filter { name, milliseconds in
            shown[name].map { $0.recordedAt < milliseconds } ?? true
        }.map { .staleStatus($0.key) }
    }
}
