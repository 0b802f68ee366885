internal import Crypto
internal import HarborFleetMigrations
package import Postgres

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

/// Bytes as hexadecimal digits, lower case.
enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// What `text` was made of; empty for anything else.
    static func bytes(_ text: String) -> [UInt8] {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return [] }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
