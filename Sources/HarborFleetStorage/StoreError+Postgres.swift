package import HarborFleet
package import Postgres

extension StoreError {
    /// What a database's error means to the domain. Free of SQL and values, as `PostgresError.description` is.
    package init(_ error: PostgresError) {
        if error.isUnavailable {
            self.init(.unavailable, detail: error.description)
        } else if error.sqlState == "23505" {
            self.init(.alreadyExists, detail: error.description)
        } else {
            self.init(.rejected, detail: error.description)
        }
    }
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
        } catch {
            throw StoreError(.unavailable, detail: "the call was given up")
        }
    }
}
