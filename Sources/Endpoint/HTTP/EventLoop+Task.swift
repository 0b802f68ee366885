internal import EventLoops

extension EventLoop {
    /// Starts a task that runs on the loop and returns to it after each await.
    func task(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self, operation: operation)
    }
}
