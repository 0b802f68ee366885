/// Something that is not as it has to be.
enum Violation: Hashable, Sendable {
    /// It was acknowledged and is not in the table.
    case missing(FixKey)
    case doubled(FixKey, times: Int)
    /// Nobody sent it.
    case foreign(FixKey)
    /// It says something that nobody sent, or that was sent when another content was acknowledged already.
    case wrongContent(FixKey)
    /// An answer's counts do not add up to the POST's fixes.
    case wrongCounts(post: String)
    /// There is no receipt of a POST's with the counts of an answer.
    case receiptMissing(post: String)
    /// A receipt is of no POST, of another partner's, of another body, or one too many.
    case receiptWrong(post: String)
    /// A receipt does not count the rows that came with it, or rows have no receipt.
    case receiptMiscounts(postID: String)
    /// More was accepted than there is.
    case acceptedTooOften(accepted: Int, rows: Int)
    /// `vehicle_positions` is not the newest row.
    case wrongPosition(VehicleName)
    /// The status is older than the newest row was some time ago.
    case staleStatus(VehicleName)
    /// The status is not the newest row.
    case wrongStatus(VehicleName)
}

/// Holds what the server says and stores against what the ledger knows. Pure.
struct LedgerCheck {
    let ledger: FaultLedger
    let tables: StoredTables

    /// All that is wrong in the tables.
    var violations: [Violation] { fixes + answers + receipts + receiptSums + positions }

    /// Every acknowledged fix is there once, with a content that was sent in time, and nothing else is there.
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

    /// Each answer tells of every fix of its POST, and all answers together accept no more than there is.
    private var answers: [Violation] {
        let wrong = ledger.entries.values.filter { entry in
            entry.answers.contains {
                $0.accepted + $0.duplicates != entry.post.fixes.count || $0.rejected != 0
            }
        }.map { Violation.wrongCounts(post: $0.post.id) }
        let accepted = ledger.entries.values.flatMap(\.answers).reduce(0) { $0 + $1.accepted }
        return accepted <= tables.rows.count
            ? wrong : wrong + [.acceptedTooOften(accepted: accepted, rows: tables.rows.count)]
    }

    /// Each answer has a receipt of its own, and each receipt is of a copy that was sent.
    private var receipts: [Violation] {
        let byPost = Dictionary(grouping: tables.receipts, by: \.webhookID)
        let missing = ledger.entries.values.filter { entry in
            var left = byPost[entry.post.id] ?? []
            return !entry.answers.allSatisfy { answer in
                let index = left.firstIndex {
                    $0.accepted == answer.accepted && $0.duplicates == answer.duplicates
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

    /// Rows and receipts are written in one transaction: a receipt accepts just the rows that name it.
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
