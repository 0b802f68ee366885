package import HarborFleet
package import Postgres
package import StoreCache
package import Supervision

/// Stores fixes in PostgreSQL.
///
/// The recorder's pool has one connection for each batch in flight. So commits overlap, and none waits for another
/// one's statement. Reads use the shared pool, so that a reload never delays a commit.
package final class PostgresFixStore: FixStore {
    private let pool: PostgresPool
    private let recorder: PostgresPool
    private let hadNoPartition: Signal
    private let keys = KeyCache()

    private static let reloadTimeout: Duration = .seconds(30)
    /// The number of rows that are decoded without a pause, about a millisecond of work.
    private static let rowsPerSlice = 500
    /// The maximum number of attempts for one batch that fail in the database.
    private static let maximumAttempts = 5

    /// - Parameters:
    ///   - pool: for reads.
    ///   - recorder: for commits, as many at once as it has connections.
    ///   - hadNoPartition: raised when a fix has no partition; wakes the partition maintainer.
    package init(pool: PostgresPool, recorder: PostgresPool, hadNoPartition: Signal = Signal()) {
        self.pool = pool
        self.recorder = recorder
        self.hadNoPartition = hadNoPartition
    }

    package func newestFixes(of fleetID: FleetID) async throws(StoreError) -> [StoredFix] {
        try await storing {
            let rows = try await pool.query(
                RecordSQL.newestFixes, [.text(fleetID.rawValue)], timeout: Self.reloadTimeout)
            return try await Self.decoded(rows)
        }
    }

    /// Decodes in slices, so that a large fleet does not hold up the other work on the caller's loop.
    private static func decoded(_ rows: PostgresRows) async throws -> [StoredFix] {
        var fixes: [StoredFix] = []
        fixes.reserveCapacity(rows.count)
        for row in rows {
            fixes.append(try StoredFix(row))
            if fixes.count.isMultiple(of: rowsPerSlice) { await Task.yield() }
        }
        return fixes
    }

    package func record(
        _ posts: [PendingPost], by deadline: Deadline
    ) async throws(StoreError) -> [PostOutcome] {
        do {
            return try await recorded(posts, by: deadline)
        } catch {
            if error.kind == .notYet { hadNoPartition.raise() }
            throw error
        }
    }

    private func recorded(
        _ posts: [PendingPost], by deadline: Deadline
    ) async throws(StoreError) -> [PostOutcome] {
        guard !posts.isEmpty else { return [] }
        var known: [PostID: PostOutcome] = [:]
        var attempts = 0
        var failures = 0
        var looksUp = false
        var removals = keys.removals
        while true {
            attempts += 1
            do {
                if looksUp { known.merge(try await receipts(of: posts, deadline)) { $1 } }
                looksUp = false
                let removalsNow = try await knownOrAsked(removals, deadline)
                removals = removalsNow
                try await commit(
                    posts.filter { known[$0.postID] == nil }, removals: removalsNow, &known, deadline)
                return try posts.map { post throws(StoreError) in
                    guard let outcome = known[post.postID] else { throw Self.incomplete }
                    return outcome
                }
            } catch is RemovedKeys {
                guard attempts < Self.maximumRelearnings else { throw Self.removedTooFast }
                removals = nil
            } catch let error as PostgresError {
                failures += 1
                if error.kind == .connection || error.outcomeUnknown {
                    keys.forget()
                    removals = nil
                }
                guard failures < Self.maximumAttempts else { throw StoreError(error) }
                if try needsReceipts(after: error) { looksUp = true }
            } catch let error as StoreError {
                throw error
            } catch {
                throw Self.incomplete
            }
        }
    }

    /// The maximum number of attempts for one batch when its keys are out of date. Only removals without a pause
    /// could reach it.
    private static let maximumRelearnings = 100
    private static let removedTooFast = StoreError(
        .unavailable, detail: "vehicles are removed faster than their keys are learned")
    private static let incomplete = StoreError(.rejected, detail: "a post has no outcome")

    /// The keys that a batch used belong to something that was removed.
    private struct RemovedKeys: Error {}

    /// The number of removals to which keys belong. Asks the database when the number is unknown or turned out to
    /// be out of date.
    private func knownOrAsked(_ known: Int64?, _ deadline: Deadline) async throws -> Int64 {
        if let known { return known }
        let removals = try await recorder.query(RecordSQL.removals, timeout: deadline.left)[0].int64(0)
        keys.advance(to: removals)
        return removals
    }

    private func commit(
        _ posts: [PendingPost], removals: Int64, _ known: inout [PostID: PostOutcome], _ deadline: Deadline
    ) async throws {
        guard !posts.isEmpty else { return }
        let batch = RecordBatch(
            posts, fleetKeys: try await fleetKeys(of: posts, removals: removals, deadline))
        let vehicleKeys = keys.vehicleKeys(of: batch.vehicles, removals: removals)
        let outcomes: [PostOutcome]
        do {
            if vehicleKeys.contains(nil) {
                outcomes = try await committedWithNewVehicles(batch, vehicleKeys, removals, deadline)
            } else {
                outcomes = try await committed(batch, vehicleKeys.compactMap(\.self), removals, deadline)
            }
        } catch let error as PostgresError where error.sqlState == RecordSQL.removedState {
            throw RemovedKeys()
        }
        for (post, outcome) in zip(posts, outcomes) { known[post.postID] = outcome }
    }

    private func committed(
        _ batch: RecordBatch, _ keys: [Int64], _ removals: Int64, _ deadline: Deadline
    ) async throws -> [PostOutcome] {
        let call = batch.call(keys: keys, removals: removals)
        let results = try await recorder.unit(
            [PostgresStatement(RecordSQL.record, call.parameters)], timeout: deadline.left)
        guard let rows = results.first else { throw Self.incomplete }
        return try batch.outcomes(of: call, rows)
    }

    /// Adds the vehicles that have no key yet, learns their keys and commits the fixes, all in one transaction, so
    /// that no vehicle exists without a fix.
    private func committedWithNewVehicles(
        _ batch: RecordBatch, _ known: [Int64?], _ removals: Int64, _ deadline: Deadline
    ) async throws -> [PostOutcome] {
        let unknown = Set(zip(batch.vehicles, known).lazy.filter { $0.1 == nil }.map(\.0))
        var learned: [KeyCache.VehicleIdentity: Int64] = [:]
        let outcomes = try await recorder.transaction(by: deadline) { connection in
            learned = try await addedVehicles(Array(unknown), on: connection, deadline)
            let keys = try zip(batch.vehicles, known).map { identity, key in
                // A vehicle without a key was removed again after it was added.
                guard let key = key ?? learned[identity] else { throw RemovedKeys() }
                return key
            }
            let call = batch.call(keys: keys, removals: removals)
            let rows = try await connection.query(
                RecordSQL.record, call.parameters, timeout: deadline.left)
            return try batch.outcomes(of: call, rows)
        }
        keys.learn(vehicles: learned, removals: removals)
        return outcomes
    }

    private func addedVehicles(
        _ vehicles: [KeyCache.VehicleIdentity], on connection: PostgresConnection, _ deadline: Deadline
    ) async throws -> [KeyCache.VehicleIdentity: Int64] {
        let identities: [PostgresValue] = [
            .int8Array(vehicles.map(\.fleetKey)), .textArray(vehicles.map(\.vehicleID.rawValue)),
        ]
        let results = try await connection.unit(
            [
                PostgresStatement(RecordSQL.addVehicles, identities),
                PostgresStatement(RecordSQL.vehicleKeys, identities),
            ], timeout: deadline.left)
        guard results.count == 2 else { throw Self.incomplete }
        var keys: [KeyCache.VehicleIdentity: Int64] = [:]
        for row in results[1] {
            guard let vehicleID = VehicleID(try row.string(1)) else { continue }
            keys[.init(fleetKey: try row.int64(0), vehicleID: vehicleID)] = try row.int64(2)
        }
        return keys
    }

    /// Whether the next attempt must first look for the receipts. Throws when there must be no further attempt.
    ///
    /// A lost connection leaves the outcome unknown, and the receipts show it. A receipt that already exists
    /// (23505) comes from an earlier attempt whose backend was still running.
    private func needsReceipts(after error: PostgresError) throws(StoreError) -> Bool {
        // The partner has waited long enough. Sending the same POST again is harmless.
        guard error.kind != .timeout else { throw StoreError(error) }
        if error.outcomeUnknown || error.constraint == "receipts_pkey" { return true }
        guard error.isRetryable else { throw StoreError(error) }
        return false
    }

    private func receipts(
        of posts: [PendingPost], _ deadline: Deadline
    ) async throws -> [PostID: PostOutcome] {
        let rows = try await recorder.query(
            RecordSQL.receipts, [.uuidArray(posts.map(\.postID.number))], timeout: deadline.left)
        var outcomes: [PostID: PostOutcome] = [:]
        for row in rows {
            outcomes[try row.postID(0)] = PostOutcome(
                accepted: Int(try row.int64(1)), duplicates: Int(try row.int64(2)))
        }
        return outcomes
    }

    private func fleetKeys(
        of posts: [PendingPost], removals: Int64, _ deadline: Deadline
    ) async throws -> [Int64] {
        let wanted = Set(posts.map(\.fleetID))
        var found = keys.fleetKeys(of: wanted, removals: removals)
        if found.count < wanted.count {
            let rows = try await recorder.query(
                RecordSQL.fleetKeys, [.textArray(wanted.map(\.rawValue))], timeout: deadline.left)
            for row in rows {
                if let id = FleetID(try row.string(0)) { found[id] = try row.int64(1) }
            }
            keys.learn(fleets: found, removals: removals)
        }
        return try posts.map { post throws(StoreError) in
            guard let key = found[post.fleetID] else {
                throw StoreError(.notFound, detail: "the fleet of a post does not exist")
            }
            return key
        }
    }
}

extension Fix {
    /// Decodes a row, given the columns of the time, of the first of six measurements, and of the attributes.
    init(
        _ row: PostgresRow, of vehicleID: VehicleID, recordedAt: Int, measurements first: Int, attributes: Int
    ) throws(PostgresError) {
        self.init(
            vehicleID: vehicleID, recordedAt: try row.time(recordedAt),
            latitudeDegrees: try row.double(first), longitudeDegrees: try row.double(first + 1),
            speedMetersPerSecond: try row.optionalDouble(first + 2),
            headingDegrees: try row.optionalDouble(first + 3),
            altitudeMeters: try row.optionalDouble(first + 4),
            accuracyMeters: try row.optionalDouble(first + 5), attributes: try row.optionalBytes(attributes))
    }
}

extension StoredFix {
    /// Decodes a row of `RecordSQL.newestFixes`.
    init(_ row: PostgresRow) throws {
        guard let vehicleID = VehicleID(try row.string(0)) else {
            throw StoreError(.rejected, detail: "a stored vehicle id is malformed")
        }
        let fix = try Fix(row, of: vehicleID, recordedAt: 1, measurements: 3, attributes: 10)
        self.init(
            fix: fix, receivedAt: try row.time(2),
            derivedSpeedMetersPerSecond: try row.optionalDouble(9), motion: try Motion(row))
    }
}

extension Motion {
    /// Decodes a row of `RecordSQL.newestFixes`; nil when no motion was stored.
    fileprivate init?(_ row: PostgresRow) throws {
        guard try !row.isNull(11) else { return nil }
        guard try row.bool(11) else {
            self = .idle
            return
        }
        guard let recorded = try row.optionalMilliseconds(12), let received = try row.optionalMilliseconds(13)
        else {
            self = .moving(slow: nil)
            return
        }
        self = .moving(
            slow: SlowPeriod(
                recordedAt: Timestamp(milliseconds: recorded), receivedAt: Timestamp(milliseconds: received)))
    }
}
