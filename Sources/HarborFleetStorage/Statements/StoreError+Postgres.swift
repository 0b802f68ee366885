internal import HarborFleet
package import Postgres
package import StoreCache

extension StoreError {
    /// What a database's error means to the domain. Free of SQL and values, as `PostgresError.description` is.
    package init(_ error: PostgresError) {
        if error.isUnavailable || error.isOfUnfinishedSchema || error.isOfHeldLock {
            self.init(.unavailable, detail: error.reason, isBusy: error.kind == .poolExhausted)
            reason = error.reasonOfRefusal
            isRefusal = error.isOfUnfinishedSchema
        } else if error.sqlState == "23505" {
            self.init(.alreadyExists, detail: error.description)
        } else if error.isOfMissingPartition {
            self.init(.notYet, detail: "a fix's day has no partition")
        } else {
            self.init(.rejected, detail: error.description)
        }
    }
}

extension PostgresError {
    /// Whether a row belongs to none of a table's partitions: reported like a CHECK that failed, but without a name.
    fileprivate var isOfMissingPartition: Bool { sqlState == "23514" && constraint == nil }

    /// Whether a lock was not to be had within a role's `lock_timeout`. Not part of `isUnavailable`, since who asks for
    /// locks on purpose goes by it.
    fileprivate var isOfHeldLock: Bool { sqlState == "55P03" }

    /// Whether a table or the like, or the right to use it, is not there: the migrations have not been applied yet,
    /// or not all of them. Not part of `isUnavailable`, since to a migration it is a mistake.
    fileprivate var isOfUnfinishedSchema: Bool {
        switch sqlState {
        // Undefined schema, table, column, function, object; insufficient privilege.
        case "3F000", "42P01", "42703", "42883", "42704", "42501": true
        default: false
        }
    }
}

/// `storing` for upkeep: a refusal for want of rights says what mends it.
/// - Parameter need: what the work wants rights for.
func upkeep<Value>(
    _ session: some PostgresQuerying, _ need: MissingRights.Need = .rows,
    _ body: () async throws -> Value
) async throws(StoreError) -> Value {
    try await storing { try await session.explainingRights(need, body) }
}

/// Runs `body`, up to three times while the server rolls it back for a deadlock or the like, and turns what it
/// throws into the domain's error.
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
            throw StoreError(.unavailable, detail: "the call was given up")
        } catch {
            // A mistake of ours: it is not to look like a database that is away.
            throw StoreError(.rejected, detail: "unexpected \(type(of: error))")
        }
    }
}

extension PostgresPool {
    /// What `decode` makes of a statement's rows, without those that it makes nil of; a store's work, see `storing`.
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
