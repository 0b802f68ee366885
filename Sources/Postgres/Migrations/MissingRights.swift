/// Finds the statement that gives a role the rights whose absence made the server refuse its statements. It asks
/// the database, because the server's own message may be in any language and names no such statement.
package enum MissingRights {
    /// What the refused statement needs rights for.
    package enum Need: Sendable {
        /// To create, change and drop tables: migrations, the partition keeper.
        case schema
        /// To read and write the rows of tables.
        case rows
    }

    /// Insufficient privilege, and no schema in which to create a table. The latter is what a role without USAGE on
    /// the schema gets.
    private static let states: Set<String> = ["42501", "3F000"]

    /// Returns the error, with the statement that repairs the cause if one is found.
    /// - Parameter session: must be in no transaction.
    package static func explained(
        _ error: PostgresError, _ need: Need, on session: some PostgresQuerying
    ) async -> PostgresError {
        // Other errors do not come from missing rights, so the database is not asked.
        guard error.sqlState.map(states.contains) == true, error.advice == nil,
            let row = try? await session.query(question)[0], let answer = try? Answer(row)
        else { return error }
        var explained = error
        explained.advice = answer.advice(need)
        return explained
    }

    /// Names are quoted for SQL. If the role may use no schema of its search path, `public` is assumed. Our tables
    /// are those with the owner of `schema_migrations`, because the same schema may hold other tables.
    private static let question = """
        WITH place AS (
            SELECT name, to_regnamespace(quote_ident(name))::oid AS id
            FROM (SELECT coalesce(current_schema(), 'public')::text AS name) s
        ), ours AS (
            SELECT c.oid, c.relowner, c.relkind FROM place
            JOIN pg_class m ON m.relnamespace = place.id AND m.relname = 'schema_migrations'
            JOIN pg_class c ON c.relnamespace = place.id AND c.relowner = m.relowner AND c.relkind IN ('r', 'p')
        )
        SELECT quote_ident(current_user::text), quote_ident(place.name), place.id IS NOT NULL,
            coalesce(has_schema_privilege(place.id, 'USAGE'), false),
            coalesce(has_schema_privilege(place.id, 'CREATE'), false),
            (SELECT quote_ident(pg_get_userbyid(relowner)) FROM ours
                WHERE NOT pg_has_role(relowner, 'USAGE') LIMIT 1),
            EXISTS (SELECT FROM ours JOIN pg_roles r ON r.oid = relowner WHERE r.rolsuper),
            EXISTS (SELECT FROM ours WHERE NOT (has_table_privilege(oid, 'SELECT')
                AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE')
                AND has_table_privilege(oid, 'DELETE')))
        FROM place
        """

    /// What the database reported about the role.
    struct Answer {
        var role: String
        var schema: String
        var exists: Bool
        var mayUse: Bool
        var mayCreate: Bool
        /// The owner of our tables, if the role may not act as that owner.
        var foreignOwner: String?
        var isOwnerSuperuser: Bool
        var lacksRows: Bool

        func advice(_ need: Need) -> String? {
            let statements = need == .schema ? schemaStatements : rowStatements
            if let owner = foreignOwner, need == .schema, statements.isEmpty {
                // To make the role a member of a superuser would give it too many rights.
                guard isOwnerSuperuser else { return mends(["GRANT \(owner) TO \(role)"]) }
                return "The tables belong to \(owner): set DATABASE_DIRECT_URL to connect as that role"
            }
            return statements.isEmpty ? nil : mends(statements)
        }

        private var schemaStatements: [String] {
            guard exists else { return ["CREATE SCHEMA \(schema) AUTHORIZATION \(role)"] }
            return mayUse && mayCreate ? [] : ["GRANT USAGE, CREATE ON SCHEMA \(schema) TO \(role)"]
        }

        private var rowStatements: [String] {
            let usage = mayUse ? [] : ["GRANT USAGE ON SCHEMA \(schema) TO \(role)"]
            guard lacksRows else { return usage }
            return usage + [
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema) TO \(role)"
            ]
        }

        private func mends(_ statements: [String]) -> String {
            "To fix this, run: " + statements.map { $0 + ";" }.joined(separator: " ")
        }
    }
}

extension MissingRights.Answer {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        role = try row.string(0)
        schema = try row.string(1)
        exists = try row.bool(2)
        mayUse = try row.bool(3)
        mayCreate = try row.bool(4)
        foreignOwner = try row.isNull(5) ? nil : row.string(5)
        isOwnerSuperuser = try row.bool(6)
        lacksRows = try row.bool(7)
    }
}

extension PostgresQuerying {
    /// Runs `body`. An error about missing rights gets the statement that grants them, see `MissingRights`. A pool
    /// looks for it on another connection, because the one of the refused statement has been returned.
    package func explainingRights<Value>(
        _ need: MissingRights.Need, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw await MissingRights.explained(error, need, on: self)
        }
    }
}
