internal import Crypto
internal import HarborFleetMigrations
package import Postgres
internal import TextFormats

/// The migrations that this binary knows.
package enum StorageMigrations {
    /// The migrations in order. The checksum is the SHA-256 of the file, in hexadecimal digits.
    package static let all: [Migration] = MigrationFiles.all.compactMap { file in
        // A file with an invalid name is left out here; the test that counts the migrations finds it.
        guard let (number, name) = Migration.parts(fileName: file.name) else { return nil }
        return Migration(
            number: number, name: name, sql: String(decoding: file.contents, as: UTF8.self),
            checksum: Hexadecimal.text(SHA256.hash(data: file.contents)))
    }

    /// The function that makes fixes durable; its file documents it.
    static let recordFixes = SchemaFunction(
        stem: "record_fixes", text: String(decoding: MigrationFiles.recordFixes, as: UTF8.self),
        digest: Hexadecimal.text(SHA256.hash(data: MigrationFiles.recordFixes)))

    /// Brings schemas to the state that this binary needs.
    package static let migrator = Migrator(all, functions: [recordFixes])
}
