internal import EventLoops
package import Supervision

/// The calls of a connection for use from any thread.
extension PostgresConnection: PostgresQuerying {
    /// The minimum time for a ROLLBACK.
    private static let rollbackTime: Duration = .milliseconds(200)

    /// Runs statements as one transaction. Several such batches may be in flight on one connection; they are
    /// executed in order.
    package func unit(
        _ statements: [PostgresStatement], timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        try await run(WorkUnit(.statements(statements), timeout: timeout ?? configuration.statementTimeout))
    }

    /// Runs several statements given as one string, without parameters. They form one transaction unless they say
    /// otherwise. A single statement may also be one that must not run in a transaction.
    @discardableResult
    package func execute(
        script: String, timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        try await run(WorkUnit(.script(script), timeout: timeout ?? configuration.statementTimeout))
    }

    /// Runs `body` between BEGIN and COMMIT, or ROLLBACK when it throws.
    /// - Parameter deadline: when BEGIN and COMMIT must have completed, otherwise the connection is closed; nil
    ///   allows `statementTimeout` for each. The statements in `body` have time limits of their own.
    package func transaction<Value>(
        by deadline: Deadline? = nil, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        _ = try await query("BEGIN", timeout: deadline?.left)
        do {
            let value = try await body(self)
            let tag = try await query("COMMIT", timeout: deadline?.left).commandTag
            // The server responds to COMMIT with ROLLBACK when a statement failed and `body` did not throw its error.
            guard tag == "COMMIT" else { throw PostgresError(.closed, "the transaction had already failed") }
            return value
        } catch {
            await rollBack(by: deadline)
            throw error
        }
    }

    /// Also runs in a cancelled task, and for a moment after the deadline. Without the ROLLBACK the connection
    /// would be lost.
    private func rollBack(by deadline: Deadline?) async {
        let left = deadline.map { max($0.left, Self.rollbackTime) }
        let unit = WorkUnit(
            .statements([PostgresStatement("ROLLBACK")]), timeout: left ?? configuration.statementTimeout)
        _ = await unit.outcome(on: loop) { [self] in submit(unit) }
    }

    /// A batch without time left is not sent, because its time-out would close the connection.
    private func run(_ unit: WorkUnit) async throws(PostgresError) -> [PostgresRows] {
        guard unit.timeout > .zero else { throw .timeIsOver }
        return try await unit.value(on: loop) { [self] in
            submit(unit)
        } onCancel: { [self] in
            abandon(unit)
        }
    }
}
