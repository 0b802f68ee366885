/// The SQL files of this directory, compiled in, in order. A new file is added to Package.swift and here.
///
/// Each has a line `-- oldest-binary: N`: the oldest binary that can live with the schema after it, named by the newest
/// migration which that binary knows. It runs in one transaction, so a statement that wants none around it has no place
/// in it, and it waits for no lock for long: see `Migrator`.
package enum MigrationFiles {
    package struct File: Sendable {
        /// `NNNN_name.sql`.
        package let name: String
        package let contents: [UInt8]
    }

    package static let all = [
        // The build names the constant after the file and puts an underscore in place of its first digit.
        File(name: "0001_initial.sql", contents: PackageResources._001_initial_sql),
        File(name: "0002_record_fixes.sql", contents: PackageResources._002_record_fixes_sql),
        File(name: "0003_retention_clock.sql", contents: PackageResources._003_retention_clock_sql),
        File(
            name: "0004_record_fixes_remote_apply.sql",
            contents: PackageResources._004_record_fixes_remote_apply_sql),
        File(name: "0005_access.sql", contents: PackageResources._005_access_sql),
    ]

    /// `functions/record_fixes.sql`. A function is changed in its file: see `SchemaFunction`.
    package static let recordFixes = PackageResources.record_fixes_sql
}
