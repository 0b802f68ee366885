package import Supervision

/// What callers ask of a pool, from any thread. Time-outs are for all of it, the wait for a connection too.
extension PostgresPool: PostgresQuerying {
    /// Lends a connection to `body`, for it alone.
    package func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await acquire()
        defer { release(lease) }
        return try await body(lease.connection)
    }

    /// An error says so when most of the time went into waiting for a connection.
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

    /// Runs a statement that any database that works answers at once. Without an answer in time the breaker opens.
    /// What came of it stands in `health`.
    /// - Parameter readOnlyColumn: the column of the first row that tells whether the database takes no writes.
    package func probe(
        _ sql: String, readOnlyColumn: Int, timeout: Duration
    ) async throws(PostgresError) -> PostgresRows {
        do throws(PostgresError) {
            // Each in its own time: a pool that is busy is no database that does not answer.
            let lease = try await acquire(within: timeout)
            defer { release(lease) }
            let rows = try await lease.connection.query(sql, timeout: timeout)
            let isReadOnly = try rows[0].bool(readOnlyColumn)
            // Heeded when the lease ends, unless the user wants such a session.
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

    /// A statement that any database that works answers at once got no answer, on this pool or on another of the same
    /// database: the breaker opens.
    package func databaseGaveNoAnswer(_ error: PostgresError) {
        loop.execute { [self] in gotNoAnswer(error) }
    }

    /// Runs `body` in a transaction on one connection, see `PostgresConnection.transaction`.
    /// - Parameter deadline: until when it may wait for a connection; nil is for `acquireTimeout`.
    package func transaction<Value>(
        by deadline: Deadline? = nil, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await acquire(within: deadline?.left)
        defer { release(lease) }
        return try await lease.connection.transaction(by: deadline, body)
    }
}

extension PostgresError {
    /// The same, of a statement that waited for its connection for longer than it then had: that it took too long says
    /// that there are too few connections, not that the database does not answer.
    fileprivate var afterWaitingForAConnection: PostgresError {
        guard kind == .timeout else { return self }
        var error = self
        error.kind = .poolExhausted
        error.message = "no connection came free in time"
        return error
    }

    /// Whether the fault is the database's, and not that of callers: they may give up, keep every connection for
    /// themselves, or come to a pool that was stopped.
    fileprivate var isOfTheDatabase: Bool {
        switch kind {
        case .cancelled, .closed, .poolExhausted: false
        case .connection, .timeout, .server, .decoding: isUnavailable
        }
    }
}
