internal import Crypto
internal import HarborFleetMigrations
package import Postgres
internal import TextFormats

/// The migrations that this binary knows.
package enum StorageMigrations {
    /// In order; the checksum is the SHA-256 of the file, in hexadecimal digits.
    package static let all: [Migration] = MigrationFiles.all.compactMap { file in
        // A file whose name is not of the form is found by the test that counts.
        guard let (number, name) = Migration.parts(fileName: file.name) else { return nil }
        return Migration(
            number: number, name: name, sql: String(decoding: file.contents, as: UTF8.self),
            checksum: Hexadecimal.text(SHA256.hash(data: file.contents)))
    }

    /// What makes fixes durable: see its file.
    static let recordFixes = SchemaFunction(
        stem: "record_fixes", text: String(decoding: MigrationFiles.recordFixes, as: UTF8.self),
        digest: Hexadecimal.text(SHA256.hash(data: MigrationFiles.recordFixes)))

    /// Brings schemas to what this binary wants.
    package static let migrator = Migrator(all, functions: [recordFixes])
}
