/// What a database still needs, from what we know and what it has on record. A value.
struct MigrationPlan: Equatable {
    let pending: [Migration]
    let status: [MigrationStatus]

    /// Throws when the record and our files disagree; the message says what to do.
    init(known: [Migration], applied: [AppliedMigration]) throws(MigrationError) {
        let known = known.sorted { $0.number < $1.number }
        try Self.checkNumbers(known)
        let newest = known.last?.number ?? 0
        for record in applied.sorted(by: { $0.number < $1.number }) {
            try Self.check(record, against: known.first { $0.number == record.number }, newest: newest)
        }
        let done = Set(applied.map(\.number))
        pending = known.filter { !done.contains($0.number) }
        if let late = pending.first(where: { candidate in done.contains { $0 > candidate.number } }) {
            throw .gap(number: late.number, name: late.name)
        }
        status = Self.status(known: known, applied: applied)
    }

    private static func checkNumbers(_ known: [Migration]) throws(MigrationError) {
        for (index, migration) in known.enumerated() where migration.number != index + 1 {
            throw .misnumbered(number: migration.number, name: migration.name, expected: index + 1)
        }
    }

    private static func check(
        _ record: AppliedMigration, against known: Migration?, newest: Int
    ) throws(MigrationError) {
        guard record.appliedAtMilliseconds != nil else {
            throw .dirty(number: record.number, name: record.name)
        }
        guard let known else {
            guard record.number > newest, record.oldestBinary <= newest else {
                throw .unknown(number: record.number, name: record.name)
            }
            return
        }
        guard record.checksum == known.checksum, record.name == known.name else {
            throw .edited(number: record.number, name: record.name)
        }
    }

    private static func status(known: [Migration], applied: [AppliedMigration]) -> [MigrationStatus] {
        let newest = known.last?.number ?? 0
        let records = applied.map { record in
            MigrationStatus(
                number: record.number, name: record.name,
                state: record.number > newest ? .newer : .applied,
                appliedAtMilliseconds: record.appliedAtMilliseconds)
        }
        let done = Set(applied.map(\.number))
        let pending = known.filter { !done.contains($0.number) }.map { migration in
            MigrationStatus(number: migration.number, name: migration.name, state: .pending)
        }
        return (records + pending).sorted { $0.number < $1.number }
    }
}
