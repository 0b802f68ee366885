extension BlockingQueue {
    /// Runs `work` behind all that was given before; a cancelled Task waits for it all the same.
    func runThrowing<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await run { Result(catching: work) }.get()
    }
}
