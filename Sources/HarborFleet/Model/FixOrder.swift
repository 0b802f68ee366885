/// Which of a vehicle's fixes is newer (the contract's Status): the greater one.
///
/// `recordedAt` decides. A fix that is ahead counts as recorded at the latest time that a right clock could have given it,
/// so that a clock that runs ahead holds a vehicle back for that long at most. The function `record_fixes` of the database
/// has the same rule in SQL.
package struct FixOrder: Comparable, Sendable {
    /// How far `recordedAt` may lie behind `receivedAt`, that is, in the future, in milliseconds.
    static let toleranceMilliseconds: Int64 = 30_000

    private let effectiveAt: Timestamp
    private let recordedAt: Timestamp

    package init(recordedAt: Timestamp, receivedAt: Timestamp) {
        effectiveAt = min(recordedAt, Self.limit(of: receivedAt))
        self.recordedAt = recordedAt
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.effectiveAt == right.effectiveAt
            ? left.recordedAt < right.recordedAt : left.effectiveAt < right.effectiveAt
    }

    /// The latest `recordedAt` that is not ahead.
    static func limit(of receivedAt: Timestamp) -> Timestamp {
        let (sum, overflow) = receivedAt.milliseconds.addingReportingOverflow(toleranceMilliseconds)
        return Timestamp(milliseconds: overflow ? .max : sum)
    }
}

extension StoredFix {
    /// Whether this fix is newer than another one of its vehicle.
    package func isNewer(than other: StoredFix) -> Bool { other.order < order }

    package var order: FixOrder { FixOrder(recordedAt: fix.recordedAt, receivedAt: receivedAt) }

    /// Whether the vehicle's clock ran ahead: `recordedAt` is more than 30 s after `receivedAt`.
    package var isAhead: Bool { fix.recordedAt > FixOrder.limit(of: receivedAt) }
}
