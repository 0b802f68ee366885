/// What a database still needs, from what we know and what it has on record. A value.
struct MigrationPlan: Equatable {
    /// Where each migration stands, ours and the database's, by number.
    let status: [MigrationStatus]
    /// Why nothing may be applied, and this binary not work with the schema; nil when all is well.
    let problem: MigrationError?
    /// What is to be applied, in order; nothing when there is a problem.
    let pending: [Migration]

    /// - Parameter encoding: the database's, by PostgreSQL's name of it.
    init(known: [Migration], applied: [AppliedMigration], encoding: String = utf8) {
        let known = known.sorted { $0.number < $1.number }
        let newest = known.last?.number ?? 0
        let records = applied.map { record in
            MigrationStatus(
                record, Self.state(of: record, known: known.first { $0.number == record.number }, newest))
        }
        let done = Set(applied.map(\.number))
        let newestDone = done.max() ?? 0
        let rest = known.filter { !done.contains($0.number) }
        let waiting = rest.map { MigrationStatus($0, $0.number < newestDone ? .missing : .pending) }
        status = (records + waiting).sorted { $0.number < $1.number }
        problem =
            Self.misnumbered(known) ?? status.lazy.compactMap(\.problem).first
            ?? Self.wrongEncoding(encoding, isNew: applied.isEmpty, rest)
        pending = problem == nil ? rest : []
    }

    static let utf8 = "UTF8"

    /// A new database has to be in UTF8: what people name things could not all be stored in another encoding. One that
    /// has migrations already goes on, as long as it can take the rest of them.
    private static func wrongEncoding(
        _ encoding: String, isNew: Bool, _ rest: [Migration]
    ) -> MigrationError? {
        guard encoding != utf8, !rest.isEmpty else { return nil }
        return isNew || !rest.allSatisfy(\.isASCII) ? .encoding(encoding) : nil
    }

    private static func misnumbered(_ known: [Migration]) -> MigrationError? {
        for (index, migration) in known.enumerated() where migration.number != index + 1 {
            return .misnumbered(number: migration.number, name: migration.name, expected: index + 1)
        }
        return nil
    }

    private static func state(
        of record: AppliedMigration, known: Migration?, _ newest: Int
    ) -> MigrationStatus.State {
        guard record.appliedAtMilliseconds != nil else { return .dirty }
        guard let known else {
            return record.number > newest && record.oldestBinary <= newest ? .newer : .unknown
        }
        return record.checksum == known.checksum && record.name == known.name ? .applied : .edited
    }
}

extension MigrationStatus {
    fileprivate init(_ record: AppliedMigration, _ state: State) {
        self.init(
            number: record.number, name: record.name, state: state,
            appliedAtMilliseconds: record.appliedAtMilliseconds)
    }

    fileprivate init(_ migration: Migration, _ state: State) {
        self.init(number: migration.number, name: migration.name, state: state)
    }

    fileprivate var problem: MigrationError? {
        switch state {
        case .applied, .pending, .newer: nil
        case .edited: .edited(number: number, name: name)
        case .dirty: .dirty(number: number, name: name)
        case .unknown: .unknown(number: number, name: name)
        case .missing: .gap(number: number, name: name)
        }
    }
}
