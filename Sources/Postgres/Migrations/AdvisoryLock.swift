internal import Supervision

/// A lock of a database that belongs to a session (PostgreSQL manual, 13.3.5): one process at a time does a thing,
/// and one that dies leaves no lock behind.
package struct AdvisoryLock: Sendable {
    private static let pause: Duration = .milliseconds(100)

    private let key: Int64

    package init(key: Int64) {
        self.key = key
    }

    /// Takes the lock. It is asked for again and again, since who waits in the server's queue cannot be told to stop.
    /// - Parameters:
    ///   - connection: not one through a PgBouncer.
    ///   - limit: how long to try.
    ///   - onWait: called once, when somebody else has it.
    /// - Returns: whether it was to be had in time.
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

    /// Whoever gave up may have got it all the same: then the connection goes, and the lock with it.
    private func isTaken(on connection: PostgresConnection) async throws(PostgresError) -> Bool {
        do {
            let rows = try await connection.query("SELECT pg_try_advisory_lock($1)", [.int8(key)])
            return try rows[0].bool(0)
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Gives it back, if need be by closing the connection: one that goes back to its pool with the lock would keep
    /// everybody else out for good.
    package func release(on connection: PostgresConnection) async {
        do {
            _ = try await connection.query("SELECT pg_advisory_unlock($1)", [.int8(key)])
        } catch {
            await connection.close()
        }
    }
}
