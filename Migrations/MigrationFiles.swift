/// The SQL files of this directory, compiled into the binary, in order. A new file must be added to Package.swift and
/// here.
///
/// Each file has a line `-- oldest-binary: N`. It states the oldest binary that can work with the schema after the
/// migration: N is the newest migration which that binary knows. Each file runs in one transaction, so it must hold no
/// statement that cannot run in a transaction. It also waits only briefly for locks, see `Migrator`.
package enum MigrationFiles {
    package struct File: Sendable {
        /// `NNNN_name.sql`.
        package let name: String
        package let contents: [UInt8]
    }

    package static let all = [
        // The build names each constant after its file, with an underscore in place of the first digit.
        File(name: "0001_initial.sql", contents: PackageResources._001_initial_sql),
        File(name: "0002_record_fixes.sql", contents: PackageResources._002_record_fixes_sql),
        File(name: "0003_retention_clock.sql", contents: PackageResources._003_retention_clock_sql),
        File(
            name: "0004_record_fixes_remote_apply.sql",
            contents: PackageResources._004_record_fixes_remote_apply_sql),
        File(name: "0005_access.sql", contents: PackageResources._005_access_sql),
    ]

    /// `functions/record_fixes.sql`. To change a function, edit its file; no migration is needed, see `SchemaFunction`.
    package static let recordFixes = PackageResources.record_fixes_sql
}
