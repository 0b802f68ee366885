package import Supervision

/// The calls of a pool for use from any thread. A time-out covers everything, including the wait for a connection.
extension PostgresPool: PostgresQuerying {
    /// Lends a connection to `body` for its exclusive use.
    package func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await acquire()
        defer { release(lease) }
        return try await body(lease.connection)
    }

    /// If most of the time was spent on waiting for a connection, the error says so.
    package func unit(
        _ statements: [PostgresStatement], timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        let limit = timeout ?? configuration.statementTimeout
        let deadline = Deadline(after: limit)
        let lease = try await acquire(within: limit)
        defer { release(lease) }
        let left = deadline.left
        do throws(PostgresError) {
            return try await lease.connection.unit(statements, timeout: left)
        } catch {
            throw left < limit / 2 ? error.afterWaitingForAConnection : error
        }
    }

    /// Runs a statement that any working database responds to at once. Without a response in time the circuit breaker
    /// opens. The result is recorded in `health`.
    /// - Parameter readOnlyColumn: the column of the first row that says whether the database accepts no writes.
    package func probe(
        _ sql: String, readOnlyColumn: Int, timeout: Duration
    ) async throws(PostgresError) -> PostgresRows {
        do throws(PostgresError) {
            // The two steps have separate limits: a busy pool does not mean that the database does not respond.
            let lease = try await acquire(within: timeout)
            defer { release(lease) }
            let rows = try await lease.connection.query(sql, timeout: timeout)
            let isReadOnly = try rows[0].bool(readOnlyColumn)
            // Takes effect when the lease ends, unless the user wants a read-only session.
            if isReadOnly { loop.execute { lease.connection.isReadOnly = true } }
            note {
                $0.answeredAt = .now
                if $0.probeFailure != nil || $0.isReadOnly && !isReadOnly { $0.recoveredAt = .now }
                $0.probeFailure = nil
                $0.isReadOnly = isReadOnly
            }
            return rows
        } catch {
            if error.isOfTheDatabase { note { $0.probeFailure = error } }
            if error.kind == .timeout { databaseGaveNoAnswer(error) }
            throw error
        }
    }

    /// Opens the circuit breaker, because a statement that any working database responds to at once got no response.
    /// The statement may have run on this pool or on another one of the same database.
    package func databaseGaveNoAnswer(_ error: PostgresError) {
        loop.execute { [self] in gotNoAnswer(error) }
    }

    /// Runs `body` in a transaction on one connection, see `PostgresConnection.transaction`.
    /// - Parameter deadline: the time until which the call may wait for a connection, within `acquireTimeout`; nil
    ///   allows `acquireTimeout`.
    package func transaction<Value>(
        by deadline: Deadline? = nil, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await acquire(within: deadline?.left)
        defer { release(lease) }
        return try await lease.connection.transaction(by: deadline, body)
    }
}

extension PostgresError {
    /// The same error for a statement that waited for its connection longer than the time that was left for it. Its
    /// time-out then shows that there are too few connections, not that the database does not respond.
    fileprivate var afterWaitingForAConnection: PostgresError {
        guard kind == .timeout else { return self }
        var error = self
        error.kind = .poolExhausted
        error.message = "no connection came free in time"
        return error
    }

    /// Whether the database caused the failure, and not the callers: they may be cancelled, keep every connection
    /// in use, or call a pool that was stopped.
    fileprivate var isOfTheDatabase: Bool {
        switch kind {
        case .cancelled, .closed, .poolExhausted: false
        case .connection, .timeout, .server, .decoding: isUnavailable
        }
    }
}
