internal import HarborFleet
internal import Postgres
internal import Synchronization

/// Cuts a period of fixes into spans that few partitions are of.
///
/// A statement locks every partition that it may have to look at, and each one's index, until its transaction ends. The
/// table of locks is shared and of a fixed size (PostgreSQL manual, 20.12, `max_locks_per_transaction`): with some years
/// of retention a single statement over all of it would not fit.
///
/// The spans of a period cover all of it, whatever partitions there are. So a list that is a little old costs locks and
/// loses no fix.
final class PartitionSpans: Sendable {
    /// Partitions of one span.
    static let width = 32
    /// How long the list of partitions is taken for current. In that time the keeper makes a few hundred at most.
    private static let lifetime: Duration = .seconds(5)

    private struct List {
        let starts: [Timestamp]
        let readAt: ContinuousClock.Instant
    }

    private let pool: PostgresPool
    private let list = Mutex<List?>(nil)

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The spans of a period, the oldest first; none of an empty one.
    func spans(of period: Range<Timestamp>) async throws -> [Range<Timestamp>] {
        Self.spans(of: period, starts: try await starts())
    }

    /// - Parameter starts: the first moments of the partitions, in order.
    static func spans(of period: Range<Timestamp>, starts: [Timestamp]) -> [Range<Timestamp>] {
        guard !period.isEmpty else { return [] }
        let inside = starts.filter { $0 > period.lowerBound && $0 < period.upperBound }
        // The first span has a part of the partition that the period begins in.
        let cuts = stride(from: width - 1, to: inside.count, by: width).map { inside[$0] }
        return zip([period.lowerBound] + cuts, cuts + [period.upperBound]).map { $0..<$1 }
    }

    private func starts() async throws -> [Timestamp] {
        if let known = list.withLock({ $0 }), known.readAt.duration(to: .now) < Self.lifetime {
            return known.starts
        }
        let starts = try await PartitionSurvey(on: pool).partitions.compactMap(\.start)
        let found = List(starts: starts.sorted(), readAt: .now)
        list.withLock { $0 = found }
        return found.starts
    }
}
