internal import HarborFleet
internal import Postgres
internal import Synchronization

/// Cuts a period of fixes into spans that each touch only a few partitions.
///
/// A statement locks every partition that it may have to read, and each one's index, until its transaction ends.
/// The table of locks is shared and has a fixed size (PostgreSQL manual, 20.12, `max_locks_per_transaction`): with
/// some years of retention, a single statement over the whole period would exceed it.
///
/// The spans of a period cover all of it, whatever partitions exist. So a slightly outdated list of partitions
/// costs locks but misses no fix.
final class PartitionSpans: Sendable {
    /// The maximum number of partitions in one span.
    static let width = 32
    /// How long the list of partitions counts as current. The keeper creates at most a few hundred in that time.
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

    /// The spans of a period, oldest first; no spans for an empty period.
    func spans(of period: Range<Timestamp>) async throws -> [Range<Timestamp>] {
        Self.spans(of: period, starts: try await starts())
    }

    /// - Parameter starts: the starts of the partitions, in order.
    static func spans(of period: Range<Timestamp>, starts: [Timestamp]) -> [Range<Timestamp>] {
        guard !period.isEmpty else { return [] }
        let inside = starts.filter { $0 > period.lowerBound && $0 < period.upperBound }
        // The first span also has a part of the partition in which the period begins.
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
