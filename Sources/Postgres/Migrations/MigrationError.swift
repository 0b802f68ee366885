/// Why a database could not be migrated. Each message says what was found and what to do.
package enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An applied migration's file is not the one that was applied.
    case edited(number: Int, name: String)
    /// The database has a migration that this binary does not know and may not be able to work with.
    case unknown(number: Int, name: String)
    /// A migration is missing though a later one is applied.
    case gap(number: Int, name: String)
    /// A migration was begun and never ended.
    case dirty(number: Int, name: String)
    /// The binary's own files are not numbered 1, 2, 3, …
    case misnumbered(number: Int, name: String, expected: Int)
    /// The server refused a migration; it was rolled back.
    case failed(number: Int, name: String, PostgresError)
    /// A migration ended the transaction in which it runs, so it cannot be rolled back.
    case endedTransaction(number: Int, name: String)
    /// Another process has been migrating for the whole time of the wait.
    case locked(waited: Duration)
    /// The database's encoding cannot hold all text.
    case encoding(String)
    /// The database did not respond, or refused to read or record its migrations.
    case database(PostgresError)

    package var description: String {
        switch self {
        case .edited(let number, let name):
            "migration \(label(number, name)) was edited after it was applied; "
                + "restore the file and put the change in a new migration"
        case .unknown(let number, let name):
            "the database has migration \(label(number, name)), which this binary does not know; "
                + "run a newer binary"
        case .gap(let number, let name):
            "migration \(label(number, name)) is missing in the database though a later one is applied; "
                + "give it a new number"
        case .dirty(let number, let name):
            "migration \(label(number, name)) was begun and never ended; "
                + "look at the schema, complete or undo it by hand, then set applied_at or delete its row"
        case .misnumbered(let number, let name, let expected):
            "migration \(label(number, name)) should have number \(expected): "
                + "numbers count from 1 without a gap or a repeat"
        case .failed(let number, let name, let error):
            "migration \(label(number, name)) failed and was rolled back: \(error.debugDescription)"
        case .endedTransaction(let number, let name):
            "migration \(label(number, name)) ended its transaction; "
                + "undo by hand what it did, and take COMMIT and ROLLBACK out of the file"
        case .locked(let waited):
            "another migrator has been running for \(waited); check which session holds the advisory lock"
        case .encoding(let encoding):
            "the database's encoding is \(encoding) and has to be UTF8; make another one and name it in DATABASE_URL: "
                + "CREATE DATABASE harbor_fleet ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;"
        case .database(let error) where error.sqlState != nil && !error.isUnavailable:
            "the database refuses the work with its migrations: \(error.reason)"
        case .database(let error):
            "the database could not be asked about its migrations: \(error.reason)"
        }
    }

    /// As `description`, but safe to show to any client: without the texts of the server or libpq, which may hold
    /// values.
    package var summary: String {
        guard case .failed(let number, let name, let error) = self else { return description }
        return "migration \(label(number, name)) failed and was rolled back: \(error.reason)"
    }

    /// Whether the same migrator may succeed later: the database was unavailable, perhaps since the middle of a
    /// migration, or a lock was held.
    package var isPassing: Bool {
        switch self {
        case .database, .locked: true
        case .failed(_, _, let error):
            error.isRetryable || error.isUnavailable || error.sqlState == PostgresError.lockNotAvailable
        case .edited, .unknown, .gap, .dirty, .misnumbered, .endedTransaction, .encoding: false
        }
    }

    private func label(_ number: Int, _ name: String) -> String { Migration.label(number, name) }
}
