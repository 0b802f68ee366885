/// One step of the schema: a numbered SQL file, `NNNN_name.sql`.
package struct Migration: Sendable, Equatable {
    /// Numbers count from 1, without a gap.
    package let number: Int
    package let name: String
    /// Statements without parameters. They run in one transaction, so they must not end it. A statement that cannot
    /// run in a transaction (CREATE INDEX CONCURRENTLY, VACUUM) must not be among them.
    package let sql: String
    /// A hash of the file, which shows whether the file was edited after it was applied.
    package let checksum: String
    /// The oldest binary that can work with the schema after this step, given as the number of the newest migration
    /// that this binary knows. It comes from the line `-- oldest-binary: N` that each file has; without that line
    /// it is the step's own number, so no older binary can.
    package let oldestBinary: Int

    package init(number: Int, name: String, sql: String, checksum: String) {
        self.number = number
        self.name = name
        self.sql = sql
        self.checksum = checksum
        oldestBinary = Self.oldestBinary(in: sql) ?? number
    }

    /// Whether a database in any encoding can read the file.
    package var isASCII: Bool { sql.utf8.allSatisfy { $0 < 0x80 } }

    /// `NNNN_name`.
    package var label: String { Self.label(number, name) }

    static func label(_ number: Int, _ name: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + name
    }

    /// The number and the name in a file name; nil when it does not have the form `NNNN_name.sql`.
    package static func parts(fileName: String) -> (number: Int, name: String)? {
        guard fileName.hasSuffix(".sql") else { return nil }
        let stem = fileName.dropLast(4)
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        let name = stem.dropFirst(digits.count + 1)
        guard digits.count == 4, stem.dropFirst(4).first == "_", !name.isEmpty, let number = Int(digits)
        else {
            return nil
        }
        return (number, String(name))
    }

    /// The number in a file's line `-- oldest-binary: N`; nil when there is no such line, or several, or N is not a
    /// number.
    package static func oldestBinary(in sql: String) -> Int? {
        let marker = "-- oldest-binary:"
        let lines = sql.split(separator: "\n").filter { $0.hasPrefix(marker) }
        guard lines.count == 1, let line = lines.first else { return nil }
        return Int(line.dropFirst(marker.count).filter { $0 != " " })
    }
}

/// A migration as recorded in the database.
package struct AppliedMigration: Sendable, Equatable {
    package var number: Int
    package var name: String
    package var checksum: String
    /// Milliseconds since 1970; nil when the migration was begun and never ended.
    package var appliedAtMilliseconds: Int64?
    package var oldestBinary: Int
}

/// The status of one migration.
package struct MigrationStatus: Sendable, Equatable {
    package enum State: String, Sendable {
        case applied
        case pending
        /// Applied by a newer binary, and marked as one with which this binary can work.
        case newer
        /// Refused: the file is not the one that was applied.
        case edited
        /// Refused: begun and never ended.
        case dirty
        /// Refused: this binary does not know it and may not be able to work with it.
        case unknown
        /// Refused: not applied although a later one is.
        case missing
    }

    package var number: Int
    package var name: String
    package var state: State
    /// Milliseconds since 1970; nil while pending.
    package var appliedAtMilliseconds: Int64?
}

/// The status of all migrations of a database.
package struct MigrationOverview: Sendable, Equatable {
    /// Sorted by number.
    package var migrations: [MigrationStatus]
    /// Why this binary must neither migrate the database nor work with it; nil when it may.
    package var problem: MigrationError?
    /// Whether the functions of this binary exist. Only a server needs them.
    package var functions = SchemaFunctionOverview()

    /// The number of migrations that must be applied.
    package var pending: Int { migrations.count { $0.state == .pending } }

    /// Whether there is work for a migrator that a server must wait for.
    package var isBehind: Bool { pending > 0 || !functions.missing.isEmpty }
}

/// The work that a migrator has done.
package struct MigrationReport: Sendable, Equatable {
    /// The applied migrations, in order.
    package var migrations: [Migration] = []
    /// The names of the functions that were created.
    package var functions: [String] = []

    /// Whether the schema was already up to date.
    package var isEmpty: Bool { migrations.isEmpty && functions.isEmpty }
}
