internal import EventLoops
package import Supervision

/// What callers ask of a connection, from any thread.
extension PostgresConnection: PostgresQuerying {
    /// What a ROLLBACK gets at least.
    private static let rollbackTime: Duration = .milliseconds(200)

    /// Several units may be in flight on one connection; they are done in order.
    package func unit(
        _ statements: [PostgresStatement], timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        try await run(WorkUnit(.statements(statements), timeout: timeout ?? configuration.statementTimeout))
    }

    /// Runs several statements given as one string, without parameters, as one transaction unless they say
    /// otherwise; or a single one that wants no transaction around it.
    @discardableResult
    package func execute(
        script: String, timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        try await run(WorkUnit(.script(script), timeout: timeout ?? configuration.statementTimeout))
    }

    /// Runs `body` between BEGIN and COMMIT, or ROLLBACK when it throws.
    /// - Parameter deadline: when these must have been answered, else the connection is given up; nil is
    ///   `statementTimeout` after each. What `body` runs has times of its own.
    package func transaction<Value>(
        by deadline: Deadline? = nil, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        _ = try await query("BEGIN", timeout: deadline?.left)
        do {
            let value = try await body(self)
            let tag = try await query("COMMIT", timeout: deadline?.left).commandTag
            // The answer to COMMIT after an error that `body` did not pass on.
            guard tag == "COMMIT" else { throw PostgresError(.closed, "the transaction had failed before") }
            return value
        } catch {
            await rollBack(by: deadline)
            throw error
        }
    }

    /// Goes on in a task that is cancelled, and for a moment when the time is over: the connection would be lost without.
    private func rollBack(by deadline: Deadline?) async {
        let left = deadline.map { max($0.left, Self.rollbackTime) }
        let unit = WorkUnit(
            .statements([PostgresStatement("ROLLBACK")]), timeout: left ?? configuration.statementTimeout)
        _ = await unit.outcome(on: loop) { [self] in submit(unit) }
    }

    /// What has no time left is not sent: the connection would be given up for it.
    private func run(_ unit: WorkUnit) async throws(PostgresError) -> [PostgresRows] {
        guard unit.timeout > .zero else { throw .timeIsOver }
        return try await unit.value(on: loop) { [self] in
            submit(unit)
        } onCancel: { [self] in
            abandon(unit)
        }
    }
}
