internal import HarborFleet
package import Postgres
package import StoreCache

extension StoreError {
    /// Translates a database error into the domain's. The result holds no SQL and no values, as
    /// `PostgresError.description` does not.
    package init(_ error: PostgresError) {
        if error.isUnavailable || error.isOfUnfinishedSchema || error.isOfHeldLock {
            self.init(.unavailable, detail: error.reason, isBusy: error.kind == .poolExhausted)
            reason = error.reasonOfRefusal
            isRefusal = error.isOfUnfinishedSchema
        } else if error.sqlState == "23505" {
            self.init(.alreadyExists, detail: error.description)
        } else if error.isOfMissingPartition {
            self.init(.notYet, detail: "there is no partition for the day of a fix")
        } else {
            self.init(.rejected, detail: error.description)
        }
    }
}

extension PostgresError {
    /// Whether a row fits none of a table's partitions. PostgreSQL reports it like a failed CHECK, but without a
    /// name.
    fileprivate var isOfMissingPartition: Bool { sqlState == "23514" && constraint == nil }

    /// Whether a lock was not granted within a role's `lock_timeout`. Not part of `isUnavailable`, because callers
    /// that ask for locks on purpose check for it.
    fileprivate var isOfHeldLock: Bool { sqlState == "55P03" }

    /// Whether a table, another object, or the right to use it is missing: the migrations have not been applied
    /// yet, or not all of them. Not part of `isUnavailable`, because to a migration it is a mistake.
    fileprivate var isOfUnfinishedSchema: Bool {
        switch sqlState {
        // Undefined schema, table, column, function, object; insufficient privilege.
        case "3F000", "42P01", "42703", "42883", "42704", "42501": true
        default: false
        }
    }
}

/// As `storing`, for upkeep: an error about missing rights also says how to grant them.
/// - Parameter need: what the work needs rights for.
func upkeep<Value>(
    _ session: some PostgresQuerying, _ need: MissingRights.Need = .rows,
    _ body: () async throws -> Value
) async throws(StoreError) -> Value {
    try await storing { try await session.explainingRights(need, body) }
}

/// Runs `body` at most three times while the server rolls it back for a deadlock or a similar conflict, and
/// translates its errors into the domain's.
func storing<Value>(_ body: () async throws -> Value) async throws(StoreError) -> Value {
    var attempts = 0
    while true {
        attempts += 1
        do {
            return try await body()
        } catch let error as StoreError {
            throw error
        } catch let error as PostgresError {
            guard error.isRetryable, attempts < 3 else { throw StoreError(error) }
        } catch is CancellationError {
            throw StoreError(.unavailable, detail: "the call was cancelled")
        } catch {
            // A programming error must not look like an unavailable database.
            throw StoreError(.rejected, detail: "unexpected \(type(of: error))")
        }
    }
}

extension PostgresPool {
    /// The rows of a statement as decoded by `decode`, without those for which it returns nil, with the errors of
    /// `storing`.
    func list<Value>(
        _ sql: String, _ parameters: [PostgresValue] = [], timeout: Duration? = nil,
        _ decode: (PostgresRow) throws -> Value?
    ) async throws(StoreError) -> [Value] {
        try await storing { try await query(sql, parameters, timeout: timeout).compactMap(decode) }
    }
}

// MARK: Times

extension PostgresValue {
    static func time(_ time: Timestamp) -> PostgresValue { .timestamptz(milliseconds: time.milliseconds) }
}

extension PostgresRow {
    func time(_ column: Int) throws(PostgresError) -> Timestamp {
        Timestamp(milliseconds: try milliseconds(column))
    }

    func optionalTime(_ column: Int) throws(PostgresError) -> Timestamp? {
        try optionalMilliseconds(column).map(Timestamp.init(milliseconds:))
    }
}
