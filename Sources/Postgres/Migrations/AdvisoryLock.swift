internal import Supervision

/// A database lock that belongs to a session (PostgreSQL manual, 13.3.5). At most one process does a thing at a
/// time, and a process that dies leaves no lock behind.
package struct AdvisoryLock: Sendable {
    private static let pause: Duration = .milliseconds(100)

    private let key: Int64

    package init(key: Int64) {
        self.key = key
    }

    /// Acquires the lock. It polls, because a wait in the server's queue could not be cancelled.
    /// - Parameters:
    ///   - connection: must not go through a PgBouncer.
    ///   - limit: how long to try.
    ///   - onWait: called once, when another session holds the lock.
    /// - Returns: whether the lock was acquired in time.
    package func acquire(
        on connection: PostgresConnection, within limit: Duration, onWait: () -> Void = {}
    ) async throws(PostgresError) -> Bool {
        let deadline = Deadline(after: limit)
        var hasWaited = false
        while true {
            if try await isTaken(on: connection) { return true }
            if !hasWaited { onWait() }
            hasWaited = true
            guard !deadline.isOver else { return false }
            do { try await Task.sleep(for: Self.pause) } catch {
                throw PostgresError(.cancelled, "the caller was cancelled")
            }
        }
    }

    /// After an error the server may have granted the lock nevertheless. The connection is closed, which releases
    /// it.
    private func isTaken(on connection: PostgresConnection) async throws(PostgresError) -> Bool {
        do {
            let rows = try await connection.query("SELECT pg_try_advisory_lock($1)", [.int8(key)])
            return try rows[0].bool(0)
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Releases the lock, if necessary by closing the connection. A connection that returned to its pool with the
    /// lock would block all other processes permanently.
    package func release(on connection: PostgresConnection) async {
        do {
            _ = try await connection.query("SELECT pg_advisory_unlock($1)", [.int8(key)])
        } catch {
            await connection.close()
        }
    }
}
