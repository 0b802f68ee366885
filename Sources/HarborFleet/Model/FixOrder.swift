/// The order of a vehicle's fixes by which the newest one is chosen: the greater one is newer. The section Clocks of
/// the guide "Sending fixes" describes it to partners.
///
/// `recordedAt` decides. A fix that is ahead counts as recorded at the latest time that a correct clock could have
/// given it, which is `toleranceMilliseconds` after its arrival. So when a clock that ran ahead is set right, its
/// correct fixes move the vehicle again after that time at the latest. The database function `record_fixes` has the
/// same rule in SQL.
package struct FixOrder: Comparable, Sendable {
    /// How far `recordedAt` may be later than `receivedAt`, in milliseconds, before the fix counts as ahead.
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
