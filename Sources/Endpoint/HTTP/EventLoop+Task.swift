internal import EventLoops

extension EventLoop {
    /// Starts a task whose own code runs on the loop, whatever it awaits.
    func task(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self, operation: operation)
    }
}
