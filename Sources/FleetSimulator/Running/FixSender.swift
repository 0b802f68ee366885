import HarborFleet

/// Sends fixes in POSTs of a bounded size, in order, and counts the results.
package struct FixSender: Sendable {
    /// What to do after a POST was given up after its last attempt.
    package enum UnreachablePolicy: Sendable {
        /// End the simulation: nothing is skipped silently.
        case end
        /// Continue with the next POST, for a demo that outlives restarts of its server.
        case carryOn
    }

    private let poster: SignedPoster
    private let progress: SimulationProgress
    private let unreachablePolicy: UnreachablePolicy

    package init(poster: SignedPoster, progress: SimulationProgress, unreachable: UnreachablePolicy) {
        self.poster = poster
        self.progress = progress
        unreachablePolicy = unreachable
    }

    /// Sends `fixes`, one POST after the other.
    /// - Parameters:
    ///   - end: at and after this instant nothing is retried.
    ///   - name: the name in messages of the fix at an index of `fixes`, counted from 0.
    /// - Returns: whether the server accepted any of them, now or before.
    /// - Throws: `SimulatorError` when continuing would be of no use; `CancellationError`.
    @discardableResult
    func send(
        _ fixes: some RandomAccessCollection<Fix>, perPost: Int, until end: ContinuousClock.Instant? = nil,
        name: (Int) -> String
    ) async throws -> Bool {
        var rest = fixes[...]
        var sentCount = 0
        var isAnyTaken = false
        while !rest.isEmpty {
            try Task.checkCancellation()
            let batch = rest.prefix(perPost)
            if try await post(batch, until: end, name: { name(sentCount + $0) }) { isAnyTaken = true }
            rest = rest.dropFirst(perPost)
            sentCount += batch.count
        }
        return isAnyTaken
    }

    private func post(
        _ fixes: some RandomAccessCollection<Fix>, until end: ContinuousClock.Instant?, name: (Int) -> String
    ) async throws -> Bool {
        do {
            let response = try await poster.post(fixes, until: end)
            progress.answered(response, fixes: fixes.count, name: name)
            return response.accepted > 0 || response.duplicates > 0
        } catch let error as SimulatorError {
            try failed(error, fixes: fixes.count)
            return false
        }
    }

    private func failed(_ error: SimulatorError, fixes: Int) throws(SimulatorError) {
        progress.failed(fixes: fixes, because: error)
        if case .unreachable = error, unreachablePolicy == .carryOn { return }
        throw error
    }
}
