/// One step of the schema: a numbered SQL file, `NNNN_name.sql`.
package struct Migration: Sendable, Equatable {
    /// Counts from 1, without a gap.
    package let number: Int
    package let name: String
    /// Statements without parameters. They run in one transaction, so they must not end it, and a statement that
    /// wants no transaction around it (CREATE INDEX CONCURRENTLY, VACUUM) cannot be one of them.
    package let sql: String
    /// A hash of the file: tells whether it was edited after it was applied.
    package let checksum: String
    /// The oldest binary that can live with the schema after this step, as the number of the newest migration
    /// that binary knows. From the line `-- oldest-binary: N`, which each file has; without that the step's own
    /// number, so no older one.
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

    /// The number and the name in a file's name, nil when it is not of the form `NNNN_name.sql`.
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

    /// What a file's line `-- oldest-binary: N` says; nil when it has none, or several, or N is no number.
    package static func oldestBinary(in sql: String) -> Int? {
        let marker = "-- oldest-binary:"
        let lines = sql.split(separator: "\n").filter { $0.hasPrefix(marker) }
        guard lines.count == 1, let line = lines.first else { return nil }
        return Int(line.dropFirst(marker.count).filter { $0 != " " })
    }
}

/// A migration as the database has it on record.
package struct AppliedMigration: Sendable, Equatable {
    package var number: Int
    package var name: String
    package var checksum: String
    /// Milliseconds since 1970; nil when it was begun and never ended.
    package var appliedAtMilliseconds: Int64?
    package var oldestBinary: Int
}

/// Where one migration stands.
package struct MigrationStatus: Sendable, Equatable {
    package enum State: String, Sendable {
        case applied
        case pending
        /// Applied by a newer binary, which says that this one can live with it.
        case newer
        /// Refused: its file is not the one that was applied.
        case edited
        /// Refused: begun and never ended.
        case dirty
        /// Refused: this binary does not know it and may not live with it.
        case unknown
        /// Refused: not applied, though a later one is.
        case missing
    }

    package var number: Int
    package var name: String
    package var state: State
    /// Milliseconds since 1970; nil while pending.
    package var appliedAtMilliseconds: Int64?
}

/// Where all migrations of a database stand.
package struct MigrationOverview: Sendable, Equatable {
    /// By number.
    package var migrations: [MigrationStatus]
    /// Why this binary may neither migrate the database nor work with it; nil when it may.
    package var problem: MigrationError?
    /// Whether the functions of this binary are there. Only a server needs them.
    package var functions = SchemaFunctionOverview()

    /// How many are to be applied.
    package var pending: Int { migrations.count { $0.state == .pending } }

    /// Whether a migrator has something to do that a server waits for.
    package var isBehind: Bool { pending > 0 || !functions.missing.isEmpty }
}

/// What a migrator did.
package struct MigrationReport: Sendable, Equatable {
    /// Applied, in order.
    package var migrations: [Migration] = []
    /// Names of the functions that were created.
    package var functions: [String] = []

    /// Whether the schema was up to date.
    package var isEmpty: Bool { migrations.isEmpty && functions.isEmpty }
}
