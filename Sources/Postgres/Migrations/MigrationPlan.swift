/// Compares the migrations that the binary knows with those recorded in the database, and finds what is still
/// needed. A value.
struct MigrationPlan: Equatable {
    /// The status of each migration of the binary and of the database, sorted by number.
    let status: [MigrationStatus]
    /// Why nothing may be applied and this binary must not work with the schema; nil when there is no problem.
    let problem: MigrationError?
    /// The migrations that must be applied, in order; empty when there is a problem.
    let pending: [Migration]

    /// - Parameter encoding: the encoding of the database, by PostgreSQL's name for it.
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

    /// A new database must use UTF8, because other encodings cannot store every name that users choose. A database
    /// that already has migrations may continue, as long as it can store the remaining ones.
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
